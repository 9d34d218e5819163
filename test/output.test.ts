import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'bmtool-output-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the program in a shell, which decides where its output goes. */
function shell(line: string) {
  const env = { ...process.env, BMTOOL: `${process.execPath} bin/bmtool.js`, BMTOOL_STATE_DIR: folder };
  const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', line], { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** On it every write fails as on a full disk (ENOSPC). */
const noFull = existsSync('/dev/full') ? '' : ', left out: there is no /dev/full here';

describe.skipIf(noFull !== '')(`output that nothing takes${noFull}`, { timeout: 60_000 }, () => {
  const refused = /^error\[BM-950\]: Cannot write the output: ENOSPC[^\n]*\n {2}Make room [^\n]*\n$/;

  test.each(['--help', '--version', 'runs list --json', 'explain', 'explain 201 --json', 'lod-macs --json'])(
    '%s says so in one line and what to do, and fails',
    args => {
      const { status, stderr } = shell(`$BMTOOL ${args} >/dev/full`);
      if (args.startsWith('lod')) expect([status, stderr]).toEqual([2, expect.stringMatching(/^error\[BM-101\]: /)]);
      else expect([status, stderr]).toEqual([1, expect.stringMatching(refused)]);
    },
  );

  test('talk that nothing takes stops nothing', () => {
    const { status, stdout } = shell('$BMTOOL explain 201 --json 2>/dev/full');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).result.code).toBe('BM-201');
    expect(shell('$BMTOOL lod-macs 2>/dev/full').status).toBe(2);
  });
});

test('a reader that has gone is no error', { timeout: 60_000 }, () => {
  const { status, stderr } = shell('for i in 1 2 3; do $BMTOOL explain --json | head -c 10 >/dev/null; done');
  expect([status, stderr]).toEqual([0, '']);
});
