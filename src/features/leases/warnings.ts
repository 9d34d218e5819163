import type { Lease } from '../../core/lease.ts';
import type { Facts } from './facts.ts';

/** An entry for the journal of a device. */
export type Warning = {
  readonly deviceId: number;
  /** What does not fit, in one sentence. Two warnings that begin with the same one are the same. */
  readonly fact: string;
  readonly text: string;
};

/** A MAC on very many interfaces is a fault of its own; its first devices tell enough. */
const mostDevices = 5;

/** What is written into the journal for a row of the decision table. */
const facts: Readonly<Record<string, (lease: Lease, facts: Facts) => string>> = {
  'MAC elsewhere'({ mac }, { ports }) {
    const places = ports.slice(0, mostDevices).map(({ owner, name }) => code([owner, name].filter(Boolean).join(' ')));
    const more = ports.length > mostDevices ? ` and ${ports.length - mostDevices} more` : '';
    const what = ports.length > 1 ? 'is on several interfaces' : 'is not on a BMC interface';
    return `A DHCP server gave an address to ${mac}, which ${what}: ${places.join(', ')}${more}.`;
  },
  'address taken': takenText,
  'active, taken': takenText,
  'active, other'(lease, known) {
    const there = known.addresses.map(({ address }) => address).join(', ');
    return `${bmcOf(known)} got ${lease.address} by DHCP, but NetBox has ${there}.`;
  },
  'other state': (lease, known) =>
    `${bmcOf(known)} got ${lease.address} by DHCP while the device is ${known.device?.status}.`,
};

export function warningsFor(rule: string, lease: Lease, known: Facts, serial: string | undefined): Warning[] {
  const fact = facts[rule]?.(lease, known);
  const devices = [...new Set(known.ports.flatMap(({ deviceId }) => deviceId ?? []))].slice(0, mostDevices);
  const about = fact === undefined ? [] : devices.map(id => warning(id, fact, 'Nothing was changed.', lease));
  return [...about, ...serialWarning(lease, known, serial)];
}

/** A hostname is a hint for a person: it is never acted on. */
function serialWarning(lease: Lease, facts: Facts, serial: string | undefined): Warning[] {
  const { device } = facts;
  if (lease.kind !== 'granted' || serial === undefined || device === undefined || device.serial === '') return [];
  if (serial === device.serial.toUpperCase()) return [];
  const fact = `${bmcOf(facts)} calls itself ${code(lease.hostname ?? '')}, but the serial of the device is ${code(device.serial)}.`;
  return [warning(device.id, fact, 'Are two servers mixed up?', lease)];
}

function warning(deviceId: number, fact: string, next: string, lease: Lease): Warning {
  const { server, way, host } = lease.source;
  const seen = `Seen ${lease.time.slice(0, 19).replace('T', ' ')} UTC by ${code(`${server ?? way} on ${host}`)}`;
  return { deviceId, fact, text: `${fact} ${next} ${seen}, MAC ${lease.mac}.` };
}

function takenText(lease: Lease, facts: Facts): string {
  const others = facts.claims
    .filter(({ on }) => on !== undefined)
    .map(({ onText, address }) => code(`${onText} (${address})`));
  return `${bmcOf(facts)} got ${lease.address} by DHCP, but in NetBox that address is on ${others.join(', ')}.`;
}

function bmcOf({ ports, device }: Facts): string {
  return `The BMC of ${code(device?.name ?? ports[0]?.owner ?? '')}`;
}

/** Journal entries are Markdown, and names come from outside. */
function code(name: string): string {
  return `\`${name.replaceAll(/[`\p{C}]/gu, '?')}\``;
}
