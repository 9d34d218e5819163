import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LeaseEvent } from '../../../src/core/lease.ts';
import { bmtool, startBmtool } from '../../support/bmtool.ts';

const programs = ['dhcpd', 'kea-dhcp4', 'dnsmasq', 'udhcpc', 'ip'];
const path = `${process.env.PATH}:/usr/sbin:/sbin`;
const missing = programs.filter(
  name => spawnSync('sh', ['-c', `command -v ${name}`], { env: { PATH: path } }).status !== 0,
);
const why =
  process.getuid?.() !== 0
    ? 'root is needed for network namespaces'
    : missing.length > 0
      ? `no ${missing.join(', ')}`
      : '';

const mac = '94:40:C9:00:00:01';
let folder: string;
const names: string[] = [];
const started: ChildProcess[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bmtool-follow-'));
  chmodSync(folder, 0o755);
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  for (const name of names) spawnSync('ip', ['netns', 'del', name], { env: { PATH: path } });
  rmSync(folder, { recursive: true, force: true });
});

type Server = {
  readonly leases: string;
  readonly argv: string[];
  readonly env?: Record<string, string>;
  readonly ready: RegExp;
};

const servers: Record<string, (home: string) => Server> = {
  dhcpd(home) {
    const leases = join(home, 'dhcpd.leases');
    writeFileSync(leases, '');
    writeFileSync(
      join(home, 'conf'),
      `authoritative; ping-check false; default-lease-time 60; max-lease-time 60; dhcp-cache-threshold 0;
subnet 192.0.2.0 netmask 255.255.255.0 { range 192.0.2.100 192.0.2.150; }
on commit { set RelayIP = binary-to-ascii(10, 8, ".", packet(24, 4)); set ClientVci = pick-first-value(option vendor-class-identifier, "(none)"); }
on release { execute("/bin/true", "}"); }\n`,
    );
    const argv = [
      'dhcpd',
      '-4',
      '-f',
      '-d',
      '-cf',
      join(home, 'conf'),
      '-lf',
      leases,
      '-pf',
      join(home, 'pid'),
      'srv0',
    ];
    return { leases, argv, ready: /Server starting service/ };
  },
  kea(home) {
    const leases = join(home, 'kea-leases4.csv');
    const conf = {
      'interfaces-config': { interfaces: ['srv0'] },
      // Its lease file is cleaned up, that is renamed, all the time.
      'lease-database': { type: 'memfile', persist: true, name: leases, 'lfc-interval': 1 },
      'valid-lifetime': 60,
      subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100-192.0.2.150' }] }],
      loggers: [{ name: 'kea-dhcp4', severity: 'INFO', output_options: [{ output: 'stderr' }] }],
    };
    writeFileSync(join(home, 'conf'), JSON.stringify({ Dhcp4: conf }));
    const env = { KEA_PIDFILE_DIR: home, KEA_LOCKFILE_DIR: home };
    return { leases, argv: ['kea-dhcp4', '-c', join(home, 'conf')], env, ready: /DHCP4_STARTED/ };
  },
  dnsmasq(home) {
    const leases = join(home, 'dnsmasq.leases');
    const conf = ['no-ping', 'port=0', 'interface=srv0', 'bind-interfaces', 'dhcp-authoritative', 'user=root'];
    conf.push('dhcp-range=192.0.2.100,192.0.2.150,255.255.255.0,2m', `dhcp-leasefile=${leases}`, 'log-facility=-');
    writeFileSync(join(home, 'conf'), `${conf.join('\n')}\n`);
    return { leases, argv: ['dnsmasq', '-k', '-C', join(home, 'conf')], ready: /sockets bound/ };
  },
};

describe.skipIf(why !== '')(`bmtool dhcp follow beside a real server${why && ` (left out: ${why})`}`, () => {
  it.concurrent.for(Object.keys(servers))(
    '%s: a lease, its renewal and release, and the server’s restart',
    { timeout: 60_000 },
    async (name, { expect }) => {
      const home = join(folder, name);
      mkdirSync(home);
      const link = openLink(home);
      const server = servers[name]?.(home) as Server;
      const first = await link.serve(server);
      const follower = follow(home, server.leases);
      const { events } = follower;
      const kinds = () => events.map(({ data }) => data.kind).join(' ');
      const lastEnd = () => endOf(events.at(-1));
      const client = link.lease();
      await follower.until('the lease', () => kinds().startsWith('granted'));
      await follower.until('its renewal', () => kinds().startsWith('granted granted'), nudge(client, 'SIGUSR1'));
      await follower.until('its release', () => kinds().endsWith('released'), nudge(client, 'SIGUSR2'));
      await follower.until('another lease', () => / released( granted)+$/.test(kinds()), nudge(client, 'SIGUSR1'));
      await end(first);
      const before = lastEnd();
      await link.serve(server);
      await follower.until('the renewal after a restart', () => lastEnd() > before, nudge(client, 'SIGUSR1'));
      follower.child.kill('SIGINT');
      expect(await follower.ended, follower.stderr()).toEqual({ code: 0, signal: null });

      expect(kinds()).toMatch(/^granted( granted)+ released granted( granted)+$/);
      expect(new Set(events.map(({ id }) => id)).size, 'each once').toBe(events.length);
      for (const { data } of events) {
        expect(data).toMatchObject({ mac, address: events[0]?.data.address, source: { way: 'follow' } });
        expect(Math.abs(Date.parse(data.time) - Date.now())).toBeLessThan(60_000);
      }
      expect(events[0]?.data.hostname?.toUpperCase()).toBe('ILOMXQ1111111');
      if (name === 'dhcpd') expect(events[0]?.data).toMatchObject({ vendorClass: 'CPQRIB3' });
      const spooled = readFileSync(join(home, 'state', 'spool', 'inbox'), 'utf8')
        .split('\n')
        .filter(Boolean);
      expect(spooled.map(line => JSON.parse(line))).toEqual(events);
      // Started again, it has nothing to tell.
      const again = follow(home, server.leases, '--once');
      expect([await again.ended, again.events]).toEqual([{ code: 0, signal: null }, []]);
    },
  );
});

