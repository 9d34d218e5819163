import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { isThorough } from '../tries.ts';
import { makeRecordingHook } from './calls.ts';
import { startDnsmasq } from './dnsmasq.ts';
import { startKea } from './kea.ts';
import { needsDhcp } from './machine.ts';
import { openManyBmcs } from './many-bmcs.ts';
import { namespaceFolder } from './names.ts';
import { processesOf } from './namespace.ts';
import { openBmcNet } from './net.ts';
import { loadServer, readReport } from './perfdhcp.ts';
import { openUdhcpcBmc } from './udhcpc.ts';
import { until } from './until.ts';

const dhcp = needsDhcp();
const timeout = 120_000;
const ilo = { mac: '94:40:c9:00:00:01', hostname: 'ILOMXQ1111111', vendorClass: 'CPQRIB3' };

/** Every BMC of the lab's fleet, as it would name itself. */
function fleet() {
  const [, ...rows] = readFileSync('fixtures/manifests/servers-601.csv', 'utf8').trimEnd().split('\n');
  return rows.map(row => {
    const [serial = '', mac = ''] = row.split(',');
    return { mac, hostname: `BMC-${serial}`, vendorClass: 'CPQRIB3' };
  });
}

const tracesOf = (name: string) =>
  [namespaceFolder, tmpdir()].flatMap(folder => readdirSync(folder)).filter(each => each.startsWith(name));
