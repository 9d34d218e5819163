import { isBmcInterface } from '../../core/bmc.ts';
import type { Query } from './client.ts';
import { countList, type Reader, type Row, readAmong, readByValues, readList } from './read.ts';
import {
  type DeviceRecord,
  decode,
  device,
  deviceRole,
  type InterfaceRecord,
  type JournalRecord,
  journal,
  type MacRecord,
  mac,
  networkInterface,
  type PortRecord,
  port,
  type ServerRecord,
  server,
  serverName,
} from './records.ts';

/** A filter that takes many values, with the values. */
export type ManyFilter = readonly [name: string, values: readonly number[]];

/** The fleet as commands read it: everything by lists with few fields, never object by object. */
export type FleetReader = {
  /** Devices with one of these serials (NetBox compares without case), whatever their role. */
  devicesBySerial(serials: readonly string[]): Promise<DeviceRecord[]>;
  /** Ids of the devices with this name, case counting. */
  devicesNamed(name: string): Promise<number[]>;
  /**
   * Ids and names of the devices whose role's name contains `role`, case counting, and the filter that gives just them. Cheap: 10,000 in
   * two seconds.
   */
  serverNames(role: string): Promise<{ servers: { id: number; name: string }[]; filter: ManyFilter }>;
  /** All servers of a role, or those with these ids. */
  servers(which: { role: string } | { ids: readonly number[] }): Promise<ServerRecord[]>;
  interfacesOf(deviceIds: readonly number[]): Promise<InterfaceRecord[]>;
  /** Interfaces of any device whose name contains one of `parts`, in any case. */
  interfacesNamed(parts: readonly string[]): Promise<InterfaceRecord[]>;
  /** The same with names and devices only. */
  portsNamed(parts: readonly string[]): Promise<PortRecord[]>;
  portsOf(deviceIds: readonly number[]): Promise<PortRecord[]>;
  /** MAC objects on one of these interfaces, and those with one of these addresses wherever they are. */
  macsAbout(wanted: { interfaceIds: readonly number[]; addresses: readonly string[] }): Promise<MacRecord[]>;
  /** MAC objects with one of these addresses, wherever they are; what they are on has no label. */
  macsWith(addresses: readonly string[]): Promise<MacRecord[]>;
  /** MAC objects on these interfaces. */
  macsOn(interfaceIds: readonly number[]): Promise<MacRecord[]>;
  /** Interfaces by id, with names and devices only. */
  ports(ids: readonly number[]): Promise<PortRecord[]>;
  /** @param since only entries made from this moment on, ISO 8601 */
  journalOf(deviceIds: readonly number[], kind: string, since?: string): Promise<JournalRecord[]>;
  /** Journal entries of devices whose text contains `words`; of these devices only, where they are given. */
  journalWith(words: string, kind: string, deviceIds?: readonly number[]): Promise<JournalRecord[]>;
};

/** Up to so many pages of a whole list cost no more than asking for the wanted ones in many small requests. */
const wholeListPages = 12;

// Nested objects are what costs: the device type alone as much as all plain fields together.
const deviceFields = ['name', 'serial', 'device_type', 'last_updated'];
const serverFields = ['name', 'serial', 'status', 'oob_ip', 'primary_ip4', 'primary_ip6', 'last_updated'];
const interfaceFields = ['device', 'name', 'primary_mac_address', 'last_updated'];
const portFields = ['device', 'name'];
const macFields = ['mac_address', 'assigned_object_type', 'assigned_object_id', 'last_updated'];
const macFieldsWithOwner = [...macFields, 'assigned_object'];

