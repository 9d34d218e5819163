import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { commands } from '../../src/commands.ts';
import { findPgPrograms } from '../support/pg-programs.ts';
import { program } from '../support/program.ts';
import { inTerminal } from '../support/terminal.ts';
import { isThorough } from '../support/tries.ts';

/*
 * Every example of every --help, typed in a shell in the order of a day, beside a lab that the first of them brings up and the last takes down.
 */

type Typed = {
  readonly line: string;
  /** 0 where it is not said. */
  readonly exit?: number;
  /** What has to happen first that no example does. */
  readonly before?: readonly string[];
  /** Ended by Ctrl-C as soon as it says this. */
  readonly untilItSays?: string;
  /** On a terminal: what it asks → what is typed. */
  readonly answers?: readonly (readonly [asked: string, typed: string])[];
  /** Why it is not run; only for what this machine lacks. */
  readonly lacks?: string | undefined;
};

const isRoot = process.getuid?.() === 0;
const has = (name: string) => ['/usr/bin', '/usr/sbin', '/bin'].some(folder => readdirSync(folder).includes(name));
const enter = '\r';

const day: readonly Typed[] = [
  { line: 'bmtool start' },
  { line: 'bmtool help phases' },
  { line: 'bmtool help snapshot restore' },
  { line: 'bmtool explain BM-201' },
  { line: 'bmtool explain' },
  { line: 'bmtool schema load-macs' },
  { line: 'bmtool schema runs list' },
  { line: 'bmtool schema dhcp-lease.v1' },
  { line: 'bmtool man snapshot restore | man -l -', lacks: has('man') ? undefined : 'man' },
  { line: 'bmtool man > bmtool.1' },
  { line: 'bmtool man install' },
  { line: 'bmtool man install --dir /usr/local/share/man' },
  { line: 'bmtool completion bash' },
  { line: 'bmtool completion install' },
  { line: 'bmtool completion install --shell fish' },
  { line: 'bmtool complete fish -- state r' },

  { line: 'bmtool lab up --servers 24' },
  { line: 'bmtool lab up' },
  { line: 'bmtool lab status' },
  { line: 'eval "$(bmtool lab env)"' },
  { line: 'bmtool lab logs' },
  { line: 'bmtool lab logs worker --lines 100' },
  { line: 'bmtool doctor' },
  { line: 'bmtool doctor --json' },
  {
    line: 'bmtool init',
    answers: [
      ['Address of NetBox', enter],
      ['Token', `0123456789abcdef0123456789abcdef01234567${enter}`],
    ],
  },

  { line: 'bmtool load-macs servers.csv --dry-run' },
  { line: 'bmtool load-macs servers.csv --report out.csv' },
  { line: 'bmtool load-macs new.csv --serial-column "Serial No" --mac-column "iLO MAC"' },
  { line: 'cat servers.csv | bmtool load-macs - --json' },
  { line: 'bmtool runs list --limit 5' },
  { line: 'bmtool runs show 20261121-071233-k3f --verbose' },
  { line: 'bmtool undo 20261121-071233-k3f --dry-run' },
  { line: 'bmtool undo' },
  { line: 'bmtool why srv-r1-u1' },

  { line: 'bmtool dhcp hook --explain commit 10.20.0.5 94:40:c9:0:0:1 ilo' },
  { line: 'bmtool dhcp install --server kea' },
  { line: 'sudo bmtool dhcp install --server isc --write' },
  { line: 'sudo bmtool dhcp install --server tap --interface ens3 --write' },
  { line: 'bmtool dhcp tap --replay dhcp.pcap --dry-run' },
  {
    line: 'bmtool dhcp tap --interface ens3',
    untilItSays: 'istening',
    lacks: isRoot && has('tcpdump') ? undefined : 'tcpdump, or root',
  },
  { line: 'bmtool dhcp follow /var/lib/misc/dnsmasq.leases --once --dry-run' },
  { line: 'bmtool dhcp follow /var/lib/kea/kea-leases4.csv --once' },
  { line: 'bmtool dhcp follow /var/lib/dhcp/dhcpd.leases', untilItSays: 'Following' },
  { line: 'bmtool dhcp spool --limit 100' },
  { line: 'bmtool dhcp spool --via redis' },
  { line: 'bmtool dhcp decide --mac 94:40:c9:00:00:01 --ip 10.20.0.5' },
  { line: 'bmtool dhcp decide --mac 94:40:c9:00:00:01 --ip 10.20.0.5 --vendor-class iDRAC' },
  {
    line: 'bmtool dhcp replay --fleet --rate 20',
    before: ['bmtool load-macs new.csv --serial-column "Serial No" --mac-column "iLO MAC"'],
  },
  { line: 'bmtool dhcp worker --once' },
  { line: 'bmtool dhcp worker', untilItSays: 'Waiting for lease events' },
  { line: 'bmtool why 94:40:c9:00:00:01 --via redis' },
  { line: 'bmtool dhcp unknown' },
  { line: 'bmtool dhcp dead list' },
  { line: 'bmtool dhcp dead show 1' },
  { line: 'bmtool dhcp dead retry --all', exit: 1 },
  { line: 'bmtool dhcp dead drop 1 --yes' },

  { line: 'bmtool state restore 0 --dry-run --verbose' },
  { line: 'bmtool state restore 1' },
  { line: 'bmtool state show' },
  { line: 'bmtool snapshot save 1' },
  { line: 'bmtool snapshot diff 1' },
  { line: 'bmtool state restore 1 --via snapshot' },
  { line: 'bmtool state restore 2 --limit 10' },
  { line: 'bmtool verify cables', exit: 3 },
  { line: 'bmtool verify 2', exit: 3 },
  { line: 'bmtool snapshot diff 1 2 --verbose', before: ['bmtool snapshot save 2'], exit: 3 },
  { line: 'bmtool snapshot save before-upgrade --note "4.7.2, all quiet"' },
  { line: 'bmtool snapshot list' },
  { line: 'bmtool snapshot show 1' },
  { line: 'bmtool snapshot export 1' },
  { line: 'bmtool snapshot export live /backup/netbox.bmsnap' },
  { line: 'bmtool snapshot import snapshots/1-20261121-113012.bmsnap' },
  { line: 'bmtool snapshot restore 1 --dry-run' },
  { line: 'bmtool snapshot restore 1' },
  { line: 'bmtool snapshot undo' },
  {
    line: 'bmtool snapshot restore',
    answers: [
      ['Which snapshot', enter],
      ['(y/N)', `y${enter}`],
    ],
  },
  { line: 'bmtool snapshot diff 1 1 --timestamp 20261121-1130' },
  { line: 'bmtool snapshot restore 1 --timestamp 20261121-1130' },
  { line: 'bmtool snapshot restore-file before.bmsnap', before: ['bmtool snapshot export live before.bmsnap'] },
  { line: 'bmtool snapshot delete 1 --timestamp 20261121-1130 --yes' },
  { line: 'bmtool snapshot delete 1' },
  { line: 'bmtool snapshot prune --keep 3 --dry-run' },
  { line: 'bmtool snapshot prune --keep 3' },
  { line: 'bmtool snapshot recover' },
  { line: 'bmtool state restore 1 --through-events' },
  { line: 'bmtool lab reset --yes' },
  { line: 'bmtool lab down' },
  { line: 'bmtool lab down --purge --yes' },
];

