import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test, vi } from 'vitest';
import { checkDocuments } from './support/documents.ts';
import { program } from './support/program.ts';

/*
 * What can be asked where there is no service, held against the schemas. All other documents are in the acceptance tests.
 */

// A process each, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'bmtool-documents-'));
const [command, ...before] = program;

function run(...args: string[]) {
  const env = {
    PATH: process.env.PATH,
    BMTOOL_STATE_DIR: folder,
    NETBOX_URL: 'http://127.0.0.1:9',
    REDIS_PORT: '9',
    PGPORT: '9',
  };
  return spawnSync(command, [...before, ...args], { cwd: folder, env, encoding: 'utf8' });
}

test.each([
  { line: 'runs list', exit: 0 },
  { line: 'runs show x', exit: 2 },
  { line: 'lab status', exit: 0 },
  { line: 'lab down', exit: 0 },
  { line: 'lab env', exit: 5 },
  { line: 'doctor', exit: 1 },
  { line: 'schema', exit: 0 },
  { line: 'schema load-macs', exit: 0 },
  { line: 'dhcp spool', exit: 0 },
  { line: 'dhcp unknown', exit: 0 },
  { line: 'dhcp dead list', exit: 0 },
  { line: 'dhcp install --server kea', exit: 0 },
  { line: `dhcp tap --dry-run --replay ${resolve('fixtures/dhcp/captures/kea-dora.pcap')}`, exit: 0 },
  { line: 'state show', exit: 5 },
  { line: 'load-macs nowhere.csv', exit: 2 },
  { line: 'no command', exit: 2 },
  { line: 'runs show', exit: 2 },
])('$line', ({ line, exit }) => {
  const { stdout, stderr, status } = run(...line.split(' '), '--json');
  expect(status, stderr).toBe(exit);
  expect(stdout).not.toBe('');
  checkDocuments(stdout);
});

test('a call of a hook, explained', () => {
  const { stdout, status } = run('dhcp', 'hook', '--json', 'commit', '10.20.0.5', '94:40:c9:0:0:1', 'ilo');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ result: { events: [{ data: { hostname: 'ilo' } }] } });
  checkDocuments(stdout);
});

test('each lease that is news in a lease file, one document a line', () => {
  const leases = [1, 2].map(n => `9999999999 94:40:c9:00:00:0${n} 10.20.0.${n} ilo *\n`);
  writeFileSync(join(folder, 'dnsmasq.leases'), leases.join(''));
  const { stdout, status } = run('dhcp', 'follow', 'dnsmasq.leases', '--once', '--dry-run', '--json');
  expect([stdout.trimEnd().split('\n').length, status]).toEqual([2, 0]);
  checkDocuments(stdout);
});

test.each([
  { typed: ['snapshot', 'svae'], meant: 'Did you mean snapshot save' },
  { typed: ['runs'], meant: 'bmtool schema runs, and one of: list, show' },
  { typed: ['dhcp-dead'], meant: 'bmtool schema dhcp dead, and one of: drop, list, retry, show' },
  { typed: ['dhcp-lease'], meant: 'Did you mean dhcp-lease.v1' },
])('a schema of $typed is none: $meant', ({ typed, meant }) => {
  const { stdout, stderr, status } = run('schema', ...typed);
  expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  expect(stderr).toContain(meant);
});

test.each([
  ['man show snapshot-restore', '.TH BMTOOL\\-SNAPSHOT\\-RESTORE'],
  ['man bmtool-snapshot-restore', '.TH BMTOOL\\-SNAPSHOT\\-RESTORE'],
  ['man bmtool', '.TH BMTOOL 1'],
  ['man runs', '.TH BMTOOL\\-RUNS\\-LIST'],
  ['help snapshot-restore', 'Usage: bmtool snapshot restore'],
  ['help dhcp-dead', 'Usage: bmtool dhcp dead'],
  ['schema bmtool-runs-list', '"const": "runs list"'],
  ['schema load-macs', '"const": "load-macs"'],
])('bmtool %s: a command is known by the name of its page, too', (line, has) => {
  expect(run(...line.split(' ')).stdout).toContain(has);
});

test('a schema is printed as it is published, of a command and of an event', () => {
  for (const name of ['runs list', 'dhcp-lease.v1']) {
    const { result } = JSON.parse(run('schema', ...name.split(' '), '--json').stdout);
    expect(JSON.parse(run('schema', ...name.split(' ')).stdout)).toEqual(result);
    expect(result.$schema).toContain('2020-12');
  }
});
