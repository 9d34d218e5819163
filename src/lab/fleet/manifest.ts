import { type Device, type Fleet, isServer } from './fleet.ts';
import { seededRandom } from './random.ts';
import { vendors } from './vendors.ts';

/** One line of the supplier's sheet. `mac` is upper case with colons. */
export type ManifestRow = { serial: string; mac: string };

/**
 * The sheet that comes with a fleet: every server's serial and its BMC's MAC, in the order of the racks. MACs are
 * unique, unicast and globally administered, under an OUI of the vendor or of the factory that made its BMC.
 *
 * @param seed the one the fleet was generated from
 */
export function fleetManifest(fleet: Fleet, seed: number): ManifestRow[] {
  const random = seededRandom(seed, 'macs');
  const manufacturers = new Map(fleet.deviceTypes.map(type => [type.slug, type.manufacturer]));
  const given = new Set<string>();
  const macFor = (server: Device): string => {
    const manufacturer = manufacturers.get(server.deviceType);
    const vendor = vendors.find(({ slug }) => slug === manufacturer);
    if (vendor === undefined) throw new Error(`${server.name} is of a vendor that vendors.ts does not know`);
    for (;;) {
      const mac = [random.weighted(vendor.ouis), ...Array.from({ length: 3 }, () => hexByte(random.below(256)))].join(
        ':',
      );
      if (given.has(mac)) continue;
      given.add(mac);
      return mac;
    }
  };
  return fleet.devices
    .filter(device => isServer(fleet, device))
    .map(server => ({ serial: server.serial, mac: macFor(server) }));
}

/** The sheet as the CSV file bmtool reads. */
export function manifestCsv(rows: readonly ManifestRow[]): string {
  return ['server_serial,server_bmc_mac', ...rows.map(({ serial, mac }) => `${serial},${mac}`), ''].join('\n');
}

function hexByte(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, '0');
}
