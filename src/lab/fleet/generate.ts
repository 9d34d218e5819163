import { planAddressing } from './addressing.ts';
import { planCables } from './cabling.ts';
import { planDeliveries } from './deliveries.ts';
import type { Device, DeviceType, Fleet, Rack } from './fleet.ts';
import { type Random, seededRandom } from './random.ts';
import { serialSource } from './serials.ts';
import {
  choiceSets,
  customFields,
  observerRole,
  prefixRoles,
  purposeRoles,
  racksPerHall,
  rackUnits,
  serversPerRack,
  site,
  tags,
  torRole,
  torType,
} from './site.ts';
import { modelSlug, serverInterfaces, vendors } from './vendors.ts';

/**
 * The lab's fleet in phase 0: every server racked, cabled and offline, without BMC MACs and addresses. Pure: the same
 * numbers give the same fleet on every machine. 601 servers make 31 racks; 10,000 take well under a second.
 *
 * @param servers from 1 to 200,000
 * @param seed any whole number
 */
export function generateFleet({ servers, seed }: { servers: number; seed: number }): Fleet {
  if (!Number.isInteger(servers) || servers < 1)
    throw new RangeError(`a fleet has a whole number of servers, at least one; not ${servers}`);
  const addressing = planAddressing(servers);
  const racks = planRacks(Math.ceil(servers / serversPerRack));
  const deviceTypes = planDeviceTypes();
  const serialOf = serialSource(seededRandom(seed, 'serials'));
  const serverDevices = planServers({
    servers,
    racks,
    deviceTypes,
    random: label => seededRandom(seed, label),
    serialOf,
  });
  const switches = racks.flatMap(rack => planSwitches(rack, serialOf));
  return {
    site,
    locations: hallsOf(racks),
    racks,
    manufacturers: [...vendors.map(({ name, slug }) => ({ name, slug })), { name: 'Arista', slug: 'arista' }],
    deviceTypes,
    deviceRoles: [...Object.values(purposeRoles), torRole, observerRole],
    devices: [...switches, ...serverDevices, ...planObservers(racks, serialOf)],
    cables: planCables(serverDevices, deviceTypes),
    prefixRoles,
    ...addressing,
    choiceSets,
    customFields,
    tags,
  };
}

/** Names are not padded, as in most installations: only natural order puts R2 before R10. */
function planRacks(count: number): Rack[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `R${i + 1}`,
    facilityId: `${site.facility}.${Math.floor(i / racksPerHall) + 1}.${(i % racksPerHall) + 1}`,
    location: `hall-${Math.floor(i / racksPerHall) + 1}`,
    uHeight: rackUnits,
  }));
}

function hallsOf(racks: readonly Rack[]): Fleet['locations'] {
  return [...new Set(racks.map(rack => rack.location))].map(slug => ({ name: slug.replace('hall-', 'Hall '), slug }));
}

function planDeviceTypes(): DeviceType[] {
  const servers = vendors.flatMap(vendor =>
    vendor.models.map(({ model, partNumber, uHeight, weightKg }) => ({
      manufacturer: vendor.slug,
      model,
      slug: modelSlug(vendor.name, model),
      partNumber,
      uHeight,
      weightKg,
      interfaces: serverInterfaces(vendor),
    })),
  );
  return [torType, ...servers];
}

/** Servers fill a rack from the bottom, without gaps; slot k has cable port k on both switches. */
function planServers(plan: {
  servers: number;
  racks: readonly Rack[];
  deviceTypes: readonly DeviceType[];
  random: (label: string) => Random;
  serialOf: (manufacturer: string) => string;
}): Device[] {
  const types = new Map(plan.deviceTypes.map(type => [type.slug, type]));
  const nextUnit = new Map(plan.racks.map(rack => [rack.name, 1]));
  const deliveries = planDeliveries(plan.servers, plan.random);
  return deliveries.flatMap(delivery =>
    delivery.servers.map((number): Device => {
      const rack = `R${Math.floor((number - 1) / serversPerRack) + 1}`;
      const position = nextUnit.get(rack) ?? 1;
      const type = types.get(delivery.deviceType);
      nextUnit.set(rack, position + (type?.uHeight ?? 1));
      return {
        name: `srv-${rack.toLowerCase()}-u${position}`,
        role: delivery.role,
        deviceType: delivery.deviceType,
        serial: plan.serialOf(delivery.manufacturer),
        assetTag: `BM-${10_000 + number}`,
        rack,
        position,
        status: 'offline',
        tags: tags.map(tag => tag.slug),
        customFields: delivery.customFields,
      };
    }),
  );
}

function planSwitches(rack: Rack, serialOf: (manufacturer: string) => string): Device[] {
  return (['a', 'b'] as const).map((letter, i) => ({
    name: `tor-${rack.name.toLowerCase()}-${letter}`,
    role: torRole.slug,
    deviceType: torType.slug,
    serial: serialOf('arista'),
    assetTag: undefined,
    rack: rack.name,
    position: rack.uHeight - i,
    status: 'active',
    tags: [],
    customFields: { purchase_order: null, warranty_end: null, asset_owner: 'network' },
  }));
}

/** One probe in the first rack and, when there are more, one in the last. */
function planObservers(racks: readonly Rack[], serialOf: (manufacturer: string) => string): Device[] {
  const chosen = racks.length > 1 ? [racks[0], racks.at(-1)] : [racks[0]];
  return chosen
    .filter(rack => rack !== undefined)
    .map(rack => ({
      name: `obs-${rack.name.toLowerCase()}`,
      role: observerRole.slug,
      deviceType: modelSlug('Supermicro', 'SYS-110P-WTR'),
      serial: serialOf('supermicro'),
      assetTag: undefined,
      rack: rack.name,
      position: rack.uHeight - 3,
      status: 'active',
      tags: [],
      customFields: { purchase_order: null, warranty_end: null, asset_owner: 'network' },
    }));
}
