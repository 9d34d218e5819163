import type { HookCall } from '../../../adapters/spool/record.ts';
import type { LeaseKind } from '../../../core/lease.ts';
import { type KeaLeasePart, type KeaQueryPart, mostKeaLeases } from './caller.ts';
import { type Around, asciiOf, bytesOfHex, type CallReading, numberOf, readingOf, timeOfCall } from './told.ts';

/** Hook points that tell of one lease, in `LEASE4_…`. */
const points: ReadonlyMap<string, LeaseKind> = new Map([
  ['lease4_renew', 'granted'],
  ['lease4_release', 'released'],
  ['lease4_expire', 'expired'],
  ['lease4_decline', 'declined'],
]);

/**
 * libdhcp_run_script: one argument, the hook point; everything else in the environment. It calls `leases4_committed` and `lease4_renew` for one
 * renewal, `lease4_release` and `leases4_committed` for one release: the end of the lease (CLTT + valid lifetime) makes these one fact.
 */
export function readKea(call: HookCall, around: Around): CallReading {
  const point = asciiOf(call.args[0] ?? new Uint8Array());
  const kind = points.get(point);
  // Called for a DISCOVER of a client that Kea knows, too, before anything is granted (2.2 and 2.6, seen).
  const asks = asciiOf(call.env.get('QUERY4_TYPE') ?? new Uint8Array());
  if (point === 'lease4_renew' && asks === 'DHCPDISCOVER') return { ignored: 'an offer, no lease yet' };
  if (kind !== undefined) return readLease('LEASE4_', kind, call, around);
  if (point !== 'leases4_committed') return { ignored: 'no event of an IPv4 lease' };
  const count = (name: string) => Math.min(numberOf(call.env.get(name)) ?? 0, mostKeaLeases);
  const prefixes = (name: string) => Array.from({ length: count(`${name}_SIZE`) }, (_, n) => `${name}_AT${n}_`);
  const gone = asks === 'DHCPDECLINE' ? 'declined' : 'released';
  const readings = [
    ...prefixes('DELETED_LEASES4').map(prefix => readLease(prefix, gone, call, around)),
    ...prefixes('LEASES4').map(prefix => readLease(prefix, 'granted', call, around)),
  ];
  const events = readings.flatMap(reading => ('events' in reading ? reading.events : []));
  return events.length > 0 ? { events } : (readings[0] ?? { ignored: 'no lease was committed or deleted' });
}

function readLease(prefix: string, kind: LeaseKind, call: HookCall, around: Around): CallReading {
  const part = (name: KeaLeasePart) => call.env.get(prefix + name);
  const asked = (name: KeaQueryPart) => call.env.get(name);
  if ((numberOf(part('HWADDR_TYPE')) ?? 1) !== 1) return { ignored: 'not Ethernet' };
  const lastTalk = numberOf(part('CLTT'));
  const seconds = numberOf(part('VALID_LIFETIME'));
  const endsAt = lastTalk === undefined || seconds === undefined ? undefined : lastTalk + seconds;
  const happened = { granted: lastTalk, expired: endsAt, released: undefined, declined: undefined }[kind];
  return readingOf(
    {
      kind,
      server: 'kea',
      timeMs: happened === undefined ? timeOfCall(call, around) : happened * 1000,
      mac: part('HWADDR'),
      address: part('ADDRESS'),
      hostname: part('HOSTNAME'),
      clientId: part('CLIENT_ID'),
      relay: asked('QUERY4_GIADDR'),
      circuitId: decoded(asked('QUERY4_OPTION_82_SUB_OPTION_1')),
      remoteId: decoded(asked('QUERY4_OPTION_82_SUB_OPTION_2')),
      leaseSeconds: kind === 'granted' ? seconds : undefined,
      endsAt,
    },
    around,
  );
}

function decoded(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes && bytesOfHex(bytes);
}
