import type { AddressRecord, PrefixRecord } from '../../adapters/netbox/addressing.ts';
import type { CableEnd } from '../../adapters/netbox/cabling.ts';
import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { JournalRecord, PortRecord, ServerRecord } from '../../adapters/netbox/records.ts';
import { parsePrefix } from '../../core/address.ts';
import { isBmcInterface } from '../../core/bmc.ts';
import type { ObjectKind } from '../../core/change.ts';
import { Failure } from '../../core/failure.ts';
import { naturalOrder } from '../../core/natural-order.ts';
import { invertedTag } from '../../core/tag.ts';
import type { Decision } from './decide.ts';
import type { Details } from './details.ts';
import { type Entry, entryKind, entryMark, parseEntry } from './entry.ts';
import type { BmcNetwork, Facts, Nic, ServerFacts } from './facts.ts';
import { type PhaseNumber, phases } from './phase.ts';
import { tagDescription } from './tag.ts';

export type FactsWish = {
  /** A device is a server when its role's name contains this. */
  readonly role: string;
  /** An interface is a BMC's when its name contains one of these, in any case. */
  readonly bmcInterfaces: readonly string[];
  /** BMTOOL_BMC_PREFIX; empty for the prefix whose role is `bmc`. */
  readonly bmcPrefix: string;
  readonly limit: number | undefined;
  /** The phases that will be decided for: what none of them looks at is not read. */
  readonly phases: readonly PhaseNumber[];
};

/** Reads the fleet with lists, side by side; with a limit only what those servers need, as far as NetBox lets one ask. */
export async function readFacts(netbox: NetBox, wish: FactsWish): Promise<Facts> {
  const { fleet, cabling } = netbox;
  const network = wish.phases.some(phase => phases[phase].address === 'one')
    ? readNetwork(netbox, wish.bmcPrefix)
    : Promise.resolve(undefined);
  const scope = readServers(netbox, wish);
  // Without a limit nothing has to wait for the servers' ids.
  const ids =
    wish.limit === undefined
      ? Promise.resolve(undefined)
      : scope.then(({ servers }) => servers.map(server => server.id));
  const bmcs = ids.then(async some => {
    const ports = await (some ? fleet.portsOf(some) : fleet.portsNamed(wish.bmcInterfaces));
    return ports.filter(({ name }) => isBmcInterface(name, wish.bmcInterfaces));
  });
  const entries = ids.then(some => fleet.journalWith(entryMark, entryKind, some));
  const tag = cabling.tag(invertedTag);
  const tagged = tag.then(found => (found && found.items > 0 ? cabling.cablesTagged(invertedTag) : []));
  const own = Promise.all([scope, bmcs]).then(([{ servers }, ports]) => ofServers(servers, ports));
  const addresses = own.then(ports => netbox.addressing.addressesOn(ports.map(({ id }) => id)));
  const inverting = wish.phases.some(phase => phases[phase].cabling === 'inverted');
  const cablingRead = inverting
    ? Promise.resolve(true)
    : Promise.all([entries, tagged]).then(([found, cables]) => found.length + cables.length > 0);
  const cables = Promise.all([cablingRead, ids]).then(([wanted, some]) =>
    wanted
      ? readCables(
          netbox,
          wish,
          scope.then(({ servers }) => servers),
          some,
        )
      : { ports: [], ends: [] },
  );
  const read = await Promise.all([scope, own, addresses, entries, tagged, cables, network, tag, cablingRead]);
  const [{ servers, total }, ports, onPorts, journal, taggedCables, { ports: nics, ends }] = read;
  return {
    servers: assemble({ servers, ports, addresses: onPorts, journal, tagged: taggedCables, nics, ends }),
    total,
    bmcNetwork: read[6],
    tag: read[7],
    cablingRead: read[8],
  };
}

/** What carrying decisions out takes besides the facts: before-images of what is deleted, the cables' tags and versions, the ports' names. */
export async function readDetails(netbox: NetBox, decisions: readonly Decision[], facts: Facts): Promise<Details> {
  const cablings = decisions.flatMap(({ cabling }) => (cabling ? [cabling] : []));
  const moving = cablings.filter(({ moves, retag }) => moves.length + retag.length > 0);
  const cableIds = moving.flatMap(({ cabling }) => cabling.pair.map(({ nic }) => nic.cable.id));
  const portIds = cablings
    .filter(({ writeEntry }) => writeEntry)
    .flatMap(({ cabling }) => cabling.pair.map(({ portId }) => portId));
  const deleted: readonly [ObjectKind, readonly number[]][] = [
    ['ipam.ipaddress', decisions.flatMap(({ address }) => address?.remove.map(({ id }) => id) ?? [])],
    ['extras.journalentry', cablings.flatMap(({ removeEntries }) => removeEntries.map(({ id }) => id))],
    ['extras.tag', facts.tag?.description === tagDescription ? [facts.tag.id] : []],
  ];
  const [cables, ports, ...standing] = await Promise.all([
    netbox.cabling.cables(cableIds),
    netbox.cabling.ports(portIds),
    ...deleted.map(async ([kind, ids]) => [kind, await netbox.whole(kind, ids)] as const),
  ]);
  const whole = new Map(standing);
  const names = new Map(ports.map(port => [port.id, `${port.deviceName} ${port.name}`]));
  return {
    cables: new Map(cables.map(cable => [cable.id, cable])),
    whole: (kind, id) => whole.get(kind)?.get(id),
    portName: id => names.get(id) ?? `interface ${id}`,
    basePath: new URL(netbox.url).pathname.replace(/\/+$/, ''),
  };
}

