import type { ChoiceSet, CustomField, DeviceRole, DeviceType, PrefixRole, Site, Tag } from './fleet.ts';
import type { Purpose } from './vendors.ts';

/* The tables that do not depend on the number of servers: what the data centre is called and how it is organised. */

export const site: Site = {
  name: 'AMS1',
  slug: 'ams1',
  facility: 'AM4',
  description: 'Lab data centre',
  physicalAddress: 'Science Park 121, 1098 XG Amsterdam',
};

/** One hall holds this many racks. */
export const racksPerHall = 20;
export const serversPerRack = 20;
/** 20 servers of two units, two switches, room for an observer and for cables. */
export const rackUnits = 48;

export const purposeRoles: Record<Purpose, DeviceRole> = {
  compute: { name: 'Compute Server', slug: 'compute-server', color: '2196f3', description: 'Runs tenant workloads' },
  gpu: { name: 'GPU Server', slug: 'gpu-server', color: '9c27b0', description: 'Accelerated workloads' },
  storage: { name: 'Storage Server', slug: 'storage-server', color: '4caf50', description: 'Block and object storage' },
};

export const torRole: DeviceRole = {
  name: 'ToR Switch',
  slug: 'tor-switch',
  color: 'ff9800',
  description: 'Top of rack',
};

/** Contains "server" in lower case only: a filter that ignores case takes an observer for a server. */
export const observerRole: DeviceRole = {
  name: 'Observer',
  slug: 'observer',
  color: '9e9e9e',
  description: 'Network probe, never onboarded',
};

/** How often each purpose is bought. */
export const purposeWeights: readonly (readonly [Purpose, number])[] = [
  ['compute', 70],
  ['storage', 20],
  ['gpu', 10],
];

export const torType: DeviceType = {
  manufacturer: 'arista',
  model: 'DCS-7050SX3-48YC8',
  slug: 'arista-dcs-7050sx3-48yc8',
  partNumber: 'DCS-7050SX3-48YC8',
  uHeight: 1,
  weightKg: undefined,
  interfaces: [
    ...Array.from({ length: 48 }, (_, i) => ({ name: `Ethernet${i + 1}`, type: '25gbase-x-sfp28', mgmtOnly: false })),
    { name: 'Management1', type: '1000base-t', mgmtOnly: true },
  ],
};

export const prefixRoles: PrefixRole[] = [
  { name: 'BMC', slug: 'bmc', description: 'Out-of-band management of servers' },
  { name: 'Production', slug: 'production', description: 'Server data networks' },
];

export const tags: Tag[] = [
  { name: 'bmtool-lab', slug: 'bmtool-lab', color: '00bcd4', description: 'Belongs to the lab fleet' },
];

export const choiceSets: ChoiceSet[] = [
  {
    name: 'Asset owners',
    choices: [
      ['platform', 'Platform'],
      ['storage', 'Storage'],
      ['research', 'Research'],
      ['network', 'Network'],
    ],
  },
];

export const customFields: CustomField[] = [
  {
    name: 'purchase_order',
    label: 'Purchase order',
    type: 'text',
    description: 'As on the delivery note',
    choiceSet: undefined,
    group: 'Procurement',
  },
  {
    name: 'warranty_end',
    label: 'Warranty end',
    type: 'date',
    description: 'Last day of the maker’s warranty',
    choiceSet: undefined,
    group: 'Procurement',
  },
  {
    name: 'asset_owner',
    label: 'Asset owner',
    type: 'select',
    description: 'Team that pays for it',
    choiceSet: 'Asset owners',
    group: '',
  },
];
