import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { type Call, makeRecordingHook, type RecordingHook } from './calls.ts';
import { openDhclientBmc } from './dhclient.ts';
import { startDnsmasq } from './dnsmasq.ts';
import { startIsc } from './isc.ts';
import { installedKea, startKea } from './kea.ts';
import { findKea26 } from './kea-26.ts';
import { needsDhcp } from './machine.ts';
import { processesOf } from './namespace.ts';
import { openBmcNet } from './net.ts';
import type { RunningServer, ServerWish } from './server.ts';
import { openUdhcpcBmc } from './udhcpc.ts';
import { until } from './until.ts';

const dhcp = needsDhcp();
const kea26 = dhcp.missing === undefined ? await findKea26() : dhcp.missing;

const ilo = { mac: '94:40:c9:00:00:01', hostname: 'ILOMXQ1111111', vendorClass: 'CPQRIB3' };
const idrac = { mac: '94:40:c9:00:00:02', hostname: 'idrac-F54P1G3', vendorClass: 'iDRAC' };
const xcc = { mac: '94:40:c9:00:00:03', hostname: 'XCC-7Z23-J101RZ43', vendorClass: 'PXEClient' };

type Net = Awaited<ReturnType<typeof openBmcNet>>;
type Server = {
  readonly name: string;
  readonly missing?: string;
  start(net: Net, wish: ServerWish): Promise<RunningServer>;
  /** The calls of a boot, of a renewal and of a release, each in any order, and the one of a lease that ends. */
  readonly boot: Calls;
  readonly renewal: Calls;
  readonly release: Calls;
  readonly restart: Calls;
  /** dnsmasq's shortest lease is too long for a test. */
  readonly end?: (address: string) => string;
  /** What its calls tell of a BMC behind a relay whose circuit is `dn0`. */
  circuit(call: Call): string | undefined;
  readonly dn0: string;
};
type Calls = (address: string) => string[];

const none: Calls = () => [];
const iscCommit: Calls = address => [
  `commit ${address} 94:40:c9:0:0:1 ILOMXQ1111111 CPQRIB3 1:94:40:c9:0:0:1 0.0.0.0 (none) (none) 60`,
];
const isc: Server = {
  name: 'dhcpd',
  start: startIsc,
  boot: iscCommit,
  renewal: iscCommit,
  release: address => [`release ${address} 94:40:c9:0:0:1`],
  restart: none,
  end: address => `expiry ${address} 94:40:c9:0:0:1`,
  circuit: ({ args }) => args[7],
  dn0: 'dn0',
};
const kea: Server = {
  name: 'Kea as installed',
  start: startKea,
  boot: address => [`leases4_committed REQUEST 1 0 ${address}`],
  renewal: address => [`lease4_renew REQUEST ${address}`, `leases4_committed REQUEST 1 0 ${address}`],
  release: address => [`lease4_release RELEASE ${address}`, `leases4_committed RELEASE 0 1 ${address}`],
  restart: none,
  end: address => `lease4_expire ${address}`,
  circuit: ({ env }) => env.QUERY4_OPTION_82_SUB_OPTION_1,
  dn0: '0x646E30',
};
const dnsmasqCall =
  (verb: string): Calls =>
  address => [`${verb} 94:40:c9:00:00:01 ${address} ILOMXQ1111111`];
const dnsmasq: Server = {
  name: 'dnsmasq',
  start: startDnsmasq,
  boot: dnsmasqCall('add'),
  renewal: dnsmasqCall('old'),
  release: dnsmasqCall('del'),
  restart: dnsmasqCall('old'),
  circuit: ({ env }) => env.DNSMASQ_CIRCUIT_ID,
  dn0: 'dn0',
};
const newKea: Server =
  typeof kea26 === 'string'
    ? { ...kea, name: `Kea 2.6 (left out: ${kea26})`, missing: kea26 }
    : { ...kea, name: 'Kea 2.6', start: (net, wish) => startKea(net, wish, kea26) };
const servers = [isc, kea, newKea, dnsmasq];

/** A call in the words of the table above. */
function words({ args, env }: Call): string {
  const address = env.LEASES4_AT0_ADDRESS ?? env.DELETED_LEASES4_AT0_ADDRESS ?? env.LEASE4_ADDRESS;
  const query = env.QUERY4_TYPE?.replace('DHCP', '');
  const all = [...args, query, env.LEASES4_SIZE, env.DELETED_LEASES4_SIZE, address];
  return all.filter(word => word !== undefined).join(' ');
}

/** Does something and waits until each of these calls came once more than before. */
async function expectCalls<T>(
  hook: RecordingHook,
  act: () => Promise<T>,
  expected: (result: T) => string[],
): Promise<T> {
  const before = hook.calls().map(words);
  const result = await act();
  for (const line of expected(result)) {
    const often = before.filter(each => each === line).length;
    await hook.until(often + 1, call => words(call) === line);
  }
  return result;
}

/** dnsmasq tells of a renewal what it changes: nothing, in the second of the lease. Its clock may be a tick late. */
function nextSecond(): Promise<true> {
  const next = (Math.floor(Date.now() / 1000) + 1) * 1000 + 50;
  return until(() => Date.now() > next || undefined, 'a second passes');
}

const timeout = 120_000;