/** What ended and was not taken away yet, as its parent is busy or gone, is not there. */
const isThere = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe.skipIf(dhcp.missing !== undefined)(dhcp.titled('a network for BMCs'), { timeout }, () => {
  test('leaves nothing behind, neither a hook that hangs nor what belongs to it', async () => {
    const name = await openAndHang();
    expect(tracesOf(name.prefix)).toEqual([]);
    expect(name.pids.filter(isThere)).toEqual([]);
  });

  async function openAndHang() {
    await using net = await openBmcNet();
    const script = join(net.folder, 'hang.sh');
    await writeFile(script, '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
    const server = await startDnsmasq(net, { leaseSeconds: 600, hook: script });
    const bmc = await openUdhcpcBmc(net, ilo);
    await bmc.boot();
    const hangs = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sleep\0');
    await until(async () => (await processesOf(net.server.namespace)).some(hangs) || undefined, 'the hook runs');
    await server.stop();
    const pids = await processesOf(net.server.namespace);
    expect(pids.some(hangs)).toBe(true);
    return { prefix: net.server.namespace.split('-net-')[0] ?? '', pids };
  }

  test('is swept away when its test process was killed', async () => {
    const net = JSON.stringify(new URL('net.ts', import.meta.url).pathname);
    const dnsmasq = JSON.stringify(new URL('dnsmasq.ts', import.meta.url).pathname);
    const code = `const { openBmcNet } = await import(${net}); const { startDnsmasq } = await import(${dnsmasq});
      const net = await openBmcNet(); const server = await startDnsmasq(net, { leaseSeconds: 600 });
      console.log(JSON.stringify([net.server.namespace, server.pid()])); process.kill(process.pid, 'SIGKILL');`;
    const { stdout, signal } = await execa(process.execPath, ['--input-type=module', '-e', code], { reject: false });
    const [namespace, pid] = JSON.parse(stdout) as [string, number];
    expect([signal, isThere(pid)]).toEqual(['SIGKILL', true]);
    await using own = await openBmcNet();
    const [prefix = ''] = namespace.split('-net-');
    expect([tracesOf(prefix), isThere(pid)]).toEqual([[], false]);
    // Whose owner lives, stays.
    await using _other = await openBmcNet();
    expect(await processesOf(own.server.namespace)).toEqual([]);
    expect(tracesOf(own.server.namespace)).toEqual([own.server.namespace]);
  });

  test.runIf(isThorough)('601 BMCs of the fleet get power, and each an address of its own', async () => {
    await using net = await openBmcNet();
    const hook = await makeRecordingHook(net.folder);
    await startKea(net, { leaseSeconds: 600, hook: hook.path });
    const bmcs = fleet();
    const many = await openManyBmcs(net, bmcs);
    const { addresses } = await many.powerOn();
    expect([...addresses.keys()].sort()).toEqual(bmcs.map(({ mac }) => mac.toLowerCase()).sort());
    expect(new Set(addresses.values()).size).toBe(601);
    // A client that got no answer within a second has asked again, and Kea renews then.
    const calls = await hook.until(601, ({ env }) => env.LEASES4_SIZE === '1');
    const told = new Map(
      calls
        .filter(({ env }) => env.LEASES4_SIZE === '1')
        .map(({ env }) => [env.LEASES4_AT0_HWADDR, env.LEASES4_AT0_HOSTNAME]),
    );
    expect(told).toEqual(new Map(bmcs.map(({ mac, hostname }) => [mac.toLowerCase(), hostname.toLowerCase()])));
  });

  test('BMCs behind a relay get power one after another, and again what they had', async () => {
    await using net = await openBmcNet({ relay: true });
    await startDnsmasq(net, { leaseSeconds: 600 });
    const many = await openManyBmcs(net, fleet().slice(0, 20), { behindRelay: true });
    const { addresses, tookMs } = await many.powerOn({ withinMs: 500 });
    // The last one starts at the end of that time.
    expect(tookMs).toBeGreaterThan(470);
    expect([...addresses.values()].filter(address => address.startsWith('10.20.8.'))).toHaveLength(20);
    expect((await many.powerOn()).addresses).toEqual(addresses);
  });

  test('perfdhcp loads a server, with the MACs that it is given', async () => {
    await using net = await openBmcNet();
    const hook = await makeRecordingHook(net.folder);
    await startKea(net, { leaseSeconds: 600, hook: hook.path });
    const { discoverOffer, requestAck } = await loadServer(net, { exchanges: 30, perSecond: 100, macs: [ilo.mac] });
    expect(discoverOffer.sent).toBeGreaterThanOrEqual(30);
    // It asks for what it was offered.
    expect(requestAck.sent).toBe(discoverOffer.received);
    expect(requestAck.averageMs).toBeGreaterThan(0);
    const calls = await hook.until(1, ({ args }) => args[0] === 'leases4_committed');
    expect(new Set(calls.map(({ env }) => env.LEASES4_AT0_HWADDR ?? ilo.mac))).toEqual(new Set([ilo.mac]));
  });
});

test.each([
  [{}, undefined],
  [{ platform: 'darwin' }, 'network namespaces are of Linux'],
  [{ isRoot: false }, 'only root may make network namespaces'],
  [{ has: (program: string) => !/^kea|perf/.test(program) }, 'not installed: kea-dhcp4-server, kea-admin'],
  [
    { refuses: () => 'no network namespace can be made: Operation not permitted' },
    'no network namespace can be made: Operation not permitted',
  ],
])('a test that is left out says why: %j', (machine, missing) => {
  const can = { platform: 'linux', isRoot: true, has: () => true, refuses: () => undefined };
  const needs = needsDhcp({ ...can, ...machine });
  expect(needs.missing).toBe(missing);
  expect(needs.titled('leases')).toBe(missing === undefined ? 'leases' : `leases (left out: ${missing})`);
});

test('perfdhcp’s report becomes numbers, also where nothing was answered', () => {
  const answered =
    'received packets: 9\ndrops: 1\norphans: 0\n\nmin delay: 0.119 ms\navg delay: 1.2 ms\nmax delay: 12 ms\nstd deviation: 0.4 ms\n';
  const silent = 'received packets: 0\ndrops: 0\norphans: 0\n\nDelay unavailable! No packets received.\n';
  const report = (offers: string, acks: string) =>
    readReport(
      `Rate: 10 4-way\n***Statistics for: DISCOVER-OFFER***\nsent packets: 10\n${offers}\n***Statistics for: REQUEST-ACK***\nsent packets: 9\n${acks}`,
    );
  const measured = { received: 9, drops: 1, minMs: 0.119, averageMs: 1.2, maxMs: 12 };
  const nothing = { received: 0, drops: 0, minMs: undefined, averageMs: undefined, maxMs: undefined };
  expect(report(answered, silent)).toEqual({
    discoverOffer: { sent: 10, ...measured },
    requestAck: { sent: 9, ...nothing },
  });
  expect(() => readReport('perfdhcp: something else')).toThrow('no report about DISCOVER-OFFER');
});
