import { beforeAll, describe, expect, test } from 'vitest';
import type { Mac } from '../../src/core/mac.ts';
import { type Bmc, bmcs, holdersOf, openSite, recordOf } from '../support/leases.ts';
import { api, changeCount, resetLab } from '../support/netbox.ts';
import { patch, post, tokenOf } from '../support/phases.ts';
import { isThorough } from '../support/tries.ts';

beforeAll(() => resetLab());

let from = 0;
/** Servers that no other test of this file touches. */
async function fresh(count: number): Promise<Bmc[]> {
  from += count;
  return bmcs(count, from - count);
}

const setStatus = (bmc: Bmc, status: string) => patch(`dcim/devices/${bmc.deviceId}/`, { status });

const giveAddress = (address: string, on?: Bmc) =>
  post<{ id: number }>('ipam/ip-addresses/', {
    address,
    ...(on ? { assigned_object_type: 'dcim.interface', assigned_object_id: on.interfaceId } : {}),
  });

describe('a BMC that asks', () => {
  test('for the first time is discovered; its renewals write nothing', async () => {
    const site = openSite();
    const [bmc] = (await fresh(1)) as [Bmc];
    site.see({ mac: bmc.mac, address: '10.20.1.10' });
    expect(await site.work()).toMatchObject([{ act: 'discover', device: bmc.name }]);
    const discovered = { status: 'planned', oob: '10.20.1.10/22', addresses: ['10.20.1.10/22'], warnings: [] };
    expect(await recordOf(bmc)).toEqual(discovered);
    const before = await changeCount();
    site.see({ mac: bmc.mac, address: '10.20.1.10' }, { mac: bmc.mac, address: '10.20.1.10' });
    // Of two renewals that wait, only the last has anything to say.
    expect((await site.work()).map(({ act }) => act)).toEqual(['nothing', 'nothing']);
    expect(await changeCount()).toBe(before);
    expect(await recordOf(bmc)).toEqual(discovered);
  });

  test('and gets another address moves, with the object that it has', async () => {
    const site = openSite();
    const [bmc] = (await fresh(1)) as [Bmc];
    site.see({ mac: bmc.mac, address: '10.20.1.20' });
    await site.work();
    site.see({ mac: bmc.mac, address: '10.20.1.21' });
    expect(await site.work()).toMatchObject([{ act: 'move' }]);
    expect(await recordOf(bmc)).toMatchObject({ oob: '10.20.1.21/22', addresses: ['10.20.1.21/22'] });
    expect(await holdersOf('10.20.1.20')).toBe(0);
    // A run like any other: it can be taken back.
    const { result } = await site.ask<{ id: string }[]>('runs', 'list', '--limit', '1');
    expect(result).toHaveLength(1);
    expect((await site.say('undo', '--yes')).exitCode).toBe(0);
    expect(await recordOf(bmc)).toMatchObject({ oob: '10.20.1.20/22' });
  });

  test('two that swapped their addresses are both right after one look', async () => {
    const site = openSite();
    const [a, b] = (await fresh(2)) as [Bmc, Bmc];
    site.see({ mac: a.mac, address: '10.20.1.30' }, { mac: b.mac, address: '10.20.1.31' });
    await site.work();
    site.see({ mac: a.mac, address: '10.20.1.31' }, { mac: b.mac, address: '10.20.1.30' });
    const worked = await site.work();
    expect(worked.map(({ failed }) => failed)).toEqual([undefined, undefined]);
    expect(await recordOf(a)).toMatchObject({ oob: '10.20.1.31/22', addresses: ['10.20.1.31/22'] });
    expect(await recordOf(b)).toMatchObject({ oob: '10.20.1.30/22', addresses: ['10.20.1.30/22'] });
    expect([await holdersOf('10.20.1.30'), await holdersOf('10.20.1.31')]).toEqual([1, 1]);
  });

  test('two whose MACs are swapped in the manifest tell so by their hostnames', async () => {
    const site = openSite();
    const [a, b] = (await fresh(2)) as [Bmc, Bmc];
    const name = (bmc: Bmc) => `idrac-${bmc.serial}`;
    site.see(
      { mac: a.mac, address: '10.20.1.40', hostname: name(b) },
      { mac: b.mac, address: '10.20.1.41', hostname: name(a) },
    );
    expect((await site.work()).map(({ act, journalled }) => [act, journalled])).toEqual([
      ['discover', 1],
      ['discover', 1],
    ]);
    expect((await recordOf(a)).warnings[0]).toContain(`calls itself \`${name(b)}\``);
    expect((await recordOf(b)).warnings[0]).toContain(`serial of the device is \`${b.serial}\``);
  });

  test('gets an address that is there already, with the mask of the prefix', async () => {
    const site = openSite();
    const [bmc] = (await fresh(1)) as [Bmc];
    const { id } = await giveAddress('10.20.1.50/24');
    site.see({ mac: bmc.mac, address: '10.20.1.50' });
    expect(await site.work()).toMatchObject([{ act: 'discover' }]);
    expect(await recordOf(bmc)).toMatchObject({ oob: '10.20.1.50/22' });
    expect((await api<{ address: string }>(`ipam/ip-addresses/${id}/`)).body.address).toBe('10.20.1.50/22');
  });

  test('as an active device without an address is given one, and nothing else', async () => {
    const site = openSite();
    const [bmc] = (await fresh(1)) as [Bmc];
    await setStatus(bmc, 'active');
    site.see({ mac: bmc.mac, address: '10.20.1.60' });
    expect(await site.work()).toMatchObject([{ act: 'assign' }]);
    expect(await recordOf(bmc)).toEqual({
      status: 'active',
      oob: '10.20.1.60/22',
      addresses: ['10.20.1.60/22'],
      warnings: [],
    });
  });
});

