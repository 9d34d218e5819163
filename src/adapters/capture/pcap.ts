import { type Order, u16In, u32, u32In } from './bytes.ts';
import { type Frame, longestPacket, type Step } from './frame.ts';

/** The header of a pcap file (draft-ietf-opsawg-pcap): who wrote it in which order, and what its packets begin with. */
export type PcapHeader = { readonly order: Order; readonly ticksPerMs: number; readonly link: number };

export const pcapHeaderBytes = 24;
const recordHeaderBytes = 16;

/** Magic numbers as they read in the network's order. */
const magics: Readonly<Record<number, Omit<PcapHeader, 'link'>>> = {
  2712847316: { order: 'big', ticksPerMs: 1000 }, // a1b2c3d4
  3569595041: { order: 'little', ticksPerMs: 1000 }, // d4c3b2a1
  2712812621: { order: 'big', ticksPerMs: 1_000_000 }, // a1b23c4d
  1295823521: { order: 'little', ticksPerMs: 1_000_000 }, // 4d3cb2a1
};

export function isPcap(bytes: Uint8Array, at: number): boolean {
  return u32(bytes, at) in magics;
}

/** Nothing for a version that is not the one of the last 25 years: older ones order the fields of a record differently. */
export function readPcapHeader(bytes: Uint8Array, at: number): PcapHeader | undefined {
  const magic = magics[u32(bytes, at)];
  if (magic === undefined || u16In(magic.order, bytes, at + 4) !== 2) return undefined;
  // The upper half tells how many bytes of checksum frames end with: they lie behind IP's own length.
  return { ...magic, link: u32In(magic.order, bytes, at + 20) & 0xffff };
}

/** Reads records: seconds, fraction, captured length, length on the wire, packet. */
export function openPcapRecords(header: PcapHeader, frame: Frame, see: (frame: Frame) => void): Step {
  const { order, ticksPerMs, link } = header;
  return (bytes, at, end) => {
    if (end - at < recordHeaderBytes) return -recordHeaderBytes;
    const length = u32In(order, bytes, at + 8);
    if (length > longestPacket) return 0;
    const taken = recordHeaderBytes + length;
    if (end - at < taken) return -taken;
    frame.bytes = bytes;
    frame.start = at + recordHeaderBytes;
    frame.end = at + taken;
    frame.link = link;
    frame.timeMs = u32In(order, bytes, at) * 1000 + u32In(order, bytes, at + 4) / ticksPerMs;
    see(frame);
    return taken;
  };
}
