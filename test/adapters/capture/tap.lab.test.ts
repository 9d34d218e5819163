import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inboxName } from '../../../src/adapters/spool/append.ts';
import type { LeaseEvent } from '../../../src/core/lease.ts';
import { program } from '../../support/program.ts';
import { recordingPath } from './packets.ts';

/** Why there can be no network of the test's own. */
function missing(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const programs = ['ip', 'tcpdump', 'dnsmasq', 'udhcpc', 'setpriv', 'python3'];
  const without = programs.filter(name => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  return without.length > 0 ? `not installed: ${without.join(', ')}` : undefined;
}

const mark = randomBytes(3).toString('hex');
const [server, bmc] = [`taps${mark}`, `tapb${mark}`];
const mac = '94:40:c9:00:00:01';
const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8', timeout: 10_000 });
/** A BMC and its DHCP server, wired to a bridge, so that what listens on any hears everything twice. */
function wire(): void {
  ip('link', 'add', 'v0', 'netns', server, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', bmc);
  ip('-n', server, 'link', 'set', 'v0', 'master', 'br0', 'up');
  ip('-n', bmc, 'link', 'set', 'eth0', 'address', mac, 'up');
}

const why = missing();
describe.skipIf(why !== undefined)(`a tap where a real BMC asks a real server${why ? `: ${why}` : ''}`, () => {
  let folder: string;
  const children: ChildProcess[] = [];
  const inside = (namespace: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const child = spawn('ip', ['netns', 'exec', namespace, command, ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', BMTOOL_STATE_DIR: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    return child;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bmtool-tap-'));
    for (const name of [server, bmc]) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    ip('-n', server, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', server, 'addr', 'add', '192.0.2.1/24', 'dev', 'br0');
    ip('-n', server, 'link', 'set', 'br0', 'up');
    wire();
    const range = '--dhcp-range=192.0.2.100,192.0.2.150,255.255.255.0,2m';
    const dnsmasq = inside(server, 'dnsmasq', [
      ...['--no-daemon', '--conf-file=/dev/null', '--port=0', '--interface=br0', '--no-ping', '--user=root', range],
      ...['--dhcp-authoritative', `--dhcp-leasefile=${join(folder, 'leases')}`, `--pid-file=${join(folder, 'pid')}`],
    ]);
    await new Promise<void>((resolve, reject) => {
      dnsmasq.stderr.on('data', text => String(text).includes('IP range') && resolve());
      dnsmasq.once('close', () => reject(new Error('dnsmasq has ended')));
    });
  });
  afterEach(() => rmSync(join(folder, 'spool'), { recursive: true, force: true }));
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    for (const name of [server, bmc]) {
      for (const pid of ip('netns', 'pids', name).split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL');
      ip('netns', 'del', name);
    }
    rmSync(folder, { recursive: true, force: true });
  });

  type Line = {
    readonly listening?: string;
    readonly data?: LeaseEvent['data'];
    readonly end?: Record<string, unknown>;
  };

  /** The real program, in the server's namespace. */
  function startTap(name: string, before: readonly string[] = []) {
    const [command = '', ...args] = [...before, ...program, 'dhcp', 'tap', '--interface', name, '--json'];
    const child = inside(server, command, args);
    const lines: Line[] = [];
    const waiting = new Set<() => void>();
    createInterface({ input: child.stdout }).on('line', text => {
      const { result = {} } = JSON.parse(text) as { result?: Line };
      lines.push(result);
      for (const look of waiting) look();
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    const ended = new Promise<number | null>(resolve => child.once('close', resolve));
    const until = (wanted: (line: Line) => boolean, count = 1) =>
      new Promise<readonly Line[]>((resolve, reject) => {
        const look = () => {
          const found = lines.filter(wanted);
          if (found.length < count) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        void ended.then(() => reject(new Error(`the tap has ended: ${stderr}`)));
        look();
      });
    return {
      lines,
      ended,
      until,
      stderr: () => stderr,
      listens: until(({ listening }) => listening !== undefined),
      interrupt: async () => {
        child.kill('SIGINT');
        return ended;
      },
      kill: () => child.kill('SIGKILL'),
    };
  }

  /** A BMC that gets power: asks, takes what it is given, and is done. */
  async function bootBmc(hostname: string): Promise<void> {
    const asking = ['-i', 'eth0', '-f', '-q', '-n', '-s', '/bin/true', '-x', `hostname:${hostname}`, '-V', 'CPQRIB3'];
    const udhcpc = inside(bmc, 'udhcpc', asking);
    expect(await new Promise(resolve => udhcpc.once('close', resolve))).toBe(0);
  }

  const isLease = ({ data }: Line) => data !== undefined;
  const tcpdumps = () =>
    ip('netns', 'pids', server)
      .split('\n')
      .filter(pid => pid && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'tcpdump');

  it('its lease is told, and is in the spool', async () => {
    const tap = startTap('br0');
    await tap.listens;
    await bootBmc('ILOMXQ1111111');
    const [lease] = await tap.until(isLease);
    expect(lease?.data).toMatchObject({
      kind: 'granted',
      mac: mac.toUpperCase(),
      address: expect.stringMatching(/^192\.0\.2\.1\d\d$/),
      hostname: 'ILOMXQ1111111',
      vendorClass: 'CPQRIB3',
      clientId: `01:${mac}`,
      leaseSeconds: 120,
    });
    expect(Math.abs(Date.parse(lease?.data?.time ?? '') - Date.now())).toBeLessThan(10_000);
    const spooled = readFileSync(join(folder, 'spool', inboxName), 'utf8')
      .split('\n')
      .filter(Boolean);
    expect(spooled.map(line => JSON.parse(line))).toEqual([lease]);
    expect(await tap.interrupt()).toBe(0);
    expect(tap.lines.at(-1)?.end).toMatchObject({ events: 1, truncated: 0, notUnderstood: 0, interrupted: true });
    expect(tcpdumps()).toEqual([]);
  });

  it('on any interface everything is heard twice, and told once', async () => {
    const tap = startTap('any');
    await tap.listens;
    await bootBmc('idrac-F54P1G3');
    const [lease] = await tap.until(isLease);
    expect(lease?.data).toMatchObject({ hostname: 'idrac-F54P1G3', vendorClass: 'CPQRIB3' });
    expect(await tap.interrupt()).toBe(0);
    expect(tap.lines.filter(isLease)).toHaveLength(1);
    expect(tap.lines.at(-1)?.end?.repeated).toBeGreaterThan(0);
  });

  it.each([
    ['one VLAN tag', 'vlan100-dora', [6, 7, 8, 9], { mac: '3C:EC:EF:00:0A:0B', hostname: 'smc-node1' }],
    ['two, 802.1ad', 'synthetic-edge-cases', [5], { mac: '94:40:C9:01:02:0A', hostname: 'ILOMXQ1111111' }],
    ['two, 0x9100', 'synthetic-edge-cases', [6], { mac: '94:40:C9:01:02:0A', hostname: 'ILOMXQ1111111' }],
  ] as const)('frames with %s are heard', async (_, name, frames, wanted) => {
    const tap = startTap('v0');
    await tap.listens;
    inside(bmc, 'python3', ['-c', sendFrames, recordingPath(name), ...frames.map(String)]);
    const [lease] = await tap.until(isLease);
    expect({ mac: lease?.data?.mac, hostname: lease?.data?.hostname }).toEqual(wanted);
    expect(await tap.interrupt()).toBe(0);
  });

  it('tcpdump does not outlive a tap that is killed by more than a packet', async () => {
    const tap = startTap('br0');
    await tap.listens;
    expect(tcpdumps()).toHaveLength(1);
    tap.kill();
    await tap.ended;
    await bootBmc('ILO1');
    await expect.poll(tcpdumps).toEqual([]);
  });

  it('an interface that is not there, or not for this user, is refused', async () => {
    const none = startTap('nosuch');
    none.listens.catch(() => {});
    expect(await none.ended).toBe(2);
    expect(none.stderr()).toMatch(
      /^error\[BM-623\]: There is no interface nosuch on this machine\n {2}There is: .*br0/,
    );
    const nobody = startTap('br0', ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']);
    nobody.listens.catch(() => {});
    expect(await nobody.ended).toBe(4);
    expect(nobody.stderr()).toMatch(/^error\[BM-622\]: Not allowed to listen on br0\n.*CAP_NET_RAW/);
    const boundRoot = startTap('br0', ['setpriv', '--bounding-set', '-all,+net_raw']);
    boundRoot.listens.catch(() => {});
    expect(await boundRoot.ended).toBe(4);
    expect(boundRoot.stderr()).toMatch(/^error\[BM-621\]: tcpdump may not give up root's rights/);
    expect(existsSync(join(folder, 'spool'))).toBe(false);
  });

  it('CAP_NET_RAW is all that a user needs', async () => {
    const rights = [
      '--inh-caps',
      '-all,+net_raw',
      '--ambient-caps',
      '-all,+net_raw',
      '--bounding-set',
      '-all,+net_raw',
    ];
    const tap = startTap('br0', ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', ...rights]);
    await tap.listens;
    expect(await tap.interrupt()).toBe(0);
  });

  it('an interface that disappears ends the tap, and says so', async () => {
    const tap = startTap('v0');
    await tap.listens;
    ip('-n', server, 'link', 'del', 'v0');
    expect(await tap.ended).toBe(5);
    expect(tap.stderr()).toMatch(/error\[BM-624\]: The interface v0 is down or has disappeared\n/);
    wire();
  });
});

/** Sends frames of a pcap file as they are: no DHCP client sends tags. */
const sendFrames = `
import socket, struct, sys
data = open(sys.argv[1], 'rb').read()
frames, at = [], 24
while at < len(data):
    length = struct.unpack_from('<I', data, at + 8)[0]
    frames.append(data[at + 16:at + 16 + length])
    at += 16 + length
line = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
line.bind(('eth0', 0))
for n in sys.argv[2:]:
    line.send(frames[int(n)])
`;