describe('what does not fit is written where people look, once', () => {
  test.runIf(isThorough)(
    'another address than an active device has; an address of somebody else; a device that should not ask',
    async () => {
      const site = openSite();
      const [active, offline, failed, owner] = (await fresh(4)) as [Bmc, Bmc, Bmc, Bmc];
      await setStatus(active, 'active');
      await setStatus(failed, 'failed');
      await setStatus(owner, 'active');
      await giveAddress('10.20.1.70/22', active);
      await giveAddress('10.20.1.71/22', owner);
      const ask = () =>
        site.see(
          { mac: active.mac, address: '10.20.1.72' },
          { mac: offline.mac, address: '10.20.1.71' },
          { mac: failed.mac, address: '10.20.1.73' },
        );
      ask();
      const first = await site.work();
      expect(first.map(({ rule, journalled }) => [rule, journalled])).toEqual([
        ['active, other', 1],
        ['address taken', 1],
        ['other state', 1],
      ]);
      const before = await changeCount();
      ask();
      expect((await site.work()).map(({ act, journalled }) => [act, journalled])).toEqual(first.map(() => ['warn', 0]));
      // Another machine has no notes: it finds the warnings in the journal.
      const other = openSite();
      other.see({ mac: failed.mac, address: '10.20.1.73' });
      expect(await other.work()).toMatchObject([{ act: 'warn', journalled: 0 }]);
      expect(await changeCount()).toBe(before);
      expect((await recordOf(active)).warnings).toEqual([expect.stringContaining('10.20.1.70/22')]);
      expect(await recordOf(offline)).toMatchObject({
        status: 'offline',
        addresses: [],
        warnings: [expect.stringContaining(owner.name)],
      });
      expect((await recordOf(failed)).warnings).toEqual([expect.stringContaining('while the device is failed')]);
      expect((await recordOf(owner)).warnings).toEqual([]);
    },
  );

  test('a MAC on two interfaces is told at both', async () => {
    const site = openSite();
    const [a, b] = (await fresh(2)) as [Bmc, Bmc];
    await post('dcim/mac-addresses/', {
      mac_address: a.mac,
      assigned_object_type: 'dcim.interface',
      assigned_object_id: b.interfaceId,
    });
    site.see({ mac: a.mac, address: '10.20.1.80' });
    expect(await site.work()).toMatchObject([{ rule: 'MAC elsewhere', journalled: 2 }]);
    for (const bmc of [a, b]) {
      const { status, warnings } = await recordOf(bmc);
      expect([status, warnings.length]).toEqual(['offline', 1]);
      expect(warnings[0]).toContain(`\`${a.name} ${a.bmc}\`, \`${b.name} ${b.bmc}\``);
    }
  });

  test('a BMC that NetBox does not know is listed; hosts and others are passed over', async () => {
    const site = openSite();
    const strange = 'D0:94:66:AA:BB:01' as Mac;
    site.see(
      {
        mac: strange,
        address: '10.20.1.90',
        hostname: 'idrac-F54P1G3',
        vendorClass: 'iDRAC',
        relay: '10.20.8.1',
        circuitId: 'dn0',
      },
      { mac: '3C:EC:EF:00:00:02' as Mac, address: '10.20.1.91', vendorClass: 'PXEClient:Arch:00007:UNDI:003016' },
      { mac: '02:00:00:00:00:03' as Mac, address: '10.20.1.92', hostname: 'laptop' },
    );
    expect((await site.work()).map(({ act }) => act)).toEqual(['unknown', 'ignore', 'ignore']);
    const { result } = await site.ask<Record<string, unknown>[]>('dhcp', 'unknown');
    expect(result).toMatchObject([{ mac: strange, serial: 'F54P1G3', circuitId: 'dn0', relay: '10.20.8.1', times: 1 }]);
    const told = await site.say('why', strange);
    expect([told.exitCode, told.stdout]).toEqual([0, expect.stringContaining('unknown')]);
  });
});

