import { emptyFrame, type Frame, type Step } from './frame.ts';
import { knownLinks } from './link.ts';
import { isPcap, openPcapRecords, pcapHeaderBytes, readPcapHeader } from './pcap.ts';
import { isPcapng, openPcapngBlocks } from './pcapng.ts';

/** A capture as far as it was read. */
export type Reader = {
  /** Reads on. `see` is called for every packet that is whole; what is left is kept until the next bytes come. */
  push(chunk: Uint8Array): void;
  readonly format: 'pcap' | 'pcapng' | undefined;
  /** Why nothing behind this byte can be read. Packets have no marks: nobody can tell where the next one begins. */
  readonly damage: { readonly at: number; readonly why: string } | undefined;
  /** Whether the bytes end within a packet, as when a capture was copied while it was written. */
  readonly isMidway: boolean;
};

/**
 * Reads pcap and pcapng as the bytes come. Only a packet that lies across two chunks is copied, into one buffer that grows to the longest packet and
 * no further.
 */
export function openReader(see: (frame: Frame) => void): Reader {
  const frame = emptyFrame();
  let format: Reader['format'];
  let damage: Reader['damage'];
  let position = 0;
  let skipping = 0;
  let held = new Uint8Array(4096);
  let heldBytes = 0;
  let needed = 0;
  const begin: Step = (bytes, at, end) => {
    if (end - at < 4) return -4;
    if (isPcapng(bytes, at)) {
      step = openPcapngBlocks(frame, see);
      const taken = step(bytes, at, end);
      if (taken > 0) format = 'pcapng';
      else step = begin;
      return taken;
    }
    if (!isPcap(bytes, at)) return 0;
    if (end - at < pcapHeaderBytes) return -pcapHeaderBytes;
    const header = readPcapHeader(bytes, at);
    if (header === undefined) return 0;
    if (!knownLinks.has(header.link)) {
      damage = { at: 20, why: `its packets are of link type ${header.link}` };
      return 0;
    }
    format = 'pcap';
    step = openPcapRecords(header, frame, see);
    return pcapHeaderBytes;
  };
  let step = begin;
  const take = (bytes: Uint8Array, at: number, end: number): number => {
    const taken = step(bytes, at, end);
    if (taken > 0) position += taken;
    else if (taken === 0) damage ??= { at: position, why: 'no packet can begin there' };
    return taken;
  };
  /** Completes what is held with the beginning of a chunk; tells how far the chunk is used up. */
  const finishHeld = (chunk: Uint8Array): number => {
    let at = 0;
    while (heldBytes > 0 && damage === undefined) {
      const more = Math.min(needed - heldBytes, chunk.length - at);
      held.set(chunk.subarray(at, at + more), heldBytes);
      heldBytes += more;
      at += more;
      if (heldBytes < needed) return at;
      const taken = take(held, 0, heldBytes);
      if (taken < 0) grow(-taken);
      else {
        at += taken - heldBytes;
        heldBytes = 0;
      }
    }
    return at;
  };
  const grow = (bytes: number) => {
    needed = bytes;
    if (held.length >= needed) return;
    const before = held;
    held = new Uint8Array(needed);
    held.set(before.subarray(0, heldBytes));
  };
  return {
    push(given) {
      if (damage !== undefined) return;
      // A Buffer is a class of its own to V8: the loops below are fast for one class only.
      const chunk = new Uint8Array(given.buffer, given.byteOffset, given.length);
      const end = chunk.length;
      let at = heldBytes > 0 ? finishHeld(chunk) : skipping;
      skipping = 0;
      while (at < end && damage === undefined) {
        const taken = take(chunk, at, end);
        if (taken < 0) {
          grow(-taken);
          held.set(chunk.subarray(at, end));
          heldBytes = end - at;
          return;
        }
        at += taken;
      }
      skipping = Math.max(0, at - end);
    },
    get format() {
      return format;
    },
    get damage() {
      return damage;
    },
    get isMidway() {
      return heldBytes > 0 || skipping > 0;
    },
  };
}
