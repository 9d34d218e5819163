import type { HookCall } from '../../../adapters/spool/record.ts';
import { counted } from '../../../core/counted.ts';
import type { LeaseKind } from '../../../core/lease.ts';
import {
  type Around,
  asciiOf,
  bytesOfHex,
  type CallReading,
  infinite,
  numberOf,
  readingOf,
  type Told,
  timeOfCall,
} from './told.ts';

const kinds: ReadonlyMap<string, LeaseKind> = new Map([
  ['commit', 'granted'],
  ['release', 'released'],
  ['expiry', 'expired'],
]);

type Part =
  | 'address'
  | 'mac'
  | 'hostname'
  | 'vendorClass'
  | 'clientId'
  | 'relay'
  | 'circuitId'
  | 'remoteId'
  | 'seconds';

/** What `execute()` passes behind the word, by bmtool's own fragment. Positions are for ever: dhcpd keeps old calls in its lease file. */
const commitParts: readonly Part[] = [
  'address',
  'mac',
  'hostname',
  'vendorClass',
  'clientId',
  'relay',
  'circuitId',
  'remoteId',
  'seconds',
];

/** Fragments that people have written before bmtool had one. Told apart by how many there are and where the relay's address stands. */
const layouts: readonly (readonly Part[])[] = [
  commitParts,
  ['address', 'mac', 'hostname', 'vendorClass', 'clientId', 'relay', 'circuitId', 'seconds'],
  ['address', 'mac', 'hostname', 'vendorClass', 'relay', 'circuitId', 'remoteId', 'seconds'],
  ['address', 'mac', 'hostname'],
  ['address', 'mac'],
];

/** dhcpd tells all in arguments: the word of its event, then what the fragment's `execute()` lists. Nothing is in its environment. */
export function readIsc(call: HookCall, around: Around): CallReading {
  const [word = new Uint8Array(), ...args] = call.args;
  if (asciiOf(word) === 'notify') return readMaas(args, call, around);
  const kind = kinds.get(asciiOf(word));
  if (kind === undefined) return { ignored: 'no event of a lease' };
  // Expiry and release pass two; whatever else somebody's fragment adds there means nothing.
  const parts = kind === 'granted' ? layouts.find(layout => fits(layout, args)) : commitParts.slice(0, 2);
  if (parts === undefined)
    return { unreadable: `a commit with ${counted(args.length, 'argument')} in an order that bmtool does not know` };
  const part = (name: Part) => said(args[parts.indexOf(name)]);
  const seconds = numberOf(part('seconds'));
  return readingOf(
    {
      kind,
      server: 'isc',
      timeMs: timeOfCall(call, around),
      mac: part('mac'),
      address: part('address'),
      hostname: part('hostname'),
      vendorClass: part('vendorClass'),
      clientId: part('clientId'),
      relay: part('relay'),
      circuitId: decoded(part('circuitId')),
      remoteId: decoded(part('remoteId')),
      leaseSeconds: seconds,
      // As the lease file has it, where a lease that never ends has no other end.
      endsAt: seconds === infinite ? 0 : undefined,
    },
    around,
  );
}

function fits(layout: readonly Part[], args: readonly Uint8Array[]): boolean {
  const relay = args[layout.indexOf('relay')];
  return layout.length === args.length && (relay === undefined || /^[\d.]{7,15}$/.test(asciiOf(relay)));
}

/**
 * MAAS's own helper (`dhcp-helper notify --action commit --mac … --ip … --lease-time … --hostname …`), for who has put bmtool in its place.
 * Source: the end of MAAS 3.x's dhcpd.conf.template.
 */
function readMaas(args: readonly Uint8Array[], call: HookCall, around: Around): CallReading {
  const after = (name: string) => said(args[args.findIndex(arg => asciiOf(arg) === name) + 1 || args.length]);
  const kind = kinds.get(asciiOf(after('--action') ?? new Uint8Array()));
  if (kind === undefined) return { ignored: 'no event of a lease' };
  const told: Told = {
    kind,
    server: 'isc',
    timeMs: timeOfCall(call, around),
    mac: after('--mac'),
    address: after('--ip'),
    ...(kind === 'granted' ? { hostname: after('--hostname'), leaseSeconds: numberOf(after('--lease-time')) } : {}),
  };
  return readingOf(told, around);
}

/** `(none)` stands in for what the client did not send: dhcpd leaves out the whole call when an argument has no value. */
function said(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined || asciiOf(bytes) === '(none)' ? undefined : bytes;
}

/** bmtool's fragment passes ids of circuits as hex, since an argument ends at its first NUL; others pass them as they are. */
function decoded(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes && (bytesOfHex(bytes) ?? bytes);
}