describe('what changes nothing', () => {
  test('the end of a lease, and a lease older than one that was decided', async () => {
    const site = openSite();
    const [bmc] = (await fresh(1)) as [Bmc];
    site.see({ mac: bmc.mac, address: '10.20.1.100', time: '2026-11-21T12:00:00.000Z' });
    await site.work();
    const before = await changeCount();
    site.see(
      { mac: bmc.mac, address: '10.20.1.101', time: '2026-11-21T11:59:00.000Z' },
      { mac: bmc.mac, address: '10.20.1.100', kind: 'expired', time: '2026-11-21T12:10:00.000Z' },
      { mac: bmc.mac, address: '10.20.1.100', kind: 'released', time: '2026-11-21T12:11:00.000Z' },
    );
    expect((await site.work()).map(({ rule }) => rule)).toEqual(['out of order', 'end of a lease', 'end of a lease']);
    expect(await changeCount()).toBe(before);
    const { result } = await site.ask<{ decided: { act: string }[] }>('why', bmc.name);
    expect(result.decided.map(({ act }) => act)).toEqual(['discover', 'ignore', 'note']);
  });

  test('dhcp decide, which tells what would happen', async () => {
    const site = openSite();
    const [bmc] = (await fresh(1)) as [Bmc];
    const before = await changeCount();
    const { result } = await site.ask<{ rule: string; changes: unknown[] }>(
      'dhcp',
      'decide',
      '--mac',
      bmc.mac,
      '--ip',
      '10.20.1.110',
    );
    expect([result.rule, result.changes.length]).toEqual(['offline', 2]);
    expect(await changeCount()).toBe(before);
  });
});

describe('trouble', () => {
  test.runIf(isThorough)(
    'an event that NetBox refuses becomes a dead letter after three tries; the others go on',
    async () => {
      const site = openSite();
      const [bad, good] = (await fresh(2)) as [Bmc, Bmc];
      // The broadcast address of the prefix: NetBox lets no interface have it.
      site.see({ mac: bad.mac, address: '10.20.3.255' }, { mac: good.mac, address: '10.20.1.120' });
      const outcomes = new Map<string, (string | undefined)[]>();
      for (let dead = 0; dead === 0; ) {
        for (const { device = '', failed } of await site.work())
          outcomes.set(device, [...(outcomes.get(device) ?? []), failed]);
        dead = (await site.ask<{ dead: number }>('dhcp', 'spool')).result.dead;
      }
      expect(outcomes.get(good.name)).toEqual([undefined]);
      expect(outcomes.get(bad.name)).toHaveLength(3);
      const { result } = await site.ask<{ id: string; reason: string }[]>('dhcp', 'dead', 'list');
      expect(result).toMatchObject([{ tries: 3, reason: expect.stringContaining('10.20.3.255') }]);
      expect((await site.say('dhcp', 'worker', '--once')).stderr).toContain('1 dead letter: ');
      expect(await recordOf(bad)).toMatchObject({ status: 'offline', oob: null });
      expect((await site.say('dhcp', 'dead', 'drop', '--all', '--yes')).exitCode).toBe(0);
      expect((await site.ask<unknown[]>('dhcp', 'dead', 'list')).result).toEqual([]);
      expect((await site.say('dhcp', 'worker', '--once')).stderr).toContain('No lease event waits in ');
    },
  );

  test('a token that may not write: exit 4, and the events wait', async () => {
    const [bmc] = (await fresh(1)) as [Bmc];
    const NETBOX_TOKEN = await tokenOf('lease-reader', {
      'dcim.device': ['view'],
      'dcim.interface': ['view'],
      'dcim.macaddress': ['view'],
      'ipam.ipaddress': ['view'],
      'ipam.prefix': ['view'],
      'extras.journalentry': ['view'],
    });
    const site = openSite({ NETBOX_TOKEN });
    site.see({ mac: bmc.mac, address: '10.20.1.130' });
    const { exitCode, stderr } = await site.say('dhcp', 'worker', '--once');
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('dcim.change_device')]);
    expect((await site.ask<{ waiting: number; dead: number }>('dhcp', 'spool')).result).toMatchObject({
      waiting: 1,
      dead: 0,
    });
  });
});
