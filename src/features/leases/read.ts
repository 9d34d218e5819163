import type { AddressRecord, PrefixRecord } from '../../adapters/netbox/addressing.ts';
import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { MacRecord, PortRecord, ServerRecord } from '../../adapters/netbox/records.ts';
import type { OuiRegistry } from '../../adapters/oui/registry.ts';
import { isInside, parseAddress, parsePrefix } from '../../core/address.ts';
import { isBmcInterface } from '../../core/bmc.ts';
import type { LeaseEvent } from '../../core/lease.ts';
import { type MacNote, newestGrantMs } from '../../core/lease-note.ts';
import { type Mac, ouiOf, parseMac } from '../../core/mac.ts';
import type { Claim, Facts, Holder, LeaseFacts, MacPort, Network } from './facts.ts';

export type Sources = {
  readonly netbox: NetBox;
  readonly oui: OuiRegistry;
  readonly bmcInterfaces: readonly string[];
  /** What was noted about MACs before. */
  readonly notes: (macs: readonly Mac[]) => Promise<ReadonlyMap<Mac, MacNote>>;
};

/** Reads what NetBox has about some leases, by lists: three rounds of requests however many there are. */
export async function readFacts(sources: Sources, events: readonly LeaseEvent[]): Promise<LeaseFacts[]> {
  const { netbox, bmcInterfaces } = sources;
  const macs = unique(events.map(({ data }) => data.mac));
  const hosts = unique(events.filter(({ data }) => data.kind === 'granted').map(({ data }) => data.address));
  const [macRows, claimRows, prefixes, notes] = await Promise.all([
    netbox.fleet.macsWith(macs),
    netbox.addressing.addressesOf(hosts),
    netbox.addressing.prefixesAround(hosts),
    sources.notes(macs),
  ]);
  const claimed = claimRows.flatMap(({ on }) => (on?.type === 'dcim.interface' ? [on.id] : []));
  const own = macRows.flatMap(({ on }) => (on?.type === 'dcim.interface' ? [on.id] : []));
  const [ports, addresses, claimants] = await Promise.all([
    netbox.fleet.ports(unique([...own, ...claimed])),
    netbox.addressing.addressesOn(unique(own)),
    readClaimantNotes(sources, unique(claimed.filter(id => !own.includes(id)))),
  ]);
  const servers = await netbox.fleet.servers({ ids: unique(ports.map(({ deviceId }) => deviceId)) });
  const read: Read = {
    macs: Map.groupBy(macRows, ({ address }) => address),
    claims: Map.groupBy(claimRows, ({ address }) => address.split('/')[0] ?? ''),
    addresses: Map.groupBy(addresses, ({ on }) => on?.id ?? 0),
    ports: new Map(ports.map(row => [row.id, row])),
    servers: new Map(servers.map(row => [row.id, row])),
    prefixes,
    leasedMs: claimants,
    isBmc: name => isBmcInterface(name, bmcInterfaces),
  };
  return events.map(event => ({
    event,
    facts: {
      ...factsOf(event, read),
      note: notes.get(event.data.mac),
      organisation: read.macs.has(event.data.mac) ? undefined : sources.oui.organisation(ouiOf(event.data.mac)),
    },
  }));
}

type Read = {
  readonly macs: ReadonlyMap<string, readonly MacRecord[]>;
  readonly claims: ReadonlyMap<string, readonly AddressRecord[]>;
  readonly addresses: ReadonlyMap<number, readonly AddressRecord[]>;
  readonly ports: ReadonlyMap<number, PortRecord>;
  readonly servers: ReadonlyMap<number, ServerRecord>;
  readonly prefixes: readonly PrefixRecord[];
  /** By interface: when the newest lease of a MAC on it was. */
  readonly leasedMs: ReadonlyMap<number, number>;
  readonly isBmc: (name: string) => boolean;
};

/** When those who have a leased address on record were last given one themselves. */
async function readClaimantNotes({ netbox, notes }: Sources, portIds: readonly number[]): Promise<Map<number, number>> {
  if (portIds.length === 0) return new Map();
  const rows = await netbox.fleet.macsOn(portIds);
  const parsed = rows.flatMap(({ address, on }) => {
    const reading = parseMac(address);
    return reading.ok && on ? [{ mac: reading.mac, portId: on.id }] : [];
  });
  const known = await notes(parsed.map(({ mac }) => mac));
  return new Map(
    parsed.flatMap(({ mac, portId }) => {
      const newest = newestGrantMs(known.get(mac));
      return newest === undefined ? [] : [[portId, newest] as const];
    }),
  );
}

function factsOf({ data }: LeaseEvent, read: Read): Omit<Facts, 'note' | 'organisation'> {
  const ports = (read.macs.get(data.mac) ?? []).flatMap(row => portOf(row, read));
  const [port] = ports;
  return {
    ports,
    device: port?.isBmc && port.deviceId !== undefined ? read.servers.get(port.deviceId) : undefined,
    addresses: port === undefined ? [] : (read.addresses.get(port.id) ?? []),
    claims: (read.claims.get(data.address) ?? []).map(row => claimOf(row, read)),
    network: networkAround(data.address, read.prefixes),
  };
}

/** A MAC object that is on nothing says nothing. */
function portOf({ on }: MacRecord, { ports, isBmc }: Read): MacPort[] {
  if (on === undefined) return [];
  const port = on.type === 'dcim.interface' ? ports.get(on.id) : undefined;
  if (port === undefined)
    return [{ type: on.type, id: on.id, name: `${on.type} ${on.id}`, deviceId: undefined, owner: '', isBmc: false }];
  return [
    {
      type: on.type,
      id: on.id,
      name: port.name,
      deviceId: port.deviceId,
      owner: port.deviceName,
      isBmc: isBmc(port.name),
    },
  ];
}

function claimOf(row: AddressRecord, read: Read): Claim {
  const port = row.on?.type === 'dcim.interface' ? read.ports.get(row.on.id) : undefined;
  const device = port && read.servers.get(port.deviceId);
  const holder: Holder | undefined =
    port && device && read.isBmc(port.name) ? { device, leasedMs: read.leasedMs.get(port.id) } : undefined;
  const onText = port ? `${port.deviceName} ${port.name}` : row.on ? `${row.on.type} ${row.on.id}` : 'nothing';
  return { ...row, holder, onText };
}

/** The narrowest one; of equals the one that is in no VRF, then the oldest. */
function networkAround(host: string, prefixes: readonly PrefixRecord[]): Network | undefined {
  const address = parseAddress(host);
  const around = prefixes
    .flatMap(({ id, prefix: text, vrfId }) => {
      const prefix = parsePrefix(text);
      return prefix && address && isInside(address, prefix) ? [{ id, text, length: prefix.length, vrfId }] : [];
    })
    .sort(
      (a, b) => b.length - a.length || Number(a.vrfId !== undefined) - Number(b.vrfId !== undefined) || a.id - b.id,
    );
  const [narrowest] = around;
  return narrowest && { text: narrowest.text, length: narrowest.length, vrfId: narrowest.vrfId };
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
