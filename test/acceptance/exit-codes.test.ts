import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { exitsOf } from '../../src/cli/exits.ts';
import { commands } from '../../src/commands.ts';
import type { ExitCode } from '../../src/core/failure.ts';
import { bmtool } from '../support/bmtool.ts';
import { labEnv } from '../support/lab-env.ts';
import { resetLab } from '../support/netbox.ts';
import { program } from '../support/program.ts';

/*
 * Whether each command ends with the codes that its --help lists; that it ends with no others is looked at wherever a test runs it (support/exit-codes.ts).
 */

const place = mkdtempSync(join(tmpdir(), 'bmtool-exits-'));
const file = (name: string, text: string | Buffer) => {
  writeFileSync(join(place, name), text);
  return join(place, name);
};
const manifest = file('servers.csv', 'server_serial,server_bmc_mac\nNOBODY-HAS-THIS,94:40:c9:00:00:01\n');
/** Its first packet says that it is longer than any. */
const damaged = readFileSync('fixtures/dhcp/captures/kea-dora.pcap').fill(0xff, 24 + 8, 24 + 16);
const leases = 'fixtures/dhcp/leases/dhcpd.leases';

/** Words that each command needs to come as far as its services. */
const words: Readonly<Record<string, readonly string[]>> = {
  'load-macs': [manifest],
  'state restore': ['1', '--yes'],
  'snapshot save': ['some'],
  'snapshot restore': ['some', '--yes'],
  'snapshot undo': ['--yes'],
  'snapshot show': ['some'],
  'snapshot diff': ['some'],
  'snapshot delete': ['some', '--yes'],
  'snapshot prune': ['--keep', '9', '--yes'],
  'snapshot export': ['live', join(place, 'out.bmsnap')],
  why: ['srv-r1-u1'],
  'dhcp worker': ['--once'],
  'dhcp replay': ['--fleet', '--yes'],
  'dhcp decide': ['--mac', '94:40:c9:00:00:01', '--ip', '10.20.0.9'],
  'dhcp spool': ['--via', 'redis'],
  'dhcp unknown': ['--via', 'redis'],
  'dhcp dead list': ['--via', 'redis'],
  'dhcp dead show': ['1', '--via', 'redis'],
  'dhcp dead retry': ['--all', '--via', 'redis'],
  'dhcp dead drop': ['--all', '--via', 'redis', '--yes'],
  undo: ['--yes'],
};

const asking: Readonly<Record<string, readonly string[]>> = {
  'lab down': ['lab', 'down', '--purge'],
  'lab reset': ['lab', 'reset'],
};

/** Nobody is there. */
const away = {
  BMTOOL_STATE_DIR: join(place, 'state'),
  NETBOX_URL: 'http://127.0.0.1:9',
  REDIS_HOST: '127.0.0.1',
  REDIS_PORT: '9',
  PGHOST: '127.0.0.1',
  PGPORT: '9',
};

/** Commands whose 4 or 5 needs more than services that are away, and where it is tested. */
const elsewhere: Readonly<Record<string, string>> = {
  init: 'asks on a terminal: packaged/examples.test.ts, features/init',
  'lab up': 'lab/repair.lab.test.ts, with PyPI away',
  'snapshot import': 'snapshot-files.test.ts: the file is read first',
  'snapshot restore-file': 'snapshot-files.test.ts: the file is read first',
  'dhcp install': 'below, as nobody',
  'dhcp dead drop': 'leases-faults.test.ts and packaged/examples.test.ts have letters to drop',
  'dhcp tap': 'adapters/capture/tap.test.ts, without the right to listen',
};

const shown = commands.filter(({ hidden }) => !hidden);
const withCode = (code: ExitCode) =>
  shown.filter(command => exitsOf(command).some(one => one.code === code) && !(command.path in elsewhere));
const typed = (path: string) => [...path.split(' '), ...(words[path] ?? [])];

test.each(shown.map(({ path }) => path))('%s: an option that there is not is 2', async path => {
  expect((await bmtool([...path.split(' '), '--no-such-option'])).exitCode).toBe(2);
});

test.each(withCode(5).map(({ path }) => path))('%s: services that are away are 5', async path => {
  const { exitCode, stderr } = await bmtool([...typed(path), '--timeout', '1'], { env: away });
  expect(exitCode, stderr).toBe(5);
});

test.skipIf(process.getuid?.() !== 0)('dhcp install --write: files that only root may write are 4 (needs root)', () => {
  const [command, ...before] = program;
  const args = ['dhcp', 'install', '--server', 'isc', '--write', '--root', '/usr'];
  const env = { PATH: process.env.PATH, BMTOOL_STATE_DIR: '/tmp/nobody-is-here' };
  const { status, stderr } = spawnSync(command, [...before, ...args], {
    uid: 65_534,
    gid: 65_534,
    env,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(4);
});

describe('beside a lab', () => {
  beforeAll(() => resetLab());

  test.each(withCode(4).map(({ path }) => path))('%s: a token or a password that is wrong is 4', async path => {
    const { NETBOX_URL = '', REDIS_PORT = '', PGPORT = '' } = labEnv();
    const env = {
      ...away,
      NETBOX_URL,
      NETBOX_TOKEN: 'f'.repeat(40),
      REDIS_HOST: '127.0.0.1',
      REDIS_PORT,
      PGPORT,
      PGUSER: 'netbox',
      PGPASSWORD: 'wrong',
    };
    // What asks and opens nothing that is closed is refused where the target is protected.
    const { exitCode, stderr } = await bmtool(asking[path] ?? typed(path), {
      env: asking[path] ? { BMTOOL_PROTECTED: 'on' } : env,
    });
    expect(exitCode, stderr).toBe(4);
  });

  /** What else a command tells by its exit code. */
  const own: readonly {
    readonly code: 1 | 3;
    readonly args: readonly string[];
    readonly env?: Record<string, string>;
  }[] = [
    { code: 1, args: ['load-macs', manifest] },
    { code: 1, args: ['dhcp', 'hook', '--explain', 'nonsense'] },
    { code: 1, args: ['dhcp', 'install', '--server', 'isc', '--write', '--root', '/proc/nowhere'] },
    { code: 1, args: ['dhcp', 'follow', leases, '--once'], env: { BMTOOL_STATE_DIR: '/proc/nowhere' } },
    {
      code: 1,
      args: ['dhcp', 'tap', '--dry-run', '--replay', file('damaged.pcap', damaged)],
    },
    {
      code: 1,
      args: ['state', 'restore', '1', '--limit', '1'],
      env: { BMTOOL_BMC_INTERFACES: 'nothing-is-called-so' },
    },
    { code: 3, args: ['verify', '1'] },
    { code: 1, args: ['dhcp', 'replay', '--fleet', '--limit', '2', '--yes'] },
    { code: 1, args: ['completion', 'install', '--shell', 'fish'], env: { XDG_CONFIG_HOME: '/proc/nowhere' } },
    { code: 1, args: ['man', 'install', '--dir', '/proc/nowhere'] },
    { code: 1, args: ['doctor', '--timeout', '1'], env: away },
    { code: 1, args: ['lab', 'logs'], env: { BMTOOL_STATE_DIR: join(place, 'no-lab') } },
  ];
  test.each(own)('$args ends with $code', async ({ code, args, env = {} }) => {
    const { exitCode, stdout, stderr } = await bmtool(args, { env });
    expect(exitCode, stdout + stderr).toBe(code);
  });
});