export function openFleetReader(reader: Reader): FleetReader {
  return {
    async devicesBySerial(serials) {
      const wanted = new Set(serials.map(serial => serial.toLowerCase()));
      const rows = await readAmong(reader, 'dcim/devices/', 'serial', serials, { fields: deviceFields });
      return decode(device, rows).filter(({ serial }) => wanted.has(serial.toLowerCase()));
    },
    async devicesNamed(name) {
      const rows = await readList(reader, 'dcim/devices/', { fields: ['name'], query: [['name', name]] });
      return rows.filter(row => row.name === name).map(({ id }) => id);
    },
    async serverNames(role) {
      const { rows, roles, exact } = await readRole(reader, role, ['name']);
      const servers = decode(serverName, rows);
      return { servers, filter: exact ? ['role_id', roles] : ['id', servers.map(({ id }) => id)] };
    },
    async servers(which) {
      if ('role' in which) return decode(server, (await readRole(reader, which.role, serverFields)).rows);
      return decode(server, await readByValues(reader, 'dcim/devices/', 'id', which.ids, { fields: serverFields }));
    },
    async interfacesOf(deviceIds) {
      const wanted = new Set(deviceIds);
      const rows = await readByValues(reader, 'dcim/interfaces/', 'device_id', deviceIds, { fields: interfaceFields });
      return decode(networkInterface, rows).filter(row => wanted.has(row.deviceId));
    },
    interfacesNamed: async parts => decode(networkInterface, await readInterfacesNamed(reader, parts, interfaceFields)),
    portsNamed: async parts => decode(port, await readInterfacesNamed(reader, parts, portFields)),
    portsOf: async deviceIds =>
      decode(port, await readByValues(reader, 'dcim/interfaces/', 'device_id', deviceIds, { fields: portFields })),
    async macsAbout(wanted) {
      const found = decode(mac, await readMacs(reader, wanted));
      const [here, addresses] = [new Set(wanted.interfaceIds), new Set(wanted.addresses)];
      const isHere = ({ on }: MacRecord) => on !== undefined && on.type === 'dcim.interface' && here.has(on.id);
      const [own, others] = [found.filter(isHere), found.filter(row => !isHere(row) && addresses.has(row.address))];
      return [...own, ...(await withOwners(reader, others))];
    },
    async macsWith(addresses) {
      const wanted = new Set(addresses);
      const rows = await readMacs(reader, { interfaceIds: [], addresses });
      return decode(mac, rows).filter(row => wanted.has(row.address));
    },
    async macsOn(interfaceIds) {
      const wanted = new Set(interfaceIds);
      const rows = await readMacs(reader, { interfaceIds, addresses: [] });
      return decode(mac, rows).filter(({ on }) => on?.type === 'dcim.interface' && wanted.has(on.id));
    },
    ports: async ids => decode(port, await readByValues(reader, 'dcim/interfaces/', 'id', ids, { fields: portFields })),
    async journalOf(deviceIds, kind, since) {
      const wanted = new Set(deviceIds);
      const query: Query = [
        ['assigned_object_type', 'dcim.device'],
        ['kind', kind],
        ...(since === undefined ? [] : ([['created_after', since]] as const)),
      ];
      const fields = ['assigned_object_id', 'kind', 'comments'];
      const rows = await readByValues(reader, 'extras/journal-entries/', 'assigned_object_id', deviceIds, {
        fields,
        query,
      });
      return decode(journal, rows).filter(row => row.kind === kind && wanted.has(row.deviceId));
    },
    async journalWith(words, kind, deviceIds) {
      const path = 'extras/journal-entries/';
      const query: Query = [
        ['assigned_object_type', 'dcim.device'],
        ['kind', kind],
        ['q', words],
      ];
      const wish = { fields: ['assigned_object_id', 'kind', 'comments'], query };
      const rows =
        deviceIds === undefined
          ? await readList(reader, path, wish)
          : await readByValues(reader, path, 'assigned_object_id', deviceIds, wish);
      return decode(journal, rows).filter(row => row.kind === kind && row.comments.includes(words));
    },
  };
}

/** Roles whose name contains `role`, case counting; `otherwise`: has child roles that are named otherwise. */
export async function readRoles(reader: Reader, role: string): Promise<{ id: number; otherwise: boolean }[]> {
  const roles = decode(deviceRole, await readList(reader, 'dcim/device-roles/', { fields: ['name', 'parent'] }));
  const fits = new Set(roles.filter(({ name }) => name.includes(role)).map(({ id }) => id));
  return [...fits].map(id => ({
    id,
    otherwise: roles.some(other => other.parentId === id && !fits.has(other.id)),
  }));
}

/** Devices of all roles whose name contains `role`. Never their child roles, which `role_id` takes along from 4.3 on. */
async function readRole(
  reader: Reader,
  role: string,
  fields: readonly string[],
): Promise<{ rows: Row[]; roles: number[]; exact: boolean }> {
  const roles = await readRoles(reader, role);
  const ids = new Set(roles.map(({ id }) => id));
  const mixed = roles.some(({ otherwise }) => otherwise);
  const rows = await readByValues(reader, 'dcim/devices/', 'role_id', [...ids], {
    fields: mixed ? [...fields, 'role'] : fields,
  });
  const isOwn = (row: Row) => ids.has((row.role as { id?: number } | null)?.id ?? 0);
  return { rows: mixed ? rows.filter(isOwn) : rows, roles: [...ids], exact: !mixed };
}

async function readInterfacesNamed(
  reader: Reader,
  parts: readonly string[],
  fields: readonly string[],
): Promise<Row[]> {
  const query: Query = parts.map(part => ['name__ic', part] as const);
  const rows = await readList(reader, 'dcim/interfaces/', { query, fields });
  return rows.filter(row => isBmcInterface(String(row.name), parts));
}

/** The whole list where that is cheaper, else two filtered ones, each object once. */
async function readMacs(
  reader: Reader,
  { interfaceIds, addresses }: Parameters<FleetReader['macsAbout']>[0],
): Promise<Row[]> {
  const path = 'dcim/mac-addresses/';
  const asked = interfaceIds.length + addresses.length;
  if (asked > 100 && (await countList(reader, path)) <= 1000 * Math.min(wholeListPages, asked / 100)) {
    return readList(reader, path, { fields: macFields });
  }
  const onInterfaces: Query = [['assigned_object_type', 'dcim.interface']];
  const rows = await Promise.all([
    readByValues(reader, path, 'assigned_object_id', interfaceIds, { fields: macFields, query: onInterfaces }),
    readByValues(reader, path, 'mac_address', addresses, { fields: macFields }),
  ]);
  return [...new Map(rows.flat().map(row => [row.id, row])).values()];
}

/** Names what addresses are on that are not where they should be; `assigned_object` costs twenty times the row. */
async function withOwners(reader: Reader, found: readonly MacRecord[]): Promise<MacRecord[]> {
  const ids = found.filter(({ on }) => on !== undefined).map(({ id }) => id);
  const rows = await readByValues(reader, 'dcim/mac-addresses/', 'id', ids, { fields: macFieldsWithOwner });
  const owned = new Map(decode(mac, rows).map(row => [row.id, row]));
  return found.map(row => owned.get(row.id) ?? row);
}