const place = mkdtempSync(join(tmpdir(), 'bmtool-examples-'));
const env: Record<string, string | undefined> & { BMTOOL_STATE_DIR: string } = {
  PATH: `${join(place, 'bin')}:${process.env.PATH}`,
  HOME: process.env.HOME,
  XDG_DATA_HOME: join(place, 'data'),
  XDG_CONFIG_HOME: join(place, 'config'),
  BMTOOL_STATE_DIR: join(place, 'state'),
  LAB_PORTS: 'auto',
  SHELL: '/bin/bash',
  TERM: 'xterm',
};

describe('the examples', () => {
  layOut();
  afterAll(async () => {
    await typed('bmtool lab down --purge --yes');
    rmSync(place, { recursive: true, force: true });
  });

  test('are all here', () => {
    const shown = commands.flatMap(({ examples }) => examples.map(({ line }: { line: string }) => line));
    expect(new Set(day.map(({ line }) => line))).toEqual(new Set(shown));
  });

  for (const { line, exit = 0, before = [], untilItSays, answers, lacks } of day) {
    test.skipIf(lacks !== undefined || !isThorough)(lacks ? `${line} (not here: no ${lacks})` : line, async () => {
      for (const each of before) expect((await typed(each)).exitCode, each).toBe(0);
      await makeReady(line);
      const here = await asItIsHere(line);
      if (untilItSays !== undefined) await untilInterrupted(here, untilItSays);
      else if (answers) await answering(here, answers, exit);
      else {
        const { exitCode, all } = await typed(here);
        expect(exitCode, `${here}\n${all}`).toBe(exit);
      }
    });
  }
});

