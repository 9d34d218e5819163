/**
 * A fleet: plain data in NetBox's nouns. References are natural keys (slug, name), so that a fleet can be read, compared
 * and written by anything; database ids exist only in the SQL made from it.
 */
export type Fleet = {
  site: Site;
  locations: Location[];
  racks: Rack[];
  manufacturers: Manufacturer[];
  deviceTypes: DeviceType[];
  deviceRoles: DeviceRole[];
  devices: Device[];
  cables: Cable[];
  prefixRoles: PrefixRole[];
  prefixes: Prefix[];
  addresses: Address[];
  choiceSets: ChoiceSet[];
  customFields: CustomField[];
  tags: Tag[];
};

export type Site = { name: string; slug: string; facility: string; description: string; physicalAddress: string };
export type Location = { name: string; slug: string };
/** `facilityId` is the data centre operator's own name for the place. */
export type Rack = { name: string; facilityId: string; location: string; uHeight: number };
export type Manufacturer = { name: string; slug: string };
/** What NetBox creates on every new device of a type; `order` of the list is the order on the device. */
export type InterfaceTemplate = { name: string; type: string; mgmtOnly: boolean };
export type DeviceType = {
  manufacturer: string;
  model: string;
  slug: string;
  partNumber: string;
  uHeight: number;
  weightKg: number | undefined;
  interfaces: readonly InterfaceTemplate[];
};
/** `color` as six lower-case hex digits. */
export type DeviceRole = { name: string; slug: string; color: string; description: string };
export type Device = {
  name: string;
  role: string;
  deviceType: string;
  serial: string;
  assetTag: string | undefined;
  rack: string;
  /** Lowest rack unit it takes, counted from 1 at the bottom; the face is always the front. */
  position: number;
  status: 'offline' | 'active';
  tags: string[];
  /** One value per custom field of devices; null where nobody filled it in. */
  customFields: Record<string, string | null>;
};
export type Port = { device: string; interface: string };
export type Cable = { label: string; type: string; color: string; lengthM: number; a: Port; b: Port };
export type PrefixRole = { name: string; slug: string; description: string };
export type Prefix = {
  prefix: string;
  status: 'container' | 'active';
  role: string | undefined;
  description: string;
  /** How many other prefixes of the fleet contain it, and how many it contains. */
  depth: number;
  children: number;
};
export type Address = { address: string; status: 'reserved'; dnsName: string; description: string };
export type ChoiceSet = { name: string; choices: [value: string, label: string][] };
export type CustomField = {
  name: string;
  label: string;
  type: 'text' | 'date' | 'select';
  description: string;
  choiceSet: string | undefined;
  group: string;
};
export type Tag = { name: string; slug: string; color: string; description: string };

/** A server is what bmtool onboards: a device whose role's name contains "Server", in that case. */
export function isServer(fleet: Fleet, device: Device): boolean {
  return fleet.deviceRoles.some(role => role.slug === device.role && role.name.includes('Server'));
}
