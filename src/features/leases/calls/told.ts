import type { HookCall } from '../../../adapters/spool/record.ts';
import { addressText, parseAddress } from '../../../core/address.ts';
import {
  type DhcpServer,
  hexOf,
  type Lease,
  type LeaseEvent,
  type LeaseKind,
  leaseEvent,
  textOf,
  textOrHexOf,
} from '../../../core/lease.ts';
import { parseMac } from '../../../core/mac.ts';

type Bytes = Uint8Array | undefined;

/** What a call is: lease events, nothing of interest, or something that should have been a lease and cannot be read. */
export type CallReading =
  | {
      /** The lease events. */
      readonly events: readonly LeaseEvent[];
    }
  | {
      /** Why it is of no interest. */
      readonly ignored: string;
    }
  | {
      /** Why it cannot be read. */
      readonly unreadable: string;
    };

/** One lease as a server told it to a hook: bytes, for clients and relays chose most of them. */
export type Told = {
  readonly kind: LeaseKind;
  readonly server: DhcpServer;
  readonly timeMs: number;
  readonly mac: Bytes;
  readonly address: Bytes;
  readonly hostname?: Bytes;
  readonly vendorClass?: Bytes;
  /** As the servers print it: `1:94:40:c9:0:0:1`, dhcpd without leading zeros. */
  readonly clientId?: Bytes;
  readonly relay?: Bytes;
  /** Decoded already: what the relay put in. */
  readonly circuitId?: Bytes;
  readonly remoteId?: Bytes;
  readonly leaseSeconds?: number | undefined;
  /** Seconds since 1970, by the server's own word. */
  readonly endsAt?: number | undefined;
};

/** What a reader needs beside the call: the machine's name, and the time (ms) where the call tells none. */
export type Around = { readonly host: string; readonly now: number };

export function readingOf(told: Told, { host }: Around): CallReading {
  const mac = readHardware(told.mac);
  if (!('mac' in mac)) return mac;
  const address = parseAddress(textOf(told.address ?? nothing) ?? '');
  if (address === undefined || address.length < 32)
    return { unreadable: `"${textOf(told.address ?? nothing) ?? ''}" is no IPv4 address` };
  if (address.family === 6) return { ignored: 'IPv6' };
  const optional: { readonly [K in keyof Lease]?: Lease[K] | undefined } = {
    hostname: told.hostname && textOf(told.hostname),
    vendorClass: told.vendorClass && textOf(told.vendorClass),
    clientId: told.clientId && hexOf(bytesOfHex(told.clientId) ?? nothing),
    relay: told.relay && relayOf(told.relay),
    circuitId: told.circuitId && textOrHexOf(told.circuitId),
    remoteId: told.remoteId && textOrHexOf(told.remoteId),
    leaseSeconds: told.leaseSeconds,
  };
  const lease: Lease = {
    time: new Date(told.timeMs).toISOString(),
    kind: told.kind,
    mac: mac.mac,
    address: addressText(address),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    source: { way: 'hook', server: told.server, host },
  };
  return { events: [leaseEvent(lease, told.endsAt)] };
}

/** Six bytes, of which dhcpd leaves out leading zeros; before them perhaps the hardware type (1 is Ethernet), with `:` or, dnsmasq, `-`. */
function readHardware(bytes: Bytes) {
  const text = textOf(bytes ?? nothing) ?? '';
  if (!/^(?:[\da-f]{1,2}[:-])+[\da-f]{1,2}$/i.test(text)) return { unreadable: `"${text}" is no MAC address` };
  const [, type, six] = /^(?:([\da-f]{1,2})[:-])?((?:[\da-f]{1,2}:){5}[\da-f]{1,2})$/i.exec(text) ?? [];
  if (six === undefined || Number.parseInt(type ?? '1', 16) !== 1) return { ignored: 'not Ethernet' };
  const reading = parseMac(six);
  return reading.ok ? { mac: reading.mac } : { ignored: reading.reason };
}

function relayOf(bytes: Uint8Array): string | undefined {
  const address = parseAddress(textOf(bytes) ?? '');
  return address?.family === 4 && address.length === 32 && address.value !== 0n ? addressText(address) : undefined;
}

/** `1:94:40:c9:0:0:1`, or Kea's `0x0103646E30`; nothing for what is neither. */
export function bytesOfHex(bytes: Uint8Array): Uint8Array | undefined {
  const text = asciiOf(bytes);
  if (/^0x(?:[\da-f]{2})+$/i.test(text)) return Buffer.from(text.slice(2), 'hex');
  if (!/^[\da-f]{1,2}(?::[\da-f]{1,2})*$/i.test(text)) return undefined;
  return Uint8Array.from(text.split(':'), group => Number.parseInt(group, 16));
}

/** A whole number of at most ten digits: seconds of a lease, seconds since 1970 until the year 2286. */
export function numberOf(bytes: Bytes): number | undefined {
  const text = asciiOf(bytes ?? nothing);
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

export function asciiOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** When the call was made, as far as it tells; else now. */
export function timeOfCall(call: HookCall, { now }: Around): number {
  const { at } = call;
  return at !== undefined && at >= 0 && at < lastMoment ? at : now;
}

/** RFC 2131 3.3: a lease that never ends. */
export const infinite = 0xffff_ffff;
const lastMoment = Date.UTC(9999, 0);
const nothing = new Uint8Array();