describe.skipIf(dhcp.missing !== undefined)(dhcp.titled('real DHCP in a network of its own'), { timeout }, () => {
  describe.each(servers)('$name', ({ missing, start, ...server }) => {
    test.skipIf(missing !== undefined).concurrent('calls its hook for what a BMC does', async ({ expect }) => {
      await using net = await openBmcNet();
      const hook = await makeRecordingHook(net.folder);
      const running = await start(net, { leaseSeconds: 60, hook: hook.path });
      const bmc = await openUdhcpcBmc(net, ilo);
      const address = await expectCalls(hook, bmc.boot, server.boot);
      expect(address).toMatch(/^10\.20\.[0-3]\.\d+$/);
      await nextSecond();
      expect(await expectCalls(hook, bmc.renew, server.renewal)).toBe(address);
      await expectCalls(hook, running.restart, () => server.restart(address));
      await expectCalls(hook, bmc.release, () => server.release(address));
      const all = [server.boot, server.renewal, server.restart, server.release].flatMap(calls => calls(address));
      expect(new Set(hook.calls().map(words))).toEqual(new Set(all));
      expect(readFileSync(running.leaseFile, 'utf8')).toContain(running.server === 'dnsmasq' ? '' : address);
      await running.stop();
      expect(await processesOf(net.server.namespace)).not.toContain(running.pid());
    });

    test.skipIf(missing !== undefined).concurrent('answers the first question after its start', async () => {
      await using net = await openBmcNet();
      const running = await start(net, { leaseSeconds: 600 });
      // There is no second one within the time that a boot may take.
      const bmc = await openUdhcpcBmc(net, ilo, { askEverySeconds: 100 });
      await bmc.boot();
      await running.restart();
      await bmc.reboot();
    });

    // dnsmasq has no lease shorter than two minutes.
    const { end } = server;
    if (end !== undefined)
      test.skipIf(missing !== undefined).concurrent('calls it when a lease ends', async () => {
        await using net = await openBmcNet();
        const hook = await makeRecordingHook(net.folder);
        await start(net, { leaseSeconds: 3, hook: hook.path });
        const bmc = await openUdhcpcBmc(net, ilo);
        const address = await bmc.boot();
        await bmc.powerOff();
        await hook.until(1, call => words(call) === end(address));
      });

    test.skipIf(missing !== undefined).concurrent('knows the circuit of a BMC behind a relay', async ({ expect }) => {
      await using net = await openBmcNet({ relay: true });
      const hook = await makeRecordingHook(net.folder);
      await start(net, { leaseSeconds: 600, hook: hook.path });
      const bmc = await openUdhcpcBmc(net, xcc, { behindRelay: true });
      expect(await bmc.boot()).toMatch(/^10\.20\.8\./);
      const [call] = await hook.until(1);
      expect(call && server.circuit(call)).toBe(server.dn0);
      // Its renewal goes to the server itself, not through the relay.
      expect(await bmc.renew()).toMatch(/^10\.20\.8\./);
    });

    test.skipIf(missing !== undefined).concurrent('gives another address when told so', async ({ expect }) => {
      await using net = await openBmcNet();
      const running = await start(net, { leaseSeconds: 60 });
      const bmc = await openUdhcpcBmc(net, ilo);
      expect(await bmc.boot({ ask: '10.20.0.77' })).toBe('10.20.0.77');
      expect(await bmc.reboot()).toBe('10.20.0.77');
      await running.restart({ range: { from: '10.20.2.1', to: '10.20.2.9' } });
      expect(await bmc.reboot()).toMatch(/^10\.20\.2\.\d$/);
    });
  });

  test.concurrent('dhclient renews with its server alone, keeps its address over a power cut and gives it back', async ({
    expect,
  }) => {
    await using net = await openBmcNet();
    const hook = await makeRecordingHook(net.folder);
    await startIsc(net, { leaseSeconds: 600, hook: hook.path });
    const bmc = await openDhclientBmc(net, idrac, { renewSeconds: 2 });
    const address = await bmc.boot();
    expect(await bmc.renew()).toBe(address);
    expect(await bmc.reboot()).toBe(address);
    await bmc.release();
    const calls = await hook.until(1, ({ args }) => args[0] === 'release');
    expect(calls.map(({ args }) => args[0]).filter((verb, i, all) => verb !== all[i - 1])).toEqual([
      'commit',
      'release',
    ]);
    expect(calls[0]?.args.slice(1, 6)).toEqual([address, '94:40:c9:0:0:2', 'idrac-F54P1G3', 'iDRAC', '(none)']);
  });

  test.concurrent('Kea calls twice where its interface has two addresses', async ({ expect }) => {
    await using net = await openBmcNet({ twoAddresses: true });
    const hook = await makeRecordingHook(net.folder);
    await startKea(net, { leaseSeconds: 600, hook: hook.path });
    const bmc = await openUdhcpcBmc(net, ilo);
    const address = await bmc.boot();
    const [line = ''] = kea.boot(address);
    await expect(hook.until(2, call => words(call) === line)).resolves.toBeDefined();
  });

  test.concurrent('a fragment takes the place of the hook', async ({ expect }) => {
    await using net = await openBmcNet();
    const hook = await makeRecordingHook(net.folder);
    const bmc = await openUdhcpcBmc(net, ilo);
    const library = `"library": "${installedKea().hooks}/libdhcp_run_script.so"`;
    const fragments = [
      { start: startIsc, fragment: `on commit { execute("${hook.path}", "isc"); }` },
      {
        start: startKea,
        fragment: `// a comment\n"hooks-libraries": [{ ${library}, "parameters": { "name": "${hook.path}" } }]`,
      },
      { start: startDnsmasq, fragment: `dhcp-script=${hook.path}` },
    ];
    for (const { start, fragment } of fragments) {
      const running = await start(net, { leaseSeconds: 60, fragment });
      await bmc.boot();
      await running.stop();
    }
    const calls = await hook.until(3);
    expect(calls.map(({ args }) => args[0])).toEqual(['isc', 'leases4_committed', 'add']);
  });
});