describe('bmtool dhcp follow', () => {
  const run = (...args: string[]) =>
    bmtool(['dhcp', 'follow', ...args], { env: { BMTOOL_STATE_DIR: join(folder, 'state') } });

  it('shows a line for each event, and with --dry-run writes nothing', async () => {
    const leases = join(folder, 'some.leases');
    const end = Math.floor(Date.now() / 1000) + 3600;
    writeFileSync(
      leases,
      `${end} 94:40:c9:00:00:01 192.0.2.7 ILOMXQ1111111 *\n${end} 94:40:c9:00:00:02 192.0.2.8 * *\n`,
    );
    for (const once of [1, 2]) {
      const { exitCode, stdout } = await run(leases, '--once', '--dry-run');
      const rows = stdout.split('\n').map(line => line.split('\t'));
      expect([exitCode, ...rows.map(row => row.slice(1))], `time ${once}`).toEqual([
        0,
        ['granted', '94:40:C9:00:00:01', '192.0.2.7', 'ILOMXQ1111111', ''],
        ['granted', '94:40:C9:00:00:02', '192.0.2.8', '', ''],
      ]);
      expect(Date.parse(rows[0]?.[0] ?? '')).toBeGreaterThan(0);
    }
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });

  it('refuses what is no lease file before it writes anything', async () => {
    writeFileSync(join(folder, 'log'), 'Nov 21 04:41:48 dnsmasq[16991]: started\n');
    for (const [args, says] of [
      [[folder], 'is a directory'],
      [[join(folder, 'log')], 'is no lease file of dhcpd, Kea or dnsmasq'],
      [[join(folder, 'nothing'), '--once'], 'is not there, or empty'],
      [[join(folder, 'log'), '--format', 'windows'], 'must be one of isc, kea, dnsmasq'],
    ] as const) {
      const { exitCode, stdout, stderr } = await run(...args);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toContain(says);
    }
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });
});

/** Two namespaces with a link between them: a server in one, a client in the other. */
function openLink(home: string) {
  const [srv, cli] = ['s', 'c'].map(end => `lf${randomBytes(3).toString('hex')}${end}`) as [string, string];
  const ip = (...args: string[]) => execFileSync('ip', args, { env: { PATH: path } });
  for (const name of [srv, cli]) {
    ip('netns', 'add', name);
    names.push(name);
  }
  ip('link', 'add', 'srv0', 'netns', srv, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', cli);
  ip('-n', srv, 'addr', 'add', '192.0.2.1/24', 'dev', 'srv0');
  ip('-n', srv, 'link', 'set', 'srv0', 'up');
  ip('-n', cli, 'link', 'set', 'eth0', 'address', mac, 'up');
  const run = (namespace: string, argv: readonly string[], env = {}) => {
    const child = spawn('ip', ['netns', 'exec', namespace, ...argv], { env: { PATH: path, ...env } });
    started.push(child);
    return child;
  };
  return {
    async serve({ argv, env, ready }: Server): Promise<ChildProcess> {
      // A process number that is left over keeps dhcpd from starting.
      rmSync(join(home, 'pid'), { force: true });
      const child = run(srv, argv, env);
      let said = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', text => {
          said += text;
        });
      }
      await vi.waitFor(() => expect(said).toMatch(ready), { timeout: 10_000 });
      return child;
    },
    lease(): ChildProcess {
      const script = join(home, 'client');
      writeFileSync(script, '#!/bin/sh\n[ -z "$ip" ] || ip addr replace "$ip/24" dev "$interface"\n', { mode: 0o755 });
      return run(cli, [
        'udhcpc',
        '-i',
        'eth0',
        '-f',
        '-t',
        '20',
        '-T',
        '1',
        '-s',
        script,
        '-x',
        'hostname:ILOMXQ1111111',
        '-V',
        'CPQRIB3',
      ]);
    },
  };
}

function follow(home: string, leases: string, ...more: string[]) {
  const env = { BMTOOL_STATE_DIR: join(home, 'state'), LAB_PORTS: '' };
  const running = startBmtool(['dhcp', 'follow', leases, '--json', ...more], { env });
  started.push(running.child);
  const events: LeaseEvent[] = [];
  let rest = '';
  running.child.stdout.on('data', chunk => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    events.push(...lines.map(line => (JSON.parse(line) as { result: LeaseEvent }).result));
  });
  const until = (what: string, condition: () => boolean, nudge = () => {}) =>
    vi.waitFor(
      () => {
        if (!condition()) nudge();
        expect(condition(), `${what}: ${events.map(({ id }) => id)} ${running.stderr()}`).toBe(true);
      },
      { timeout: 15_000, interval: 10 },
    );
  return { ...running, events, until };
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

function endOf(event: LeaseEvent | undefined): number {
  return Number(event?.id.split('/').at(-1));
}

/**
 * Tells a client what to do, each second until it was seen: what is done within a second of what was before gives the same end, and under load a
 * client may still be at something else.
 */
function nudge(client: ChildProcess, signal: NodeJS.Signals): () => void {
  let second = Math.floor(Date.now() / 1000);
  return () => {
    const now = Math.floor(Date.now() / 1000);
    if (now > second) client.kill(signal);
    second = now;
  };
}
