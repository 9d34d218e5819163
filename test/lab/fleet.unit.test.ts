import { describe, expect, test } from 'vitest';
import { parseMac } from '../../src/core/mac.ts';
import { isServer } from '../../src/lab/fleet/fleet.ts';
import { generateFleet } from '../../src/lab/fleet/generate.ts';
import { fleetManifest, manifestCsv } from '../../src/lab/fleet/manifest.ts';
import { interfaceSortName } from '../../src/lab/fleet/natural-name.ts';
import { fleetSql } from '../../src/lab/fleet/sql.ts';
import { vendors } from '../../src/lab/fleet/vendors.ts';

const sizes = [1, 4, 20, 21, 601, 2000];
const fleets = sizes.map(servers => ({ servers, fleet: generateFleet({ servers, seed: 1 }) }));
const everyday = generateFleet({ servers: 601, seed: 1 });
const servers = everyday.devices.filter(device => isServer(everyday, device));

describe.each(fleets)('a fleet of $servers servers', ({ servers: wanted, fleet }) => {
  const types = new Map(fleet.deviceTypes.map(type => [type.slug, type]));

  test('has so many servers, all offline, in as few racks as hold 20 each', () => {
    const found = fleet.devices.filter(device => isServer(fleet, device));
    expect(found).toHaveLength(wanted);
    expect(new Set(found.map(device => device.status))).toEqual(new Set(['offline']));
    expect(fleet.racks).toHaveLength(Math.ceil(wanted / 20));
  });

  test('has no two devices in one place, and none that sticks out of its rack', () => {
    const heights = new Map(fleet.racks.map(rack => [rack.name, rack.uHeight]));
    const units = fleet.devices.flatMap(({ rack, position, deviceType }) =>
      Array.from({ length: types.get(deviceType)?.uHeight ?? 0 }, (_, i) => ({ rack, unit: position + i })),
    );
    expect(units.filter(({ rack, unit }) => unit < 1 || unit > (heights.get(rack) ?? 0))).toEqual([]);
    expect(new Set(units.map(({ rack, unit }) => `${rack}/${unit}`)).size).toBe(units.length);
  });

  test('has unique names, serials and asset tags', () => {
    for (const key of ['name', 'serial', 'assetTag'] as const) {
      const values = fleet.devices.map(device => device[key]).filter(value => value !== undefined);
      expect(new Set(values).size).toBe(values.length);
    }
  });

  test('cables two ports of each server to the same port of both switches, each port once', () => {
    expect(fleet.cables).toHaveLength(2 * wanted);
    const deviceTypes = new Map(fleet.devices.map(device => [device.name, device.deviceType]));
    const portsOf = (device: string) =>
      types.get(deviceTypes.get(device) ?? '')?.interfaces.map(port => port.name) ?? [];
    const ends = fleet.cables.flatMap(cable => [cable.a, cable.b]);
    expect(ends.filter(end => !portsOf(end.device).includes(end.interface))).toEqual([]);
    expect(new Set(ends.map(end => `${end.device}/${end.interface}`)).size).toBe(ends.length);
    const pairs = fleet.cables.filter((_, i) => i % 2 === 0).map((a, i) => [a, fleet.cables[2 * i + 1]] as const);
    expect(pairs.filter(([a, b]) => a.a.device !== b?.a.device || a.b.interface !== b.b.interface)).toEqual([]);
  });

  test('has a BMC prefix with room for all of them and a reserved gateway in it', () => {
    const prefix = fleet.prefixes.find(item => item.role === 'bmc');
    const [start = '', length] = prefix?.prefix.split('/') ?? [];
    expect(2 ** (32 - Number(length)) - 3).toBeGreaterThanOrEqual(wanted);
    expect(fleet.addresses.map(item => item.address)).toContain(`${start.replace(/0$/, '1')}/${length}`);
  });

  test('has a manifest with one unique, unicast, global MAC per server', () => {
    const rows = fleetManifest(fleet, 1);
    expect(rows.map(row => row.serial)).toEqual(
      fleet.devices.filter(device => isServer(fleet, device)).map(device => device.serial),
    );
    expect(new Set(rows.map(row => row.mac)).size).toBe(wanted);
    expect(rows.filter(({ mac }) => !parseMac(mac).ok)).toEqual([]);
    expect(rows.filter(({ mac }) => Number.parseInt(mac.slice(0, 2), 16) & 2)).toEqual([]);
  });
});

