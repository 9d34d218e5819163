import { chmodSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dnsmasqFragment, iscFragment, keaFragment, user } from '../../src/features/leases/fragments.ts';
import { stubText } from '../../src/features/leases/stub.ts';
import { startDnsmasq } from '../support/dhcp/dnsmasq.ts';
import { startIsc } from '../support/dhcp/isc.ts';
import { installedKea, startKea } from '../support/dhcp/kea.ts';
import { needsDhcp } from '../support/dhcp/machine.ts';
import { type BmcNet, openBmcNet } from '../support/dhcp/net.ts';
import { relayedSegment } from '../support/dhcp/segments.ts';
import type { RunningServer, ServerWish } from '../support/dhcp/server.ts';
import { openUdhcpcBmc } from '../support/dhcp/udhcpc.ts';
import { until } from '../support/dhcp/until.ts';
import { readingText } from '../support/hook-calls.ts';
import { callOf, recordsIn } from './support.ts';

const dhcp = needsDhcp();
const xcc = { mac: '94:40:c9:00:00:03', hostname: 'XCC-7Z23-J101RZ43', vendorClass: 'PXEClient' };
const whose = '94:40:C9:00:00:03';

type Row = {
  readonly name: string;
  readonly start: (net: BmcNet, wish: ServerWish) => Promise<RunningServer>;
  readonly fragment: (stub: string) => string;
  /** What of option 12, 60, 61 and 82 the server tells, in the words of `readingText`. */
  readonly tells: string;
};

const rows: readonly Row[] = [
  {
    name: 'dhcpd',
    start: startIsc,
    fragment: iscFragment,
    tells: `isc hostname=${xcc.hostname} vendorClass=PXEClient clientId=01:94:40:c9:00:00:03 relay=${relayedSegment.gateway} circuitId=dn0`,
  },
  {
    name: 'Kea',
    start: startKea,
    fragment: stub =>
      `"hooks-libraries": [ ${keaFragment(stub, join(installedKea().hooks, 'libdhcp_run_script.so'))} ]`,
    tells: `kea hostname=${xcc.hostname.toLowerCase()} clientId=01:94:40:c9:00:00:03 relay=${relayedSegment.gateway} circuitId=dn0`,
  },
  {
    name: 'dnsmasq',
    start: startDnsmasq,
    // The user that `install` makes is not on this machine.
    fragment: stub => dnsmasqFragment(stub).replace(`scriptuser=${user}`, 'scriptuser=nobody'),
    tells: `dnsmasq hostname=${xcc.hostname} vendorClass=PXEClient clientId=01:94:40:c9:00:00:03 relay=${relayedSegment.gateway} circuitId=dn0`,
  },
];

describe.skipIf(dhcp.missing !== undefined)(
  dhcp.titled('what bmtool dhcp install prints'),
  { timeout: 120_000 },
  () => {
    test.each(rows)('has $name tell of a lease, and of its release', async ({ start, fragment, tells }) => {
      await using net = await openBmcNet({ relay: true });
      const [spool, stub] = [join(net.folder, 'spool'), join(net.folder, 'dhcp-hook')];
      mkdirSync(spool);
      chmodSync(spool, 0o2777);
      writeFileSync(stub, stubText(spool), { mode: 0o755 });
      await start(net, { leaseSeconds: 600, fragment: fragment(stub) });
      const bmc = await openUdhcpcBmc(net, xcc, { behindRelay: true });
      const readings = () => recordsIn(join(spool, 'inbox')).map(line => readingText(callOf(line), Date.now()));
      const told = (kind: string) =>
        until(() => readings().find(reading => reading.startsWith(kind)), `${kind} in ${JSON.stringify(readings())}`);
      const address = await bmc.boot();
      const granted = await told('granted');
      expect(granted).toMatch(new RegExp(`^granted/${whose}/${address.replaceAll('.', String.raw`\.`)}/\\d+ at \\d+`));
      expect(granted.replace(/.* at [\d.]+ /, '').replace(/ leaseSeconds=600$/, '')).toBe(tells);
      await bmc.release();
      expect(await told('released')).toContain(`/${whose}/${address}/`);
      expect(readings().filter(reading => reading.startsWith('unreadable'))).toEqual([]);
      expect(globSync(join(spool, '*'))).toEqual([join(spool, 'inbox')]);
    });
  },
);
