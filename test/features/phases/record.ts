import fc from 'fast-check';
import { parsePrefix } from '../../../src/core/address.ts';
import { type Change, type ChangeKey, differingFields, type Fields, withoutRefs } from '../../../src/core/change.ts';
import { checkPlan, depths } from '../../../src/core/plan.ts';
import { invertedTag } from '../../../src/core/tag.ts';
import { changesFor } from '../../../src/features/phases/changes.ts';
import { type Decided, decide } from '../../../src/features/phases/decide.ts';
import { entryText, parseEntry } from '../../../src/features/phases/entry.ts';
import type { Facts, Nic } from '../../../src/features/phases/facts.ts';
import type { PhaseNumber } from '../../../src/features/phases/phase.ts';
import { tagDescription } from '../../../src/features/phases/tag.ts';

/**
 * A record small enough to hold in the hand, with the rules of NetBox that matter to the phases: a port takes one cable, an address is there
 * once, a device points only to addresses of its own, and a write is refused when what it was computed from is no more.
 */
export type RecordModel = {
  readonly devices: Map<number, Fields>;
  readonly addresses: Map<number, Fields>;
  readonly cables: Map<number, Fields>;
  readonly entries: Map<number, Fields>;
  readonly tags: Map<number, Fields>;
  readonly cases: readonly ServerCase[];
  nextId: number;
};

const tables = {
  'dcim.device': 'devices',
  'ipam.ipaddress': 'addresses',
  'dcim.cable': 'cables',
  'extras.journalentry': 'entries',
  'extras.tag': 'tags',
} as const;

const prefix = '10.20.0.0/26';
const statusMap = { discovered: 'planned' };

// Ids by arithmetic, so that they can be read in a failure: server 3 has BMC 30, NICs 31..33, ports 131..133, cables 231..233.
const bmcOf = (server: number) => server * 10;
const nicOf = (server: number, i: number) => server * 10 + i;
const portOf = (server: number, i: number) => 100 + server * 10 + i;
const cableOf = (server: number, i: number) => 200 + server * 10 + i;
const end = (id: number) => [{ object_type: 'dcim.interface', object_id: id }];

export function copyOf(record: RecordModel): RecordModel {
  return structuredClone(record);
}

export function factsOf(record: RecordModel): Facts {
  const [tag] = [...record.tags].filter(([, fields]) => fields.slug === invertedTag);
  const ends = [...record.cables].flatMap(([cableId, cable]) =>
    (['A', 'B'] as const).flatMap(side =>
      (cable[side === 'A' ? 'a_terminations' : 'b_terminations'] as Fields[]).map(one => ({
        cableId,
        side,
        type: String(one.object_type),
        id: Number(one.object_id),
      })),
    ),
  );
  const nicsOf = (server: number): Nic[] =>
    [1, 2, 3].flatMap(i => {
      const own = ends.find(({ id }) => id === nicOf(server, i));
      if (own === undefined) return [];
      const all = ends.filter(({ cableId }) => cableId === own.cableId);
      const tagged = tag !== undefined && tagsOf(record, own.cableId).includes(tag[0]);
      const cable = {
        id: own.cableId,
        tagged,
        side: own.side,
        near: all.filter(({ side }) => side === own.side),
        far: all.filter(({ side }) => side !== own.side),
      };
      return [{ id: nicOf(server, i), name: `eno${i}`, cable }];
    });
  const addresses = [...record.addresses].map(([id, fields]) => ({
    id,
    address: String(fields.address),
    vrfId: undefined,
    on: { type: 'dcim.interface', id: Number(fields.assigned_object_id) },
  }));
  const parsed = parsePrefix(prefix);
  if (!parsed) throw new Error(prefix);
  const servers = [...record.devices].map(([id, fields]) => ({
    id,
    name: String(fields.name),
    serial: '',
    status: String(fields.status),
    oobIpId: (fields.oob_ip as number | null) ?? undefined,
    primaryIp4Id: undefined,
    primaryIp6Id: undefined,
    version: `v${id}`,
    bmcs: [{ id: bmcOf(id), deviceId: id, deviceName: String(fields.name), name: 'bmc' }],
    addresses: addresses.filter(address => address.on.id === bmcOf(id)),
    nics: nicsOf(id),
    entries: [...record.entries].flatMap(([entryId, entry]) => {
      const inversion = entry.assigned_object_id === id ? parseEntry(String(entry.comments)) : undefined;
      return inversion ? [{ id: entryId, deviceId: id, inversion }] : [];
    }),
  }));
  return {
    servers,
    total: servers.length,
    bmcNetwork: {
      prefix: parsed,
      text: prefix,
      vrfId: undefined,
      taken: addresses.filter(({ address }) => address.startsWith('10.20.0.')),
      ranges: [{ start: '10.20.0.4/26', end: '10.20.0.6/26' }],
    },
    tag: tag && {
      id: tag[0],
      slug: invertedTag,
      description: String(tag[1].description),
      items: [...record.cables.values()].filter(cable => (cable.tags as number[]).includes(tag[0])).length,
      version: 'v',
    },
    cablingRead: true,
  };
}

