import * as v from 'valibot';
import type { Query } from './client.ts';
import { countList, type Reader, readAmong, readByValues, readList } from './read.ts';
import { decode } from './records.ts';

export type PrefixRecord = {
  readonly id: number;
  /** `10.20.0.0/22` */
  readonly prefix: string;
  readonly vrfId: number | undefined;
};

export type AddressRecord = {
  readonly id: number;
  /** With its mask: `10.20.0.5/22`. */
  readonly address: string;
  readonly vrfId: number | undefined;
  readonly on: { readonly type: string; readonly id: number } | undefined;
};

export type RangeRecord = { readonly start: string; readonly end: string };

/** What NetBox's IPAM has, by lists. */
export type AddressingReader = {
  prefixesWithRole(slug: string): Promise<PrefixRecord[]>;
  /** The prefixes that are just this network, one for each VRF that has it. */
  prefixesNamed(prefix: string): Promise<PrefixRecord[]>;
  /** Addresses inside a prefix, in one VRF or in none. */
  addressesIn(prefix: string, vrfId: number | undefined): Promise<AddressRecord[]>;
  addressesOn(interfaceIds: readonly number[]): Promise<AddressRecord[]>;
  /** Every object with one of these addresses (`10.20.0.5`), in any VRF and with any mask. */
  addressesOf(hosts: readonly string[]): Promise<AddressRecord[]>;
  /** The prefixes, containers left out, that contain one of these addresses; others may come along. */
  prefixesAround(hosts: readonly string[]): Promise<PrefixRecord[]>;
  rangesIn(prefix: string, vrfId: number | undefined): Promise<RangeRecord[]>;
};

const addressFields = ['address', 'vrf', 'assigned_object_type', 'assigned_object_id'];
/** NetBox takes one address at a time to look for what contains it; for more, all prefixes are read. */
const fewHosts = 8;
const addressesPath = 'ipam/ip-addresses/';

export function openAddressingReader(reader: Reader): AddressingReader {
  const prefixes = async (query: Query) =>
    decode(prefixRow, await readList(reader, 'ipam/prefixes/', { fields: ['prefix', 'vrf'], query }));
  return {
    prefixesWithRole: async slug => ((await roleExists(reader, slug)) ? prefixes([['role', slug]]) : []),
    prefixesNamed: async prefix => (await prefixes([['prefix', prefix]])).filter(row => row.prefix === prefix),
    async addressesIn(prefix, vrfId) {
      const query: Query = [['parent', prefix], vrfQuery(vrfId)];
      return decode(address, await readList(reader, addressesPath, { fields: addressFields, query }));
    },
    async addressesOn(interfaceIds) {
      const wanted = new Set(interfaceIds);
      const found = decode(
        address,
        await readAmong(reader, addressesPath, 'interface_id', interfaceIds, { fields: addressFields }),
      );
      return found.filter(({ on }) => on?.type === 'dcim.interface' && wanted.has(on.id));
    },
    async addressesOf(hosts) {
      const wanted = new Set(hosts);
      const found = decode(
        address,
        await readByValues(reader, addressesPath, 'address', hosts, { fields: addressFields }),
      );
      return found.filter(row => wanted.has(row.address.split('/')[0] ?? ''));
    },
    async prefixesAround(hosts) {
      const leaves: Query = [['status__n', 'container']];
      if (hosts.length > fewHosts) return prefixes([...leaves, ['family', 4]]);
      const found = await Promise.all(hosts.map(host => prefixes([...leaves, ['contains', host]])));
      return found.flat();
    },
    async rangesIn(prefix, vrfId) {
      const query: Query = [['parent', prefix], vrfQuery(vrfId)];
      const fields = ['start_address', 'end_address'];
      return decode(range, await readList(reader, 'ipam/ip-ranges/', { fields, query }));
    },
  };
}

/** NetBox refuses a filter by a role that does not exist with 400. */
async function roleExists(reader: Reader, slug: string): Promise<boolean> {
  return (await countList(reader, 'ipam/roles/', [['slug', slug]])) > 0;
}

function vrfQuery(vrfId: number | undefined): readonly [string, string | number] {
  return ['vrf_id', vrfId ?? 'null'];
}

const prefixRow = v.pipe(
  v.object({ id: v.number(), prefix: v.string(), vrf: v.nullish(v.object({ id: v.number() })) }),
  v.transform((row): PrefixRecord => ({ id: row.id, prefix: row.prefix, vrfId: row.vrf?.id })),
);

const address = v.pipe(
  v.object({
    id: v.number(),
    address: v.string(),
    vrf: v.nullish(v.object({ id: v.number() })),
    assigned_object_type: v.nullish(v.string()),
    assigned_object_id: v.nullish(v.number()),
  }),
  v.transform(
    (row): AddressRecord => ({
      id: row.id,
      address: row.address,
      vrfId: row.vrf?.id,
      on:
        row.assigned_object_type && row.assigned_object_id
          ? { type: row.assigned_object_type, id: row.assigned_object_id }
          : undefined,
    }),
  ),
);

const range = v.pipe(
  v.object({ start_address: v.string(), end_address: v.string() }),
  v.transform((row): RangeRecord => ({ start: row.start_address, end: row.end_address })),
);
