import type { InterfaceTemplate } from './fleet.ts';
import { interfaceSortName } from './natural-name.ts';

/** What a server of a delivery is for; the roles of the fleet are made from these. */
export type Purpose = 'compute' | 'gpu' | 'storage';

/**
 * A maker of servers as it shows in a data centre. Edit a row here to change the fleet.
 * Models, heights and part numbers follow the makers' data sheets and the NetBox device type library; Dell sells by
 * configuration and has no part number per model.
 */
export type Vendor = {
  name: string;
  slug: string;
  /** The BMC's interface as people call it; every one matches BMTOOL_BMC_INTERFACES (bmc, ilo, idrac in any case). */
  bmc: string;
  nics: readonly [string, string];
  /** OUIs its BMCs are seen with, and how often. Some makers' boards carry the address of the factory that made them. */
  ouis: readonly (readonly [oui: string, weight: number])[];
  models: readonly Model[];
};

export type Model = {
  model: string;
  partNumber: string;
  uHeight: number;
  weightKg?: number;
  purposes: readonly Purpose[];
};

const dell: Vendor = {
  name: 'Dell',
  slug: 'dell',
  bmc: 'iDRAC',
  nics: ['eno1np0', 'eno2np1'],
  ouis: [
    ['B0:7B:25', 4],
    ['D0:94:66', 3],
    ['C4:5A:B1', 3],
  ],
  models: [
    { model: 'PowerEdge R650', partNumber: '', uHeight: 1, weightKg: 21, purposes: ['compute'] },
    { model: 'PowerEdge R750', partNumber: '', uHeight: 2, purposes: ['compute'] },
    { model: 'PowerEdge R750xa', partNumber: '', uHeight: 2, purposes: ['gpu'] },
    { model: 'PowerEdge R740xd2', partNumber: '', uHeight: 2, purposes: ['storage'] },
  ],
};

const hpe: Vendor = {
  name: 'HPE',
  slug: 'hpe',
  bmc: 'iLO',
  nics: ['ens10f0np0', 'ens10f1np1'],
  ouis: [
    ['94:40:C9', 4],
    ['5C:BA:2C', 3],
    ['88:E9:A4', 3],
  ],
  models: [
    { model: 'ProLiant DL360 Gen11', partNumber: 'P52499-B21', uHeight: 1, weightKg: 14.56, purposes: ['compute'] },
    { model: 'ProLiant DL380 Gen11', partNumber: 'P52534-B21', uHeight: 2, purposes: ['compute', 'storage'] },
    { model: 'ProLiant DL385 Gen11', partNumber: 'P53921-B21', uHeight: 2, purposes: ['gpu'] },
  ],
};

const lenovo: Vendor = {
  name: 'Lenovo',
  slug: 'lenovo',
  bmc: 'bmc', // its management processor is called XCC, which no default of bmtool matches; people name it bmc
  nics: ['ens1f0np0', 'ens1f1np1'],
  ouis: [
    ['38:68:DD', 4], // Inventec
    ['7C:D3:0A', 4], // Inventec
    ['08:94:EF', 2], // Wistron
  ],
  models: [
    { model: 'ThinkSystem SR630 V3', partNumber: '7D73', uHeight: 1, weightKg: 20.8, purposes: ['compute'] },
    {
      model: 'ThinkSystem SR650 V3',
      partNumber: '7D76',
      uHeight: 2,
      weightKg: 38.8,
      purposes: ['compute', 'gpu', 'storage'],
    },
  ],
};

const supermicro: Vendor = {
  name: 'Supermicro',
  slug: 'supermicro',
  bmc: 'BMC',
  nics: ['enp65s0f0np0', 'enp65s0f1np1'],
  ouis: [
    ['3C:EC:EF', 4],
    ['7C:C2:55', 4],
    ['E8:9A:8F', 2], // Quanta
  ],
  models: [
    { model: 'SYS-121H-TNR', partNumber: 'SYS-121H-TNR', uHeight: 1, purposes: ['compute'] },
    { model: 'SYS-221H-TNR', partNumber: 'SYS-221H-TNR', uHeight: 2, weightKg: 18.2, purposes: ['compute'] },
    { model: 'SYS-221GE-NR', partNumber: 'SYS-221GE-NR', uHeight: 2, purposes: ['gpu'] },
    { model: 'SSG-620P-E1CR24L', partNumber: 'SSG-620P-E1CR24L', uHeight: 2, weightKg: 25.39, purposes: ['storage'] },
    { model: 'SYS-110P-WTR', partNumber: 'SYS-110P-WTR', uHeight: 1, purposes: [] }, // the observers
  ],
};

export const vendors = [dell, hpe, lenovo, supermicro] as const;

/** Whose servers come in which delivery, over and over; the first four show every vendor. */
export const deliveryVendors: readonly Vendor[] = [
  dell,
  hpe,
  lenovo,
  supermicro,
  dell,
  hpe,
  dell,
  supermicro,
  hpe,
  dell,
  lenovo,
  hpe,
  dell,
];

/** The interfaces of every server of a vendor, its BMC and two production ports, in the order NetBox makes them. */
export function serverInterfaces(vendor: Vendor): InterfaceTemplate[] {
  const ports = [
    { name: vendor.bmc, type: '1000base-t', mgmtOnly: true },
    ...vendor.nics.map(name => ({ name, type: '25gbase-x-sfp28', mgmtOnly: false })),
  ];
  return ports.sort((a, b) => (interfaceSortName(a.name) < interfaceSortName(b.name) ? -1 : 1));
}

/** NetBox's device type library builds slugs this way: maker, then model, in lower case with dashes. */
export function modelSlug(manufacturer: string, model: string): string {
  return `${manufacturer} ${model}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}