function tagsOf(record: RecordModel, cableId: number): number[] {
  return (record.cables.get(cableId)?.tags ?? []) as number[];
}

export function planFor(record: RecordModel, phase: PhaseNumber): { decided: Decided; changes: Change[] } {
  const facts = factsOf(record);
  const decided = decide(facts, { phase, statusMap });
  const changes = changesFor(decided.decisions, facts, {
    cables: new Map(
      [...record.cables].map(([id, { tags }]) => [
        id,
        { id, label: '', tags: (tags as number[]).toSorted((a, b) => a - b), version: 'v' },
      ]),
    ),
    whole: (kind, id) => ({ id, fields: rowOf(record, kind, id) ?? {}, version: undefined }),
    portName: id => `switch port ${id}`,
    basePath: '',
  });
  checkPlan(changes);
  return { decided, changes };
}

/** Writes changes as NetBox would, in the order that their needs want. Gives the id of each. Throws for what NetBox would refuse. */
export function write(record: RecordModel, changes: readonly Change[]): Map<ChangeKey, number> {
  const ids = new Map<ChangeKey, number>();
  const deep = depths(changes);
  const inOrder = changes.toSorted((a, b) => (deep.get(a.key) ?? 0) - (deep.get(b.key) ?? 0));
  for (const change of inOrder) {
    const table = record[tables[change.kind as keyof typeof tables]];
    const fields = (given: Fields) => withoutRefs(given, key => ids.get(key) ?? Number.NaN);
    if (change.op === 'create') {
      record.nextId += 1;
      const defaults = change.kind === 'dcim.cable' ? { tags: [] } : {};
      table.set(record.nextId, { ...defaults, ...fields(change.after) });
      ids.set(change.key, record.nextId);
      continue;
    }
    const now = table.get(change.id);
    if (now === undefined) throw new Error(`${change.key}: there is no ${change.kind} ${change.id}`);
    const moved = differingFields(change.before, now);
    if (moved.length > 0) throw new Error(`${change.key}: ${moved.join(', ')} is not as the plan saw it`);
    if (change.op === 'delete') table.delete(change.id);
    else table.set(change.id, { ...now, ...fields(change.after) });
    ids.set(change.key, change.id);
    check(record, change);
  }
  return ids;
}

/** A part of a plan as a kill leaves it: nothing without what it needs. */
export function partOf(changes: readonly Change[], keep: readonly boolean[]): Change[] {
  const kept = new Set<ChangeKey>();
  const deep = depths(changes);
  const inOrder = changes.toSorted((a, b) => (deep.get(a.key) ?? 0) - (deep.get(b.key) ?? 0));
  for (const [i, change] of inOrder.entries()) {
    if (keep[i % Math.max(1, keep.length)] && (change.needs ?? []).every(key => kept.has(key))) kept.add(change.key);
  }
  return changes.filter(change => kept.has(change.key));
}

/** The record without the ids that are made anew: what must be the same after going there and back. */
export function withoutIds(record: RecordModel) {
  const address = (id: unknown) => record.addresses.get(Number(id))?.address ?? null;
  const tagName = (id: unknown) => record.tags.get(Number(id))?.slug ?? `tag ${id}`;
  const sorted = (list: unknown[]) => list.map(one => JSON.stringify(one)).sort();
  return {
    devices: [...record.devices].map(([id, fields]) => ({ id, ...fields, oob_ip: address(fields.oob_ip) })),
    addresses: sorted([...record.addresses.values()]),
    cables: [...record.cables].map(([id, fields]) => ({
      id,
      ...fields,
      tags: (fields.tags as number[]).map(tagName).sort(),
    })),
    entries: sorted([...record.entries.values()]),
    tags: sorted([...record.tags.values()]),
  };
}

function rowOf(record: RecordModel, kind: Change['kind'], id: number): Fields | undefined {
  return record[tables[kind as keyof typeof tables]].get(id);
}

function check(record: RecordModel, change: Change): void {
  const ports = [...record.cables.values()].flatMap(cable =>
    [...(cable.a_terminations as Fields[]), ...(cable.b_terminations as Fields[])].map(one => one.object_id),
  );
  if (new Set(ports).size < ports.length) throw new Error(`${change.key}: two cables in one port`);
  const values = [...record.addresses.values()].map(({ address }) => address);
  if (new Set(values).size < values.length) throw new Error(`${change.key}: an address twice`);
  for (const [id, { oob_ip: oob }] of record.devices) {
    const on = oob === null ? bmcOf(id) : record.addresses.get(Number(oob))?.assigned_object_id;
    if (on !== bmcOf(id)) throw new Error(`${change.key}: device ${id} points to an address that is not its own`);
  }
}