/** Files that the examples name. */
function layOut(): void {
  const folders = ['bin', 'var/lib/dhcp', 'var/lib/kea', 'var/lib/misc', 'backup', 'share/man'];
  for (const folder of folders) mkdirSync(join(place, folder), { recursive: true });
  const quoted = program.map(word => `'${word}'`).join(' ');
  writeFileSync(join(place, 'bin', 'bmtool'), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
  copyFileSync('fixtures/dhcp/captures/kea-dora.pcap', join(place, 'dhcp.pcap'));
  copyFileSync('fixtures/dhcp/leases/dhcpd.leases', join(place, 'var/lib/dhcp/dhcpd.leases'));
  copyFileSync('fixtures/dhcp/leases/kea-leases4.csv', join(place, 'var/lib/kea/kea-leases4.csv'));
  copyFileSync('fixtures/dhcp/leases/dnsmasq.leases', join(place, 'var/lib/misc/dnsmasq.leases'));
}

/** What a person would have at hand at this point: a supplier's sheet, a dead letter. */
async function makeReady(line: string): Promise<void> {
  if (line.startsWith('bmtool load-macs servers.csv --dry-run')) {
    const rows = await serversOfLab();
    writeFileSync(join(place, 'servers.csv'), ['server_serial,server_bmc_mac', ...rows.slice(0, 12), ''].join('\n'));
    writeFileSync(join(place, 'new.csv'), ['Serial No,iLO MAC', ...rows.slice(12), ''].join('\n'));
  }
  if (line === 'bmtool snapshot export 1') env.BMTOOL_PG_BIN = await findPgPrograms(env.BMTOOL_STATE_DIR);
  if (line === 'bmtool dhcp dead list' || line === 'bmtool dhcp dead drop 1 --yes') {
    const spool = join(place, 'state', 'spool');
    mkdirSync(spool, { recursive: true });
    writeFileSync(join(spool, 'inbox'), 'no event\n', { flag: 'a' });
    await typed('bmtool dhcp worker --once');
  }
}

async function serversOfLab(): Promise<string[]> {
  const { stdout } = await typed('bmtool lab env --json');
  const { NETBOX_URL, NETBOX_TOKEN } = JSON.parse(stdout).result;
  const answer = await fetch(`${NETBOX_URL}/api/dcim/devices/?name__isw=srv-&limit=100&fields=serial`, {
    headers: { Authorization: `Token ${NETBOX_TOKEN}` },
  });
  const { results } = (await answer.json()) as { results: { serial: string }[] };
  return results.map(({ serial }, i) => `${serial},94:40:c9:00:00:${(i + 1).toString(16).padStart(2, '0')}`);
}

/** The same line with what has another name here: paths of other machines, ids and times of another day. */
async function asItIsHere(line: string): Promise<string> {
  let here = line
    .replace(/^sudo /, '')
    .replace(/ --write$/, ` --write --root ${place}`)
    .replaceAll(/ (\/var\/lib\/|\/backup\/)/g, ` ${place}$1`)
    .replace('/usr/local/share/man', join(place, 'share/man'))
    .replace('--interface ens3', '--interface lo');
  if (here.includes('20261121-071233-k3f')) {
    const { stdout } = await typed('bmtool runs list');
    here = here.replace('20261121-071233-k3f', stdout.split('\t')[0] ?? '');
  }
  if (/20261121-1130$|20261121-1130 /.test(here)) {
    const { stdout } = await typed('bmtool snapshot list');
    const ones = stdout
      .split('\n')
      .map(row => row.split('\t'))
      .filter(([name]) => name === '1');
    here = here.replace('20261121-1130', ones.at(-1)?.[1] ?? '');
  }
  if (here.includes('1-20261121-113012.bmsnap')) {
    const file = readdirSync(join(place, 'snapshots')).find(name => name.startsWith('1-'));
    here = here.replace('1-20261121-113012.bmsnap', file ?? '');
  }
  return here;
}

async function typed(line: string) {
  const ran = await execa('bash', ['-o', 'pipefail', '-c', line], {
    cwd: place,
    env,
    extendEnv: false,
    reject: false,
    all: true,
  });
  return { exitCode: ran.exitCode, stdout: ran.stdout, all: ran.all };
}

async function untilInterrupted(line: string, says: string): Promise<void> {
  const [, ...args] = line.split(' ');
  const child = execa(join(place, 'bin', 'bmtool'), args, {
    cwd: place,
    env,
    extendEnv: false,
    reject: false,
    all: true,
  });
  let said = '';
  let told = false;
  child.all?.on('data', piece => {
    said += piece;
    if (!told && said.includes(says)) told = child.kill('SIGINT');
  });
  const { exitCode, all } = await child;
  expect(said, all).toContain(says);
  expect([0, 130], all).toContain(exitCode);
}

async function answering(line: string, answers: NonNullable<Typed['answers']>, exit: number): Promise<void> {
  const left = [...answers];
  let from = 0;
  const { text, code } = await inTerminal(`bash -c 'cd ${place}; ${line}'`, env, (said, type) => {
    const [asked, keys] = left[0] ?? ['', ''];
    if (asked === '' || !said.slice(from).includes(asked)) return;
    from = said.length;
    left.shift();
    type(keys);
  });
  expect(left, text).toEqual([]);
  expect(code, text).toBe(exit);
  if (line === 'bmtool init')
    expect(readFileSync(join(place, '.env'), 'utf8')).toMatch(/^NETBOX_URL=.+\nNETBOX_TOKEN=.+\n$/);
}
