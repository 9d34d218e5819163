import { hexOf, textOf, textOrHexOf } from '../../core/lease.ts';
import { u32 } from './bytes.ts';

/** A BOOTP message (RFC 951, 2131) as it lies among other bytes. */
export type Message = { readonly bytes: Uint8Array; readonly at: number; readonly end: number };

/** Offsets of BOOTP's fixed fields, RFC 2131 figure 1. */
export const field = { op: 0, htype: 1, hlen: 2, xid: 4, ciaddr: 12, yiaddr: 16, giaddr: 24, chaddr: 28 } as const;
const [sname, file, cookie, options] = [44, 108, 236, 240];
export const leastMessage = options;

/** RFC 2132. Nothing but these is ever read: option 43, in which servers tell an iDRAC where its settings and their passwords are, among the others. */
const code = {
  hostname: 12,
  requestedAddress: 50,
  leaseSeconds: 51,
  overload: 52,
  messageType: 53,
  vendorClass: 60,
  clientId: 61,
  fqdn: 81,
  relayAgent: 82,
} as const;

export function hasCookie(bytes: Uint8Array, at: number): boolean {
  return u32(bytes, at + cookie) === 0x63825363;
}

/** Option 53: 1 DISCOVER to 8 INFORM; 0 when there is none. Looked up for every packet, so that it makes nothing. */
export function messageType(message: Message): number {
  const { bytes, at, end } = message;
  // Mostly the first option of all.
  if (bytes[at + options] === code.messageType && bytes[at + options + 1] === 1 && at + options + 2 < end)
    return bytes[at + options + 2] ?? 0;
  return optionOf(message, code.messageType)?.[0] ?? 0;
}

/** The address that a client asks for, or declines; 0 for none. */
export function requestedAddressOf(message: Message): number {
  const value = optionOf(message, code.requestedAddress);
  return value?.length === 4 ? u32(value, 0) : 0;
}

export function leaseSecondsOf(message: Message): number | undefined {
  const value = optionOf(message, code.leaseSeconds);
  return value?.length === 4 ? u32(value, 0) : undefined;
}

/** Option 12, else the name in option 81. */
export function hostnameOf(message: Message): string | undefined {
  const name = optionOf(message, code.hostname);
  return (name && textOf(name)) ?? fqdnOf(message);
}

export function vendorClassOf(message: Message): string | undefined {
  const value = optionOf(message, code.vendorClass);
  return value && textOf(value);
}

export function clientIdOf(message: Message): string | undefined {
  const value = optionOf(message, code.clientId);
  return value && hexOf(value);
}

/** Sub-option 1 (circuit id) or 2 (remote id) of option 82, RFC 3046. */
export function relayIdOf(message: Message, which: 1 | 2): string | undefined {
  const agent = optionOf(message, code.relayAgent) ?? none;
  for (let i = 0; i + 2 <= agent.length; i += 2 + (agent[i + 1] ?? 0)) {
    const value = agent.subarray(i + 2, i + 2 + (agent[i + 1] ?? 0));
    if (agent[i] === which && value.length === agent[i + 1]) return textOrHexOf(value);
  }
  return undefined;
}

/** RFC 4702: flags, two bytes without a meaning any more, then the name as text or, with flag E, as DNS writes it. */
function fqdnOf(message: Message): string | undefined {
  const value = optionOf(message, code.fqdn);
  if (value === undefined || value.length <= 3) return undefined;
  const name = value.subarray(3);
  return textOf(((value[0] ?? 0) & 4) === 0 ? name : labelsJoined(name));
}

/** `\x04ilo1\x03bmc\x00` → `ilo1.bmc`. A name without the last, empty label is allowed: the server's domain follows. */
function labelsJoined(name: Uint8Array): Uint8Array {
  const joined: number[] = [];
  for (let i = 0; i < name.length && name[i] !== 0; ) {
    const next = i + 1 + (name[i] ?? 0);
    if (joined.length > 0) joined.push(0x2e);
    joined.push(...name.subarray(i + 1, next));
    i = next;
  }
  return Uint8Array.from(joined);
}

const none = new Uint8Array(0);
/** More parts of one option than this are somebody's attempt to keep bmtool busy. */
const mostParts = 64;

/**
 * The value of an option, put together where it comes in parts (RFC 3396), also out of the fields that option 52 says carry options: `file` first, then
 * `sname`. An option that reaches past the end is dropped, and a missing End forgiven.
 */
export function optionOf({ bytes, at, end }: Message, wanted: number): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  const overload = collect(bytes, at + options, end, wanted, parts);
  if (overload & 1) collect(bytes, at + file, at + cookie, wanted, parts);
  if (overload & 2) collect(bytes, at + sname, at + file, wanted, parts);
  return parts.length > 1 ? joined(parts) : parts[0];
}

/** Adds the values of one option, and tells that of option 52. */
function collect(bytes: Uint8Array, from: number, end: number, wanted: number, parts: Uint8Array[]): number {
  let overload = 0;
  for (let i = from; i < end; ) {
    const option = bytes[i] ?? 0;
    if (option === 255) break;
    if (option === 0) {
      i += 1;
      continue;
    }
    const next = i + 2 + (bytes[i + 1] ?? 0);
    if (i + 2 > end || next > end) break;
    if (option === wanted && parts.length < mostParts) parts.push(bytes.subarray(i + 2, next));
    if (option === code.overload && next === i + 3) overload = bytes[i + 2] ?? 0;
    i = next;
  }
  return overload;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function addressText(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}