const cablings = [
  'designed',
  'inverted',
  'out',
  'over',
  'mended, tags and entry left',
  'mended, entry left',
  'inverted, entry gone',
  'dangling, by somebody',
  'only tagged',
  'recabled, tags and entry left',
  'one cable',
  'several ends',
  'no cable',
] as const;
export type CablingCase = (typeof cablings)[number];

export type ServerCase = {
  readonly status: 'offline' | 'planned' | 'failed' | 'active';
  /** Last numbers of addresses on the BMC interface; from 200 on outside of the prefix. */
  readonly hosts: readonly number[];
  readonly oob: boolean;
  readonly cabling: CablingCase;
  readonly reversed: boolean;
};

export function recordOf(cases: readonly ServerCase[], withTag: 'ours' | 'theirs' | 'none'): RecordModel {
  const record: RecordModel = {
    devices: new Map(),
    addresses: new Map(),
    cables: new Map(),
    entries: new Map(),
    tags: new Map(),
    cases,
    nextId: 10_000,
  };
  const isMarked = (one: ServerCase) => cases.length > 0 && marksTag(one.cabling);
  const ours = { name: invertedTag, slug: invertedTag, color: 'f44336', description: tagDescription };
  if (withTag !== 'none' || cases.some(isMarked))
    record.tags.set(7, withTag === 'theirs' ? { ...ours, description: 'Made by a person' } : ours);
  const used = new Set<number>();
  for (const [i, one] of cases.entries()) addServer(record, i + 1, one, used);
  return record;
}

function marksTag(cabling: CablingCase): boolean {
  return !['designed', 'mended, entry left', 'dangling, by somebody', 'one cable', 'several ends', 'no cable'].includes(
    cabling,
  );
}

function addServer(record: RecordModel, server: number, one: ServerCase, used: Set<number>): void {
  const hosts = one.hosts.filter(host => !used.has(host));
  for (const host of hosts) used.add(host);
  for (const [i, host] of hosts.entries()) {
    record.addresses.set(3000 + server * 10 + i, {
      address: host < 200 ? `10.20.0.${host}/26` : `192.168.0.${host}/24`,
      status: 'active',
      assigned_object_type: 'dcim.interface',
      assigned_object_id: bmcOf(server),
    });
  }
  record.devices.set(server, {
    name: `srv-${server}`,
    status: one.status,
    oob_ip: one.oob && hosts.length > 0 ? 3000 + server * 10 : null,
  });
  addCables(record, server, one);
}

/** Where the two cables are in each case: 1 and 2 are the ports of the design, 0 is none. */
const places: Partial<Record<CablingCase, readonly [number, number]>> = {
  inverted: [2, 1],
  out: [0, 2],
  over: [0, 1],
  'inverted, entry gone': [2, 1],
  'dangling, by somebody': [0, 2],
  'recabled, tags and entry left': [3, 2],
};

function addCables(record: RecordModel, server: number, { cabling, reversed }: ServerCase): void {
  const [first, second] = places[cabling] ?? [1, 2];
  const tagged = marksTag(cabling);
  const add = (i: number, far: Fields[], tags: number[]) => {
    const near = end(nicOf(server, i));
    record.cables.set(cableOf(server, i), {
      a_terminations: reversed ? far : near,
      b_terminations: reversed ? near : far,
      tags: [...tags, 9],
    });
  };
  const port = (i: number) => (i === 0 ? [] : end(portOf(server, i)));
  if (cabling === 'no cable') return;
  if (cabling === 'several ends') add(1, [...port(1), ...port(3)], []);
  else add(1, port(first), tagged ? [7] : []);
  if (cabling === 'one cable') return;
  add(2, port(second), tagged && cabling !== 'out' && cabling !== 'only tagged' ? [7] : []);
  if (
    ![
      'inverted',
      'out',
      'over',
      'mended, tags and entry left',
      'mended, entry left',
      'recabled, tags and entry left',
    ].includes(cabling)
  )
    return;
  const plugged = (i: number) => ({
    nic: { id: nicOf(server, i), name: `eno${i}` },
    port: { id: portOf(server, i), name: `switch port ${portOf(server, i)}` },
  });
  record.entries.set(4000 + server, {
    assigned_object_type: 'dcim.device',
    assigned_object_id: server,
    kind: 'warning',
    comments: entryText([plugged(1), plugged(2)], ''),
  });
}

export const aServerCase: fc.Arbitrary<ServerCase> = fc.record({
  status: fc.constantFrom('offline', 'planned', 'failed', 'active'),
  hosts: fc.uniqueArray(
    fc.integer({ min: 7, max: 40 }).map(n => (n > 30 ? n + 200 : n)),
    { maxLength: 2 },
  ),
  oob: fc.boolean(),
  cabling: fc.constantFrom(...cablings),
  reversed: fc.boolean(),
});

export const aRecord: fc.Arbitrary<RecordModel> = fc
  .tuple(fc.array(aServerCase, { minLength: 1, maxLength: 6 }), fc.constantFrom('ours', 'theirs', 'none'))
  .map(([cases, tag]) => recordOf(cases, tag as 'ours'));
