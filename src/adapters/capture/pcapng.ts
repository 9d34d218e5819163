import { type Order, u16In, u32, u32In } from './bytes.ts';
import { type Frame, longestPacket, type Step } from './frame.ts';

type Interface = { readonly link: number; readonly msPerTick: number; readonly offsetMs: number };

const types = { section: 0x0a0d0d0a, interface: 1, packet: 2, simplePacket: 3, enhancedPacket: 6 } as const;
const [sectionBytes, packetHeaderBytes] = [28, 28];
/** A description that begins later than this, or the next interface after so many, is no capture's any more. */
const longestDescription = 65_536;
const mostInterfaces = 4096;

/** The type of a section header reads the same in both orders. */
export function isPcapng(bytes: Uint8Array, at: number): boolean {
  return u32(bytes, at) === types.section;
}

/**
 * Reads the blocks of pcapng (draft-ietf-opsawg-pcapng): sections, each in an order of its own; interfaces, each with its link layer and clock; and
 * packets. Blocks of other types, options and padding are skipped, however long, without keeping them.
 */
export function openPcapngBlocks(frame: Frame, see: (frame: Frame) => void): Step {
  let order: Order = 'little';
  let interfaces: Interface[] = [];
  const readPacket = (bytes: Uint8Array, at: number, end: number, block: number, number: number): number => {
    if (end - at < packetHeaderBytes) return -packetHeaderBytes;
    const length = u32In(order, bytes, at + 20);
    const seen = packetHeaderBytes + length;
    if (length > longestPacket || seen + 4 > block) return 0;
    if (end - at < seen) return -seen;
    const from = interfaces[number];
    const ticks = u32In(order, bytes, at + 12) * 2 ** 32 + u32In(order, bytes, at + 16);
    frame.bytes = bytes;
    frame.start = at + packetHeaderBytes;
    frame.end = at + seen;
    frame.link = from?.link ?? -1;
    frame.timeMs = from === undefined ? Number.NaN : ticks * from.msPerTick + from.offsetMs;
    see(frame);
    return block;
  };
  const readSimplePacket = (bytes: Uint8Array, at: number): void => {
    frame.bytes = bytes;
    frame.start = frame.end = at;
    frame.link = interfaces[0]?.link ?? -1;
    frame.timeMs = Number.NaN; // it has none
    see(frame);
  };
  return (bytes, at, end) => {
    if (end - at < 12) return -12;
    const isSection = isPcapng(bytes, at);
    const orderNow = isSection ? orderOf(bytes, at + 8) : order;
    if (orderNow === undefined) return 0;
    const type = isSection ? types.section : u32In(orderNow, bytes, at);
    const block = u32In(orderNow, bytes, at + 4);
    if (block < 12 || block % 4 !== 0) return 0;
    if (type === types.enhancedPacket) return readPacket(bytes, at, end, block, u32In(order, bytes, at + 8));
    if (type === types.packet) return readPacket(bytes, at, end, block, u16In(order, bytes, at + 8));
    if (type === types.simplePacket) readSimplePacket(bytes, at);
    if (type === types.section) {
      if (block < sectionBytes) return 0;
      order = orderNow;
      interfaces = [];
    }
    if (type !== types.interface) return block;
    const seen = Math.min(block, longestDescription);
    if (end - at < seen) return -seen;
    if (block < 20 || interfaces.length >= mostInterfaces) return 0;
    interfaces.push(readInterface(order, bytes, at, at + seen - 4));
    return block;
  };
}

function orderOf(bytes: Uint8Array, at: number): Order | undefined {
  if (u32(bytes, at) === 0x1a2b3c4d) return 'big';
  return u32(bytes, at) === 0x4d3c2b1a ? 'little' : undefined;
}

const optionCodes = { end: 0, resolution: 9, offset: 14 } as const;

function readInterface(order: Order, bytes: Uint8Array, at: number, end: number): Interface {
  let [msPerTick, offsetMs] = [0.001, 0];
  for (let i = at + 16; i + 4 <= end; ) {
    const code = u16In(order, bytes, i);
    const length = u16In(order, bytes, i + 2);
    const value = i + 4;
    i = value + length + ((4 - (length % 4)) % 4);
    if (code === optionCodes.end || value + length > end) break;
    if (code === optionCodes.resolution && length >= 1) msPerTick = msPerTickOf(bytes[value] ?? 0);
    if (code === optionCodes.offset && length === 8) offsetMs = secondsOf(order, bytes, value) * 1000;
  }
  return { link: u16In(order, bytes, at + 8), msPerTick, offsetMs };
}

/** if_tsresol: a power of ten, or with the highest bit a power of two. */
function msPerTickOf(resolution: number): number {
  return resolution & 0x80 ? 1000 / 2 ** (resolution & 0x7f) : 1000 / 10 ** resolution;
}

/** if_tsoffset: 64 bits with a sign. */
function secondsOf(order: Order, bytes: Uint8Array, at: number): number {
  const [high, low] = order === 'big' ? [at, at + 4] : [at + 4, at];
  return (u32In(order, bytes, high) | 0) * 2 ** 32 + u32In(order, bytes, low);
}
