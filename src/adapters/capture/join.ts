import { type LeaseEvent, type LeaseKind, leaseEvent } from '../../core/lease.ts';
import { type Asked, openAsked } from './asked.ts';
import { u16, u32 } from './bytes.ts';
import {
  addressText,
  field,
  hasCookie,
  leaseSecondsOf,
  leastMessage,
  type Message,
  messageType,
  requestedAddressOf,
} from './dhcp.ts';
import type { Frame } from './frame.ts';
import { type Datagram, findDatagram } from './link.ts';
import { openMacNames } from './macs.ts';
import { openRecent } from './recent.ts';
import { wordsOf } from './words.ts';

/** What became of the packets of a capture. */
export type PacketCounts = {
  /** All packets that were read. */
  packets: number;
  /** From or to UDP 67 or 68. */
  dhcp: number;
  /** Of those, the ones of which a part is missing: a short snapshot length, or a fragment. What is there was read. */
  truncated: number;
  /** On those ports, but no DHCP that bmtool reads (BOOTP, InfiniBand, no client's MAC); or a packet of an unknown link layer or without a time. */
  notUnderstood: number;
  /** Said before, seconds ago at most: by a relay, or on another interface. */
  repeated: number;
};

export type Joiner = {
  see(frame: Frame): void;
  /** The events since it was asked last. */
  take(): readonly LeaseEvent[];
  readonly counts: Readonly<PacketCounts>;
};

type Meaning = LeaseKind | 'asked' | 'nothing';

/** What a message type (option 53) is to a tap, by who sends it (op: 1 a client, 2 a server). OFFER, NAK and INFORM grant nothing. */
const meanings: Readonly<Record<number, Readonly<Record<number, Meaning>>>> = {
  1: { 1: 'asked', 3: 'asked', 4: 'declined', 7: 'released', 8: 'nothing' },
  2: { 2: 'nothing', 5: 'granted', 6: 'nothing' },
};
const ethernet = 0x0106; // htype 1, hlen 6

/**
 * dhclient keeps its transaction's number when it renews: the same client, address and number are a new fact half a lease later. A relay beside the direct
 * way and a second interface repeat within milliseconds, and behind a slow hook within two or three seconds.
 */
const [toldPlaces, toldAgeMs] = [8192, 2000];
const kindNumbers: Readonly<Record<LeaseKind, number>> = { granted: 0, released: 1, declined: 2, expired: 3 };
/** The last moment whose year has four digits: what a damaged clock says beyond it is no time. */
const latestMs = Date.UTC(9999, 11, 31);

/**
 * Makes lease events of packets. What a client calls itself stands in what it asks with and not in dhcpd's ACK, so questions are kept until their ACK
 * comes. An ACK alone is enough for an event.
 */
export function openJoiner(host: string): Joiner {
  const datagram: Datagram = { at: 0, end: 0, cut: false };
  const message: Writable<Message> = { bytes: new Uint8Array(0), at: 0, end: 0 };
  const counts: PacketCounts = { packets: 0, dhcp: 0, truncated: 0, notUnderstood: 0, repeated: 0 };
  const asked = openAsked();
  const tell = openTeller(host, asked);
  let events: LeaseEvent[] = [];
  const hear = (timeMs: number): 'understood' | 'not understood' | 'repeated' => {
    if (!isFromEthernet(message) || !hasCookie(message.bytes, message.at)) return 'not understood';
    const type = messageType(message);
    const meaning = meanings[message.bytes[message.at + field.op] ?? 0]?.[type];
    if (meaning === undefined) return 'not understood';
    if (meaning === 'nothing') return 'understood';
    if (meaning === 'asked') {
      asked.keep(macOf(message), u32(message.bytes, message.at + field.xid), type, timeMs, message);
      return 'understood';
    }
    const event = tell(meaning, message, timeMs);
    if (typeof event === 'string') return event;
    events.push(event);
    return 'understood';
  };
  return {
    counts,
    see(frame) {
      counts.packets += 1;
      const found = findDatagram(frame, datagram);
      if (found === 'other') return;
      if (found === 'dhcp') counts.dhcp += 1;
      if (datagram.cut) counts.truncated += 1;
      message.bytes = frame.bytes;
      message.at = datagram.at;
      message.end = datagram.end;
      const isWhole = found === 'dhcp' && isTime(frame.timeMs) && message.end - message.at >= leastMessage;
      const fate = isWhole ? hear(frame.timeMs) : 'not understood';
      if (fate === 'repeated') counts.repeated += 1;
      // What is cut off is told once.
      if (fate === 'not understood' && !datagram.cut) counts.notUnderstood += 1;
    },
    take() {
      const taken = events;
      events = [];
      return taken;
    },
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

type Tell = (
  kind: LeaseKind,
  message: Message,
  timeMs: number,
) => LeaseEvent | 'understood' | 'not understood' | 'repeated';

function openTeller(host: string, asked: Asked): Tell {
  const told = openRecent(toldPlaces, toldAgeMs);
  const nameOf = openMacNames();
  const timeOf = openClockTexts();
  const source = { way: 'tap', host } as const;
  return (kind, message, timeMs) => {
    const [mac, transaction] = [macOf(message), u32(message.bytes, message.at + field.xid)];
    const [name, address] = [nameOf(mac), addressIn(message, kind)];
    // An ACK without an address answers an INFORM, and grants nothing.
    if (address === 0) return kind === 'granted' ? 'understood' : 'not understood';
    if (name === undefined) return 'not understood';
    const who = mac + kindNumbers[kind] * 2 ** 48;
    if (told.find(who, transaction, address, timeMs) >= 0) return 'repeated';
    told.put(who, transaction, address, timeMs);
    const isGrant = kind === 'granted';
    const own = isGrant ? asked.find(mac, transaction, timeMs) : [message];
    const leaseSeconds = isGrant ? leaseSecondsOf(message) : undefined;
    const lease = {
      time: timeOf(timeMs),
      kind,
      mac: name,
      address: addressText(address),
      ...wordsOf(own, isGrant ? message : undefined),
      ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
      source,
    };
    // As `leaseEvent` works it out, without reading the time's text again.
    return leaseEvent(lease, Math.floor(timeMs / 1000) + (leaseSeconds ?? 0));
  };
}

/** ISO 8601 in UTC. Packets come many to the second, whose text is made once. */
function openClockTexts(): (timeMs: number) => string {
  let [second, text] = [-1, ''];
  return timeMs => {
    const now = Math.floor(timeMs / 1000);
    if (now !== second) [second, text] = [now, new Date(now * 1000).toISOString().slice(0, -4)];
    return `${text}${String(Math.floor(timeMs - now * 1000)).padStart(3, '0')}Z`;
  };
}

function isTime(timeMs: number): boolean {
  return timeMs >= 0 && timeMs < latestMs;
}

function isFromEthernet({ bytes, at }: Message): boolean {
  return u16(bytes, at + field.htype) === ethernet;
}

/** 48 bits, which a number holds. */
function macOf({ bytes, at }: Message): number {
  return u16(bytes, at + field.chaddr) * 2 ** 32 + u32(bytes, at + field.chaddr + 2);
}

function addressIn(message: Message, kind: LeaseKind): number {
  if (kind === 'declined') return requestedAddressOf(message);
  return u32(message.bytes, message.at + (kind === 'granted' ? field.yiaddr : field.ciaddr));
}
