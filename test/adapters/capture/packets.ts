import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from '../../../src/adapters/capture/frame.ts';
import { openJoiner, type PacketCounts } from '../../../src/adapters/capture/join.ts';
import { openReader, type Reader } from '../../../src/adapters/capture/reader.ts';
import type { Lease, LeaseEvent } from '../../../src/core/lease.ts';

const folder = new URL('../../../fixtures/dhcp/captures/', import.meta.url).pathname;
export const recordings = [
  'dnsmasq-dora',
  'dnsmasq-dora-renew-release-relay',
  'isc-dora-dhclient',
  'isc-dora-renew-release',
  'isc-relayed-client-side',
  'isc-relayed-server-side',
  'isc-slow-hook',
  'kea-dora',
  'snaplen100-truncated',
  'synthetic-big-endian',
  'synthetic-edge-cases',
  'synthetic-linux-sll-113',
  'synthetic-raw-ip-101',
  'vlan100-dora',
] as const;
export type Recording = (typeof recordings)[number];

export const recordingPath = (name: Recording) => join(folder, `${name}.pcap`);
export const recording = (name: Recording) => new Uint8Array(readFileSync(recordingPath(name)));
export const expectation = <T>(name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;

/** A packet, copied out of the capture. */
export type Packet = { readonly timeMs: number; readonly link: number; readonly bytes: Uint8Array };

/** Reads a capture that comes in pieces: each as long as `sizes` says in turn, the last one as often as needed. */
export function read(capture: Uint8Array, sizes: readonly number[] = [capture.length]) {
  const packets: Packet[] = [];
  const reader = openReader(({ bytes, start, end, timeMs, link }) => {
    packets.push({ timeMs, link, bytes: bytes.slice(start, end) });
  });
  pushInPieces(reader, capture, sizes);
  const { format, damage, isMidway } = reader;
  return { packets, format, damage, isMidway };
}

export function pushInPieces(reader: Reader, capture: Uint8Array, sizes: readonly number[]): void {
  for (let at = 0, i = 0; at < capture.length; i += 1) {
    const size = Math.max(1, sizes[Math.min(i, sizes.length - 1)] ?? 1);
    // Gone over afterwards: whoever keeps what it was only shown is found out.
    const piece = capture.slice(at, at + size);
    reader.push(piece);
    piece.fill(0xff);
    at += size;
  }
}

export type Told = {
  readonly leases: readonly Lease[];
  readonly events: readonly LeaseEvent[];
  readonly counts: PacketCounts;
};

/** What a tap tells of packets. */
export function tell(packets: readonly Packet[]): Told {
  const joiner = openJoiner('here');
  const frame: Frame = { bytes: new Uint8Array(0), start: 0, end: 0, link: 0, timeMs: 0 };
  for (const { bytes, timeMs, link } of packets) {
    Object.assign(frame, { bytes: bytes.slice(), start: 0, end: bytes.length, timeMs, link });
    joiner.see(frame);
    frame.bytes.fill(0xff);
  }
  const events = joiner.take();
  return { events, leases: events.map(({ data }) => data), counts: joiner.counts };
}

export const tellRecording = (name: Recording) => tell(read(recording(name)).packets);

type Option = readonly [code: number, value: Uint8Array | readonly number[] | string];

export type MessageWish = {
  readonly type?: number;
  readonly xid?: number;
  readonly mac?: string;
  readonly htype?: number;
  readonly hlen?: number;
  readonly ciaddr?: string;
  readonly yiaddr?: string;
  readonly giaddr?: string;
  readonly options?: readonly Option[];
  readonly sname?: readonly Option[];
  readonly file?: readonly Option[];
};

export const [discover, offer, request, decline, ack, nak, release, inform] = [1, 2, 3, 4, 5, 6, 7, 8] as const;
const fromServer: readonly number[] = [offer, ack, nak];

/** A DHCP message as its sender makes it. */
export function message(wish: MessageWish): Uint8Array {
  const { type = ack, xid = 0x11223344, mac = '94:40:c9:00:00:01', htype = 1, hlen = 6 } = wish;
  const fixed = Buffer.alloc(240);
  fixed.set([fromServer.includes(type) ? 2 : 1, htype, hlen, 0]);
  fixed.writeUInt32BE(xid, 4);
  fixed.set(addressBytes(wish.ciaddr), 12);
  fixed.set(addressBytes(wish.yiaddr), 16);
  fixed.set(addressBytes(wish.giaddr), 24);
  fixed.set(Buffer.from(mac.replaceAll(':', ''), 'hex'), 28);
  if (wish.sname) fixed.set([...optionBytes(wish.sname), 255], 44);
  if (wish.file) fixed.set([...optionBytes(wish.file), 255], 108);
  fixed.set([0x63, 0x82, 0x53, 0x63], 236);
  return Uint8Array.from([...fixed, ...optionBytes([[53, [type]], ...(wish.options ?? [])]), 255]);
}

export function addressBytes(address = '0.0.0.0'): number[] {
  return address.split('.').map(Number);
}

function optionBytes(options: readonly Option[]): number[] {
  return options.flatMap(([code, value]) => {
    const bytes = typeof value === 'string' ? [...Buffer.from(value)] : [...value];
    return [code, bytes.length, ...bytes];
  });
}

export type FrameWish = {
  readonly ports?: readonly [number, number];
  readonly tags?: readonly number[];
  readonly fragment?: number;
  readonly trailer?: number;
};

/** Ethernet, VLAN tags, IPv4 and UDP around a message. */
export function ethernet(payload: Uint8Array, wish: FrameWish = {}): Uint8Array {
  const tags = (wish.tags ?? []).flatMap(protocol => [protocol >> 8, protocol & 255, 0, 100]);
  const trailer = Array<number>(wish.trailer ?? 0).fill(0xaa);
  return Uint8Array.from([...Array<number>(12).fill(2), ...tags, 8, 0, ...ipv4(payload, wish), ...trailer]);
}

export function ipv4(payload: Uint8Array, { ports = [67, 68], fragment = 0 }: FrameWish = {}): Uint8Array {
  const header = Buffer.alloc(28);
  header.set([0x45, 0]);
  header.writeUInt16BE(28 + payload.length, 2);
  header.writeUInt16BE(fragment, 6);
  header.set([64, 17], 8);
  header.set([...addressBytes('10.0.0.1'), ...addressBytes('10.0.0.9')], 12);
  header.writeUInt16BE(ports[0], 20);
  header.writeUInt16BE(ports[1], 22);
  header.writeUInt16BE(8 + payload.length, 24);
  return Uint8Array.from([...header, ...payload]);
}

/** Packets a millisecond apart, or at the times given. */
export function packetsOf(messages: readonly (MessageWish & { readonly at?: number })[]): Packet[] {
  return messages.map((wish, i) => ({ timeMs: 1.7e12 + (wish.at ?? i), link: 1, bytes: ethernet(message(wish)) }));
}
