import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { labEnv } from '../support/lab-env.ts';
import { macOf } from '../support/manifest.ts';
import { resetLab, servers } from '../support/netbox.ts';
import { program } from '../support/program.ts';

/*
 * The examples of docs/output.md, as they stand there.
 */

const hasJq = spawnSync('jq', ['--version']).status === 0;
const page = readFileSync('docs/output.md', 'utf8');
const examples = [...page.slice(page.indexOf('## With jq')).matchAll(/```sh\n(.+)\n```/g)].map(([, line = '']) => line);

/** In the order of the page. */
const answers = [
  /^3\tNO-SUCH-SERIAL\tnot-found\t.+\n$/,
  /^\d+\n$/,
  /^(\d{8}-\d{6}-\w+|no runs yet)\n$/,
  /^([\w ]+: .+\n)*$/,
  /^([0-9A-F:]{17} [\d.]+\n)+$/,
  /^exit 2: .*nonsense.*\n$/,
];

const folder = mkdtempSync(join(tmpdir(), 'bmtool-output-'));

beforeAll(async () => {
  await resetLab();
  const [first] = await servers(1);
  writeFileSync(
    join(folder, 'manifest.csv'),
    `server_serial,server_bmc_mac\n${first?.serial},${macOf(1)}\nNO-SUCH-SERIAL,${macOf(2)}\n`,
  );
  copyFileSync(resolve('fixtures/dhcp/captures/kea-dora.pcap'), join(folder, 'dhcp.pcap'));
});

test('each example has an answer here', () => {
  expect(examples).toHaveLength(answers.length);
});

test.skipIf(!hasJq).for(answers.map((answer, i) => [examples[i] ?? '', answer] as const))(
  hasJq ? '%s' : '%s (left out: needs jq)',
  ([line, answer]) => {
    const { BMTOOL_STATE_DIR = '', LAB_PORTS = '' } = labEnv();
    const words = program.map(word => `'${word}'`).join(' ');
    const ran = spawnSync('bash', ['-c', `bmtool() { ${words} "$@" 2>told; }; ${line}`], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: process.env.HOME, BMTOOL_STATE_DIR, LAB_PORTS },
    });
    expect(ran.stderr).toBe('');
    expect(ran.stdout).toMatch(answer);
  },
);
