import type { ServerRecord } from '../../../src/adapters/netbox/records.ts';
import { type Lease, type LeaseEvent, leaseEvent } from '../../../src/core/lease.ts';
import { type MacNote, noteDecision } from '../../../src/core/lease-note.ts';
import type { Mac } from '../../../src/core/mac.ts';
import { decide, type Situation } from '../../../src/features/leases/decide.ts';
import type { Claim, Facts, MacPort } from '../../../src/features/leases/facts.ts';

export const statusMap = { discovered: 'planned' };
export const mac = '94:40:C9:00:00:01' as Mac;
export const leased = '10.20.0.5';
const asked = '2026-11-21T10:00:00.000Z';
const later = '2026-11-21T11:00:00.000Z';
const earlier = '2026-11-21T09:00:00.000Z';

const statuses = { offline: 'offline', discovered: 'planned', active: 'active', other: 'failed' } as const;

export function device(id: number, fields: Partial<ServerRecord> = {}): ServerRecord {
  return {
    id,
    name: `srv-${id}`,
    serial: 'MXQ1111111',
    status: 'offline',
    oobIpId: undefined,
    primaryIp4Id: undefined,
    primaryIp6Id: undefined,
    version: `v${id}`,
    ...fields,
  };
}

const port = (id: number, owner: ServerRecord, name = 'iLO', isBmc = true): MacPort => ({
  type: 'dcim.interface',
  id,
  name,
  deviceId: owner.id,
  owner: owner.name,
  isBmc,
});

/** A lease and facts that are just this situation: `decide` is tested over all of them. */
export function sceneOf(situation: Situation): { event: LeaseEvent; facts: Facts } {
  const looks = { bmc: { vendorClass: 'iDRAC' }, host: { vendorClass: 'PXEClient:Arch:00007' }, nothing: {} };
  const lease: Lease = {
    time: asked,
    kind: situation.lease === 'granted' ? 'granted' : 'expired',
    mac,
    address: leased,
    leaseSeconds: 600,
    ...looks[situation.looks],
    source: { way: 'hook', server: 'isc', host: 'dhcp-1' },
  };
  const own = device(1, { status: statuses[situation.device], oobIpId: situation.address === 'none' ? undefined : 50 });
  const on = { type: 'dcim.interface', id: 10 };
  const held = { same: `${leased}/22`, other: '10.20.0.9/22' };
  const addresses =
    situation.address === 'none' ? [] : [{ id: 50, address: held[situation.address], vrfId: undefined, on }];
  return {
    event: leaseEvent(lease),
    facts: {
      ports: { bmc: [port(10, own)], nowhere: [], elsewhere: [port(10, own), port(11, device(2))] }[situation.mac],
      device: situation.mac === 'bmc' ? own : undefined,
      addresses,
      claims: [...addresses.filter(({ address }) => address.startsWith(leased)), ...claimsOf(situation)].map(claim => ({
        onText: 'srv-1 iLO',
        ...claim,
      })),
      network: { text: '10.20.0.0/22', length: 22, vrfId: undefined },
      note: noteAt(situation.order === 'older' ? later : earlier, lease),
      organisation: undefined,
    },
  };
}

function claimsOf({ holder }: Situation): Claim[] {
  if (holder === 'nobody') return [];
  const other = device(9, { status: holder === 'outdated' ? 'planned' : 'active', oobIpId: 90 });
  return [
    {
      id: 90,
      address: `${leased}/22`,
      vrfId: undefined,
      on: { type: 'dcim.interface', id: 99 },
      holder: { device: other, leasedMs: Date.parse(earlier) },
      onText: 'srv-9 iLO',
    },
  ];
}

function noteAt(time: string, lease: Lease): MacNote {
  const before: Lease = { ...lease, kind: 'granted', time };
  return noteDecision(undefined, {
    lease: before,
    eventId: 'x',
    rule: 'offline',
    act: 'discover',
    reason: '',
    at: time,
  });
}

export function decideScene(situation: Situation) {
  return decide(sceneOf(situation), { statusMap });
}
