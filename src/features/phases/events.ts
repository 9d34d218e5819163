import type { QueueEntry } from '../../adapters/redis/queue.ts';
import { parseMac } from '../../core/mac.ts';

/** By what an event in the discovery queue can name a server. */
export type Names = {
  /** Device names and serials. */
  readonly words: readonly string[];
  /** BMC MAC addresses, in NetBox's notation. */
  readonly macs: readonly string[];
};

/**
 * The events that are about some servers. Several programs write into the queue, each in a JSON of its own, so any text in an event that
 * is one of their names, serials or MAC addresses counts, however deep. What is no JSON is about nobody.
 */
export function eventsAbout(entries: readonly QueueEntry[], { words, macs }: Names): QueueEntry[] {
  const known = new Set([...words.map(word => word.toLowerCase()), ...macs]);
  const isKnown = (text: string) => {
    const reading = parseMac(text);
    return known.has(text.toLowerCase()) || (reading.ok && known.has(reading.mac));
  };
  return entries.filter(entry => textsIn(parse(entry)).some(isKnown));
}

function parse(entry: QueueEntry): unknown {
  try {
    return JSON.parse(entry);
  } catch {
    return undefined;
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
