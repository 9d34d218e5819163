import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { OuiRegistry } from '../../adapters/oui/registry.ts';
import { isBmcInterface } from '../../core/bmc.ts';
import type { Create } from '../../core/change.ts';
import { ouiOf } from '../../core/mac.ts';
import type { Entry } from './manifest.ts';
import { contradicting, type Facts } from './plan.ts';

export type FactsWish = {
  readonly entries: readonly Entry[];
  readonly bmcInterfaces: readonly string[];
  readonly owed: readonly Create[];
};

/** For more devices than this the BMC interfaces are read as one list by name. */
const fewDevices = 150;

/** Reads all facts with lists, a handful of requests however long the manifest is. */
export async function readFacts(
  netbox: NetBox,
  oui: OuiRegistry,
  { entries, bmcInterfaces, owed }: FactsWish,
): Promise<Facts> {
  const { fleet } = netbox;
  const serials = [...new Set(entries.map(entry => entry.serial))];
  const addresses = [...new Set(entries.map(entry => entry.mac as string))];
  const many = serials.length > fewDevices;
  const [devices, named] = await Promise.all([
    fleet.devicesBySerial(serials),
    many ? fleet.interfacesNamed(bmcInterfaces) : [],
  ]);
  const ids = new Set(devices.map(device => device.id));
  const all = many ? named.filter(row => ids.has(row.deviceId)) : await fleet.interfacesOf([...ids]);
  const candidates = groupBy(
    all.filter(row => isBmcInterface(row.name, bmcInterfaces)),
    row => row.deviceId,
  );
  const unclear = devices.filter(device => candidates.get(device.id)?.length !== 1).map(device => device.id);
  const rest = many ? await fleet.interfacesOf(unclear) : all.filter(row => unclear.includes(row.deviceId));
  const clear = [...candidates.values()].flatMap(found => (found.length === 1 ? found : []));
  const macs = await fleet.macsAbout({ interfaceIds: clear.map(row => row.id), addresses });
  const facts = {
    devices: groupBy(devices, device => device.serial.toLowerCase()),
    bmcInterfaces: candidates,
    interfaceNames: mapValues(
      groupBy(rest, row => row.deviceId),
      rows => rows.map(row => row.name),
    ),
    macsOn: groupBy(
      macs.filter(row => row.on?.type === 'dcim.interface'),
      row => row.on?.id ?? 0,
    ),
    macsWith: groupBy(macs, row => row.address),
    organisations: organisationsOf(entries, oui),
    owed: new Map(owed.map(create => [create.key, create])),
  };
  return { ...facts, journal: await readJournal(netbox, entries, facts) };
}

/** The journal is read only where it decides something: a possible conflict, or an entry that is owed. */
async function readJournal(
  netbox: NetBox,
  entries: readonly Entry[],
  facts: Omit<Facts, 'journal'>,
): Promise<Map<number, string[]>> {
  const warnings = new Set<number>();
  for (const { serial, mac } of entries) {
    for (const device of facts.devices.get(serial.toLowerCase()) ?? []) {
      const bmc = facts.bmcInterfaces.get(device.id)?.[0];
      if (bmc && contradicting(bmc, facts.macsOn.get(bmc.id) ?? [], mac)) warnings.add(device.id);
    }
  }
  const owed = new Set([...facts.owed.values()].map(create => Number(create.after.assigned_object_id)));
  const found = (
    await Promise.all([netbox.fleet.journalOf([...warnings], 'warning'), netbox.fleet.journalOf([...owed], 'success')])
  ).flat();
  return mapValues(
    groupBy(found, row => row.deviceId),
    rows => rows.map(row => row.comments),
  );
}

function organisationsOf(entries: readonly Entry[], oui: OuiRegistry): Map<string, string> {
  const known = new Map<string, string>();
  for (const prefix of new Set(entries.map(entry => ouiOf(entry.mac)))) {
    const organisation = oui.organisation(prefix);
    if (organisation !== undefined) known.set(prefix, organisation);
  }
  return known;
}

function groupBy<K, T>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  return Map.groupBy(items, keyOf);
}

function mapValues<K, A, B>(map: ReadonlyMap<K, A>, change: (value: A) => B): Map<K, B> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
