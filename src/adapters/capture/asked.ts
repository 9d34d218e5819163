import type { Message } from './dhcp.ts';
import { openRecent } from './recent.ts';

/** What clients asked lately, kept as bytes: most of it nobody ever reads. */
export type Asked = {
  keep(mac: number, transaction: number, type: number, timeMs: number, message: Message): void;
  /**
   * What it asked in this transaction, its REQUEST before its DISCOVER; nothing when that was too long ago, or too many others asked since. The bytes are good
   * until the next `keep`.
   */
  find(mac: number, transaction: number, timeMs: number): readonly Message[];
};

/** The whole fleet may ask at once, each client twice. 4 MB. */
const places = 4096;
/** Longer questions lose their last options; 590 bytes is what a PXE ROM sends. */
const longest = 1024;
/** A server that waits for its hook answers seconds later. */
const ageMs = 60_000;
const [discover, request] = [1, 3];

export function openAsked(): Asked {
  const recent = openRecent(places, ageMs);
  const slab = new Uint8Array(places * longest);
  const lengths = new Uint16Array(places);
  return {
    keep(mac, transaction, type, timeMs, { bytes, at, end }) {
      const place = recent.put(mac, transaction, type, timeMs);
      const length = Math.min(end - at, longest);
      slab.set(bytes.subarray(at, at + length), place * longest);
      lengths[place] = length;
    },
    find(mac, transaction, timeMs) {
      const messages: Message[] = [];
      for (const type of [request, discover]) {
        const place = recent.find(mac, transaction, type, timeMs);
        const at = place * longest;
        if (place >= 0) messages.push({ bytes: slab, at, end: at + (lengths[place] ?? 0) });
      }
      return messages;
    },
  };
}
