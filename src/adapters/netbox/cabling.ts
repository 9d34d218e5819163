import * as v from 'valibot';
import type { Query } from './client.ts';
import { readRoles } from './fleet.ts';
import { countByValues, countList, type Reader, readAmong, readByValues, readList } from './read.ts';
import { decode, type PortRecord, port } from './records.ts';
import { can } from './versions.ts';

/** Where one end of a cable is plugged in. */
export type CableEnd = {
  readonly cableId: number;
  readonly side: 'A' | 'B';
  /** `dcim.interface`, `dcim.frontport` … */
  readonly type: string;
  readonly id: number;
};

export type CableRecord = {
  readonly id: number;
  readonly label: string;
  /** Ids of its tags, ascending. */
  readonly tags: readonly number[];
  readonly version: string;
};

/** A tag, with how many objects carry it. */
export type TagRecord = {
  readonly id: number;
  readonly slug: string;
  readonly description: string;
  readonly items: number;
  readonly version: string;
};

/** Interfaces with a cable, and all ends of their cables; others may come along. */
export type Production = { readonly ports: PortRecord[]; readonly ends: CableEnd[] };

/** Who is plugged in where, by lists. */
export type CablingReader = {
  /** The cabled interfaces that are not for management only, of all devices whose role's name contains `role` or of some devices, and all ends of their cables. */
  production(which: { role: string } | { deviceIds: readonly number[] }): Promise<Production>;
  /** Interfaces by id, for their names. */
  ports(ids: readonly number[]): Promise<PortRecord[]>;
  endsOf(cableIds: readonly number[]): Promise<CableEnd[]>;
  cables(ids: readonly number[]): Promise<CableRecord[]>;
  tag(slug: string): Promise<TagRecord | undefined>;
  /** Ids of all cables with a tag. */
  cablesTagged(slug: string): Promise<number[]>;
};

const endFields = ['cable', 'cable_end', 'termination_type', 'termination_id'];
const portFields = ['device', 'name'];
const productionQuery: Query = [
  ['cabled', 'true'],
  ['mgmt_only', 'false'],
];
const endsPath = 'dcim/cable-terminations/';
const portsPath = 'dcim/interfaces/';

export function openCablingReader(reader: Reader): CablingReader {
  return {
    production: which =>
      'role' in which ? readProductionOfRole(reader, which.role) : readProductionOf(reader, which.deviceIds),
    async ports(ids) {
      const missing = new Set(ids);
      const cabled = await readAmong(reader, portsPath, 'id', ids, { fields: portFields, whole: [['cabled', 'true']] });
      const found = cabled.filter(row => missing.delete(row.id));
      // Those from which a cable was just taken out.
      const empty = await readByValues(reader, portsPath, 'id', [...missing], { fields: portFields });
      return decode(port, [...found, ...empty]);
    },
    endsOf: ids => readEndsOf(reader, ids),
    async cables(ids) {
      const wanted = new Set(ids);
      const rows = await readAmong(reader, 'dcim/cables/', 'id', ids, { fields: ['label', 'tags', 'last_updated'] });
      return decode(
        cable,
        rows.filter(row => wanted.has(row.id)),
      );
    },
    async tag(slug) {
      const rows = await readList(reader, 'extras/tags/', {
        fields: ['slug', 'description', 'tagged_items', 'last_updated'],
        query: [['slug', slug]],
      });
      return decode(tag, rows).find(row => row.slug === slug);
    },
    async cablesTagged(slug) {
      if (!can(reader.version, 'taggedObjects')) {
        const rows = await readList(reader, 'dcim/cables/', { fields: [], query: [['tag', slug]] });
        return rows.map(row => row.id);
      }
      const rows = await readList(reader, 'extras/tagged-objects/', {
        fields: ['object_id'],
        query: [
          ['tag', slug],
          ['object_type', 'dcim.cable'],
        ],
      });
      return decode(taggedObject, rows);
    },
  };
}

async function readProductionOf(reader: Reader, deviceIds: readonly number[]): Promise<Production> {
  const wish = { fields: portFields, query: productionQuery };
  const ports = decode(port, await readByValues(reader, portsPath, 'device_id', deviceIds, wish));
  const here = await readByValues(
    reader,
    endsPath,
    'termination_id',
    ports.map(({ id }) => id),
    { fields: endFields, query: [['termination_type', 'dcim.interface']] },
  );
  return { ports, ends: await readEndsOf(reader, [...new Set(decode(cableEnd, here).map(end => end.cableId))]) };
}

/** Where reading all ends that NetBox has is fewer requests, they are read beside the ports instead of after them. */
async function readProductionOfRole(reader: Reader, role: string): Promise<Production> {
  const roleIds = (await readRoles(reader, role)).map(({ id }) => id);
  const wish = { fields: portFields, query: productionQuery };
  const [ports, ends] = await Promise.all([
    countByValues(reader, portsPath, 'device_role_id', roleIds, productionQuery),
    countList(reader, endsPath),
  ]);
  const reading = readByValues(reader, portsPath, 'device_role_id', roleIds, wish).then(rows => decode(port, rows));
  if (ends / 1000 > ports / 100)
    return readProductionOf(reader, [...new Set((await reading).map(row => row.deviceId))]);
  const [found, all] = await Promise.all([reading, readList(reader, endsPath, { fields: endFields })]);
  return { ports: found, ends: decode(cableEnd, all) };
}

/** By `cable_id`: the filter `cable` takes the last of several values and says nothing (4.7.3). */
async function readEndsOf(reader: Reader, cableIds: readonly number[]): Promise<CableEnd[]> {
  const wanted = new Set(cableIds);
  const rows = await readByValues(reader, endsPath, 'cable_id', cableIds, { fields: endFields });
  return decode(cableEnd, rows).filter(end => wanted.has(end.cableId));
}

const cableEnd = v.pipe(
  v.object({
    cable: v.number(),
    cable_end: v.picklist(['A', 'B']),
    termination_type: v.string(),
    termination_id: v.number(),
  }),
  v.transform(
    (row): CableEnd => ({
      cableId: row.cable,
      side: row.cable_end,
      type: row.termination_type,
      id: row.termination_id,
    }),
  ),
);

const cable = v.pipe(
  v.object({
    id: v.number(),
    label: v.string(),
    tags: v.array(v.object({ id: v.number() })),
    last_updated: v.string(),
  }),
  v.transform(
    (row): CableRecord => ({
      id: row.id,
      label: row.label,
      tags: row.tags.map(({ id }) => id).sort((a, b) => a - b),
      version: row.last_updated,
    }),
  ),
);

const tag = v.pipe(
  v.object({
    id: v.number(),
    slug: v.string(),
    description: v.string(),
    tagged_items: v.number(),
    last_updated: v.string(),
  }),
  v.transform(
    (row): TagRecord => ({
      id: row.id,
      slug: row.slug,
      description: row.description,
      items: row.tagged_items,
      version: row.last_updated,
    }),
  ),
);

const taggedObject = v.pipe(
  v.object({ object_id: v.number() }),
  v.transform(row => row.object_id),
);
