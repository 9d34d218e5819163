import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { errorPage } from '../../../scripts/error-docs.ts';
import { errorKinds, errors } from '../../../src/core/errors/errors.ts';
import { explain } from '../../../src/features/explain/command.ts';
import { findError, likeError } from '../../../src/features/explain/find.ts';
import { errorText } from '../../../src/features/explain/text.ts';

const plain = (text: string) => text;
const paint = { good: plain, warn: plain, bad: plain, dim: plain, bold: plain };

/** Runs the program where no setting is right. */
function bmtool(...args: readonly string[]) {
  const env = { ...process.env, NETBOX_URL: 'not a URL' };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/bmtool.js', ...args], { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test.each([
  'BM-201',
  'bm-201',
  'BM201',
  '201',
  'netbox-unreachable',
  'NetBox-Unreachable',
  'error[BM-201]:',
  ' BM-201 ',
])('%j is one error', typed => {
  expect(findError(typed)).toBe('netbox-unreachable');
});

test.each([
  ['BM-2011', []],
  ['BM-998', ['bug']],
  ['token', ['token-refused', 'token-may-not-read', 'token-may-not-write']],
  ['token-write', ['token-may-not-write', 'token-refused', 'token-may-not-read']],
  ['', []],
  ['nothing-like-it?', ['nothing-put-out', 'nothing-to-undo']],
])('%j is none, and is like %j', (typed, like) => {
  expect(findError(typed)).toBeUndefined();
  expect(likeError(typed)).toEqual(like);
});

it.each(errorKinds)('the text of %s fits a terminal of 80 columns', kind => {
  for (const block of errorText(kind, { paint }))
    for (const line of 'text' in block ? block.text.split('\n') : []) expect(line.length).toBeLessThanOrEqual(80);
});

describe('bmtool explain', { timeout: 30_000 }, () => {
  it('tells of one error, whatever the settings are', () => {
    const { status, stdout, stderr } = bmtool('explain', '132');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^BM-132 {2}NETBOX_URL is no address of a NetBox\nExit code 2 .*bad-netbox-url\n\n/);
    expect(stdout).toContain('\n\n  export NETBOX_URL=https://netbox.example.com\n');
  });

  it('lists all, a row for each', () => {
    const { status, stdout } = bmtool('explain');
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(errorKinds.length);
    expect(stdout).toContain(`BM-201\t${errors['netbox-unreachable'].title}\t5\n`);
  });

  it('is a document with --json', () => {
    const { result } = JSON.parse(bmtool('explain', 'bug', '--json').stdout);
    expect(result).toEqual({
      code: 'BM-999',
      kind: 'bug',
      exit: 1,
      title: 'A bug in bmtool',
      says: expect.stringMatching(/^Something happened.*\n\n {2}bmtool runs list\n {2}bmtool doctor --json$/s),
    });
  });

  it('names the nearest of what there is not', async () => {
    await expect(explain.run({ code: 'BM-998' }, {}, undefined)).rejects.toMatchObject({
      exit: 2,
      message: 'There is no error code BM-998',
      next: 'Near it: BM-999 (bug). bmtool explain lists all of them.',
    });
  });
});

test('docs/errors.md is as the code has it', () => {
  expect(readFileSync('docs/errors.md', 'utf8'), 'run: node scripts/error-docs.ts').toBe(errorPage());
});
