import type { Cable, Device, DeviceType } from './fleet.ts';

/** Cable A in one colour and B in the other, so that a person pulls the right one. */
const sides = [
  { letter: 'a', color: '2196f3' },
  { letter: 'b', color: 'ff5722' },
] as const;

/** Direct-attach cables come in fixed lengths; the switches sit at the top. */
const lengths = [
  { fromUnit: 33, lengthM: 1 },
  { fromUnit: 17, lengthM: 2 },
  { fromUnit: 1, lengthM: 3 },
] as const;

/**
 * Two cables a server: production port 1 to switch A, port 2 to switch B of its rack. The k-th server from the bottom
 * takes port k of both.
 *
 * @param servers in the order in which they were racked
 */
export function planCables(servers: readonly Device[], deviceTypes: readonly DeviceType[]): Cable[] {
  const ports = new Map(deviceTypes.map(type => [type.slug, type.interfaces.filter(port => !port.mgmtOnly)]));
  const used = new Map<string, number>();
  return servers.flatMap(server => {
    const slot = (used.get(server.rack) ?? 0) + 1;
    used.set(server.rack, slot);
    return sides.map(({ letter, color }, i) => ({
      label: `${server.rack}-${letter.toUpperCase()}${slot}`,
      type: 'dac-passive',
      color,
      lengthM: lengths.find(length => server.position >= length.fromUnit)?.lengthM ?? 3,
      a: { device: server.name, interface: ports.get(server.deviceType)?.[i]?.name ?? '' },
      b: { device: `tor-${server.rack.toLowerCase()}-${letter}`, interface: `Ethernet${slot}` },
    }));
  });
}