async function readServers(
  { fleet }: NetBox,
  { role, limit }: FactsWish,
): Promise<{ servers: ServerRecord[]; total: number }> {
  if (limit === undefined) {
    const servers = await fleet.servers({ role });
    return { servers: servers.sort(byName), total: servers.length };
  }
  const names = (await fleet.serverNames(role)).servers.sort(byName);
  const chosen = names.slice(0, limit).map(({ id }) => id);
  return { servers: (await fleet.servers({ ids: chosen })).sort(byName), total: names.length };
}

function byName(a: { name: string; id: number }, b: { name: string; id: number }): number {
  return naturalOrder(a.name, b.name) || a.id - b.id;
}

async function readCables(
  { cabling }: NetBox,
  wish: FactsWish,
  servers: Promise<readonly ServerRecord[]>,
  some: readonly number[] | undefined,
): Promise<{ ports: PortRecord[]; ends: CableEnd[] }> {
  // Together: where NetBox is away both fail, and one that nobody waits for yet would end this program.
  const [read, known] = await Promise.all([
    cabling.production(some ? { deviceIds: some } : { role: wish.role }),
    servers,
  ]);
  const { ports, ends } = read;
  const own = ofServers(known, ports);
  return { ports: own.filter(({ name }) => !isBmcInterface(name, wish.bmcInterfaces)), ends };
}

function ofServers(servers: readonly ServerRecord[], ports: readonly PortRecord[]): PortRecord[] {
  const ids = new Set(servers.map(({ id }) => id));
  return ports.filter(({ deviceId }) => ids.has(deviceId));
}

/** The prefix from which BMCs get their addresses: the one that the setting names, else the one whose role is `bmc`. */
export async function findPrefix({ addressing }: NetBox, named: string): Promise<PrefixRecord> {
  const found = named ? await addressing.prefixesNamed(named) : await addressing.prefixesWithRole('bmc');
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const list = found.map(({ prefix, vrfId }) => `${prefix}${vrfId ? ` (VRF ${vrfId})` : ''}`).join(', ');
  const what = named ? `prefix ${named}` : 'prefix with the role "bmc"';
  const has = only === undefined ? `no ${what}` : `more than one ${what}: ${list}`;
  throw new Failure('bmc-prefix-unclear', `NetBox has ${has}`, {
    next: 'Set BMTOOL_BMC_PREFIX to the prefix from which BMCs get their addresses. Nothing was changed.',
  });
}

async function readNetwork(netbox: NetBox, named: string): Promise<BmcNetwork> {
  const { prefix: text, vrfId } = await findPrefix(netbox, named);
  const prefix = parsePrefix(text);
  if (prefix === undefined)
    throw new Failure('netbox-answer-unknown', `NetBox gives a prefix that is none: ${text}`, {
      next: 'Check with bmtool doctor which version it is, and report this.',
    });
  const [taken, ranges] = await Promise.all([
    netbox.addressing.addressesIn(text, vrfId),
    netbox.addressing.rangesIn(text, vrfId),
  ]);
  return { prefix, text, vrfId, taken, ranges };
}

type Parts = {
  readonly servers: readonly ServerRecord[];
  readonly ports: readonly PortRecord[];
  readonly addresses: readonly AddressRecord[];
  readonly journal: readonly JournalRecord[];
  readonly tagged: readonly number[];
  readonly nics: readonly PortRecord[];
  readonly ends: readonly CableEnd[];
};

function assemble(parts: Parts): ServerFacts[] {
  const deviceOf = new Map(parts.ports.map(port => [port.id, port.deviceId]));
  const bmcs = Map.groupBy(parts.ports, port => port.deviceId);
  const addresses = Map.groupBy(parts.addresses, address => deviceOf.get(address.on?.id ?? 0));
  const entries = Map.groupBy(parts.journal.flatMap(entryOf), entry => entry.deviceId);
  const nics = Map.groupBy(nicsOf(parts), ({ deviceId }) => deviceId);
  return parts.servers.map(server => ({
    ...server,
    bmcs: bmcs.get(server.id) ?? [],
    addresses: addresses.get(server.id) ?? [],
    nics: (nics.get(server.id) ?? []).map(({ nic }) => nic).sort((a, b) => naturalOrder(a.name, b.name)),
    entries: (entries.get(server.id) ?? []).sort((a, b) => a.id - b.id),
  }));
}

function entryOf({ id, deviceId, comments }: JournalRecord): Entry[] {
  const inversion = parseEntry(comments);
  return inversion ? [{ id, deviceId, inversion }] : [];
}

function nicsOf({ nics, ends, tagged }: Parts): { deviceId: number; nic: Nic }[] {
  const tags = new Set(tagged);
  const byCable = Map.groupBy(ends, end => end.cableId);
  const byPort = new Map(ends.filter(end => end.type === 'dcim.interface').map(end => [end.id, end]));
  return nics.flatMap(({ id, name, deviceId }) => {
    const end = byPort.get(id);
    if (end === undefined) return [];
    const all = byCable.get(end.cableId) ?? [];
    const cable = {
      id: end.cableId,
      tagged: tags.has(end.cableId),
      side: end.side,
      near: all.filter(other => other.side === end.side),
      far: all.filter(other => other.side !== end.side),
    };
    return [{ deviceId, nic: { id, name, cable } }];
  });
}
