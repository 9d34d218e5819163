import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { stubText } from '../../src/features/leases/stub.ts';
import { eventually } from '../lab/support.ts';
import { startBmtool } from '../support/bmtool.ts';
import { startDnsmasq } from '../support/dhcp/dnsmasq.ts';
import { startIsc } from '../support/dhcp/isc.ts';
import { startKea } from '../support/dhcp/kea.ts';
import { findKea26 } from '../support/dhcp/kea-26.ts';
import { needsDhcp } from '../support/dhcp/machine.ts';
import { type BmcNet, openBmcNet } from '../support/dhcp/net.ts';
import { startInside } from '../support/dhcp/process.ts';
import type { RunningServer, ServerWish } from '../support/dhcp/server.ts';
import { openUdhcpcBmc } from '../support/dhcp/udhcpc.ts';
import { type Bmc, bmcs, openSite, recordOf, type Worked } from '../support/leases.ts';
import { changeCount, resetLab } from '../support/netbox.ts';
import { program } from '../support/program.ts';
import { isThorough, someOf } from '../support/tries.ts';

const { missing, titled } = needsDhcp();
const kea26 = missing === undefined ? await findKea26() : missing;

beforeAll(() => resetLab());

let from = 0;
async function fresh(count: number): Promise<Bmc[]> {
  from += count;
  return bmcs(count, from - count);
}

type Start = (net: BmcNet, wish: ServerWish) => Promise<RunningServer>;
const servers: readonly (readonly [string, Start])[] = [
  ['dhcpd', startIsc],
  ['Kea 2.2', startKea],
  ...(typeof kea26 === 'string'
    ? []
    : [['Kea 2.6', (net: BmcNet, wish: ServerWish) => startKea(net, wish, kea26)] as const]),
  ['dnsmasq', startDnsmasq],
];

/** A site whose worker runs until the test's end; `decided` is what it has said so far. */
function openWorkingSite() {
  const site = openSite();
  const { child, ended, stderr } = site.start('--json');
  let stdout = '';
  child.stdout.on('data', chunk => {
    stdout += chunk;
  });
  onTestFinished(async () => {
    child.kill('SIGINT');
    expect(await ended, stderr()).toMatchObject({ code: 0 });
  });
  const decided = (): Worked[] =>
    stdout
      .split('\n')
      .slice(0, -1)
      .filter(Boolean)
      .map(line => (JSON.parse(line) as { result: Worked }).result);
  return { ...site, decided };
}

function makeStub(site: { stateDir: string; folder: string }): string {
  const stub = join(site.stateDir, 'dhcp-hook');
  writeFileSync(stub, stubText(site.folder));
  chmodSync(stub, 0o755);
  chmodSync(site.stateDir, 0o755);
  return stub;
}

const isAt = (bmc: Bmc, address: string) => async () =>
  (await recordOf(bmc)).oob === `${address}/22` ? true : undefined;

/** First boot, renewal, reboot and another address; what NetBox has follows, and nothing is written that says nothing new. */
async function liveThrough(net: BmcNet, server: RunningServer, bmc: Bmc, decided: () => Worked[]) {
  const hostname = `ILO${bmc.serial}`;
  const client = await openUdhcpcBmc(net, { mac: bmc.mac.toLowerCase(), hostname, vendorClass: 'CPQRIB3' });
  const first = await client.boot();
  await eventually(isAt(bmc, first));
  const before = await changeCount();
  const seen = decided().length;
  await client.renew();
  await client.reboot();
  // A renewal says the same; a reboot may be told as one, or not at all where the lease was not changed.
  await eventually(() => (decided().length > seen ? true : undefined));
  expect(await changeCount()).toBe(before);
  await client.release();
  // An address of its own for each: what a server gave to another BMC of these tests is that one's.
  const only = `10.20.2.${from % 250}`;
  await server.restart({ range: { from: only, to: only } });
  const other = await client.boot();
  expect(other).not.toBe(first);
  await eventually(isAt(bmc, other));
  expect(await recordOf(bmc)).toMatchObject({ status: 'planned', addresses: [`${other}/22`], warnings: [] });
  expect(decided().filter(({ act }) => !['discover', 'move', 'nothing', 'note', 'ignore'].includes(act))).toEqual([]);
}

describe.skipIf(missing !== undefined)(titled('through the hook of a real server'), () => {
  test.for(servers.filter(([name]) => isThorough || name !== 'Kea 2.6'))('%s', async ([_, start]) => {
    await using net = await openBmcNet({ name: 'hook' });
    const [bmc] = (await fresh(1)) as [Bmc];
    const site = openWorkingSite();
    const server = await start(net, { leaseSeconds: 600, hook: makeStub(site) });
    await liveThrough(net, server, bmc, site.decided);
    // Only the hook of Kea tells no vendor class.
    const { result } = await site.ask<{ decided: { lease: { hostname?: string } }[] }>('why', bmc.name);
    expect(result.decided[0]?.lease.hostname?.toUpperCase()).toBe(`ILO${bmc.serial}`);
  });

  test('an unknown BMC behind a relay is known by its vendor class and where it is plugged in', async () => {
    await using net = await openBmcNet({ name: 'relay', relay: true });
    const site = openWorkingSite();
    await startIsc(net, { leaseSeconds: 600, hook: makeStub(site) });
    const client = await openUdhcpcBmc(
      net,
      { mac: 'd0:94:66:00:00:77', hostname: 'idrac-F54P1G3', vendorClass: 'iDRAC' },
      { behindRelay: true },
    );
    await client.boot();
    await eventually(() => (site.decided().some(({ act }) => act === 'unknown') ? true : undefined));
    const { result } = await site.ask<Record<string, unknown>[]>('dhcp', 'unknown');
    expect(result).toMatchObject([{ mac: 'D0:94:66:00:00:77', serial: 'F54P1G3', relay: '10.20.8.1' }]);
    expect(result[0]?.circuitId).toBeTruthy();
  });
});

describe.skipIf(missing !== undefined)(titled('where the server is not touched'), () => {
  test('through the tap', async () => {
    await using net = await openBmcNet({ name: 'tap' });
    const [bmc] = (await fresh(1)) as [Bmc];
    const site = openWorkingSite();
    const server = await startIsc(net, { leaseSeconds: 600 });
    const tap = startInside({
      namespace: net.server.namespace,
      command: [...program, 'dhcp', 'tap', '--interface', net.server.device],
      folder: net.folder,
      logFile: join(net.folder, 'tap.log'),
      env: site.wish.env,
    });
    await tap.untilSays(/istening/);
    await liveThrough(net, server, bmc, site.decided);
    await tap.stop('SIGINT');
  });

  test.for(someOf(servers))('through the lease file of %s', async ([_, start]) => {
    await using net = await openBmcNet({ name: 'follow' });
    const [bmc] = (await fresh(1)) as [Bmc];
    const site = openWorkingSite();
    const server = await start(net, { leaseSeconds: 600 });
    const follower = startBmtool(['dhcp', 'follow', server.leaseFile], site.wish);
    onTestFinished(async () => {
      follower.child.kill('SIGINT');
      expect(await follower.ended, follower.stderr()).toMatchObject({ code: 0 });
    });
    const client = await openUdhcpcBmc(net, { mac: bmc.mac.toLowerCase(), hostname: 'x' });
    await eventually(isAt(bmc, await client.boot()));
    expect(await recordOf(bmc)).toMatchObject({ status: 'planned', warnings: [] });
  });
});