describe('the fleet of 601', () => {
  test('is as the lab promises: 31 racks, two switches each, a /22 for the BMCs', () => {
    expect(everyday.racks).toHaveLength(31);
    expect(everyday.devices.filter(device => device.role === 'tor-switch')).toHaveLength(62);
    expect(everyday.prefixes.find(item => item.role === 'bmc')?.prefix).toBe('10.20.0.0/22');
  });

  test('has servers of four vendors and of every server role, and a role that only looks like one', () => {
    const makers = new Map(everyday.deviceTypes.map(type => [type.slug, type.manufacturer]));
    expect(new Set(servers.map(device => makers.get(device.deviceType)))).toEqual(
      new Set(['dell', 'hpe', 'lenovo', 'supermicro']),
    );
    expect(new Set(servers.map(device => device.role))).toEqual(
      new Set(['compute-server', 'gpu-server', 'storage-server']),
    );
    const observer = everyday.deviceRoles.find(role => role.slug === 'observer');
    expect(observer?.name).toMatch(/server/);
    expect(everyday.devices.some(device => device.role === 'observer')).toBe(true);
  });

  test('has names that only natural order sorts like the racks', () => {
    const byNumber = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });
    const names = servers.map(device => device.name);
    expect(names).toEqual([...names].sort(byNumber));
    expect(names).not.toEqual([...names].sort());
  });

  test('shows serials in the shape of their makers', () => {
    const shapes: Record<string, RegExp> = {
      dell: /^[0-9B-DF-HJ-NP-TV-Z]{7}$/,
      hpe: /^(?:MXQ|CZJ)\d{3}[0-9A-Z]{4}$/,
      lenovo: /^J[0-9A-Z]{7}$/,
      supermicro: /^S\d{6}X\d{7}$/,
    };
    for (const server of servers) {
      const maker = everyday.deviceTypes.find(type => type.slug === server.deviceType)?.manufacturer ?? '';
      expect(server.serial).toMatch(shapes[maker] ?? /^$/);
    }
  });

  test('has some custom fields filled and some not', () => {
    for (const { name } of everyday.customFields) {
      const values = servers.map(device => device.customFields[name]);
      expect(values).toContain(null);
      expect(values.some(value => typeof value === 'string')).toBe(true);
    }
  });
});

test('the same seed gives the same fleet and manifest, another seed another', () => {
  const make = (seed: number) => {
    const fleet = generateFleet({ servers: 50, seed });
    return [...fleetSql(fleet)].join('') + manifestCsv(fleetManifest(fleet, seed));
  };
  expect(make(7)).toBe(make(7));
  expect(make(7)).not.toBe(make(8));
});

test('a larger fleet with the same seed begins with the same servers', () => {
  const small = generateFleet({ servers: 40, seed: 3 }).devices.filter(device => device.name.startsWith('srv-'));
  const large = generateFleet({ servers: 90, seed: 3 }).devices.filter(device => device.name.startsWith('srv-'));
  expect(large.slice(0, 40)).toEqual(small);
});

test.each(vendors)('the BMC interface of $name is one that bmtool finds by default', ({ bmc }) => {
  expect(['bmc', 'ilo', 'idrac'].some(name => bmc.toLowerCase().includes(name))).toBe(true);
});

test.each([
  ['Ethernet21', '9999999999999999Ethernet000021............'],
  ['Management1', '9999999999999999Management000001............'],
  ['eno1np0', '9999999999999999eno000001............np00000000'],
  ['GigabitEthernet1/0/24', '0001000099999999GigabitEthernet000024............'],
  ['xe-0/1/2:3.100', '0000000199999999xe-000002000003000100'],
  ['iLO', '9999999999999999iLO..................'],
])('NetBox sorts %s by %s', (name, sortName) => {
  expect(interfaceSortName(name)).toBe(sortName);
});

test.each([0, -1, 1.5, 1_000_000])('a fleet of %d servers is refused', count => {
  expect(() => generateFleet({ servers: count, seed: 1 })).toThrow(RangeError);
});
