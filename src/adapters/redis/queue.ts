import { isUtf8 } from 'node:buffer';
import { Failure } from '../../core/failure.ts';
import { asBytes, type RedisConnection } from './connection.ts';
import { notAList } from './failure.ts';

/** One entry as text: UTF-8 as it is; `base64:…` for bytes that are no text, and for text that itself begins so. */
export type QueueEntry = string;

/** The queue of discovered BMCs: a Redis list, its oldest entry at the head. Every call throws what `RedisConnection.ask` throws. */
export type EventQueue = {
  readonly key: string;
  length(): Promise<number>;
  /** All entries as they are at one moment, from the head. */
  read(): Promise<QueueEntry[]>;
  /**
   * Removes these entries, each once, the one nearest to the head, and gives how many were there. What arrived since they were
   * read stays. Not one transaction: whoever breaks off in the middle has removed the first of them.
   */
  remove(entries: readonly QueueEntry[]): Promise<number>;
  /** Puts entries back before all others, in their order: all of them or, when Redis refuses, none. */
  restore(entries: readonly QueueEntry[]): Promise<void>;
};

/** Entries that are written at a time. */
const pageSize = 1000;

export function openQueue(connection: RedisConnection, key: string): EventQueue {
  const ask: RedisConnection['ask'] = question => connection.ask(question, () => notAList(key));
  return {
    key,
    length: () => ask(client => client.lLen(key)),
    // One command, not pages: a consumer that pops between two pages would shift the rest, and entries at the seam be missed.
    async read() {
      const all = await ask(client => client.withTypeMapping(asBytes).lRange(key, 0, -1));
      return all.map(encodeEntry);
    },
    async remove(entries) {
      let removed = 0;
      for (const page of pagesOf(entries.map(decodeEntry))) {
        removed += await ask(async client => {
          const all = client.multi();
          for (const bytes of page) all.lRem(key, 1, bytes);
          return sum((await all.execAsPipeline()).map(Number));
        });
      }
      return removed;
    },
    async restore(entries) {
      if (entries.length === 0) return;
      const pages = pagesOf(entries.map(decodeEntry).reverse());
      await ask(client => {
        const all = client.multi();
        for (const page of pages) all.lPush(key, page);
        return all.exec();
      });
    },
  };
}

const base64 = 'base64:';

/** Never loses a byte: `decodeEntry` gives back what went in. */
export function encodeEntry(bytes: Buffer): QueueEntry {
  const text = isUtf8(bytes) ? bytes.toString() : undefined;
  return text === undefined || text.startsWith(base64) ? `${base64}${bytes.toString('base64')}` : text;
}

/** Throws `Failure` for what cannot be an entry: base64 that is none, half a character. Either would become another entry. */
export function decodeEntry(entry: QueueEntry): Buffer {
  const coded = entry.startsWith(base64) ? entry.slice(base64.length) : undefined;
  const bytes = coded === undefined ? Buffer.from(entry) : Buffer.from(coded, 'base64');
  const isSame = coded === undefined ? entry.isWellFormed() : bytes.toString('base64') === coded;
  if (isSame) return bytes;
  throw new Failure('bad-queue-entry', `This is no entry of a queue: ${JSON.stringify(entry.slice(0, 60))}`, {
    next: `After ${base64} comes base64, with its padding; other entries are text.`,
  });
}

function pagesOf<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / pageSize) }, (_, page) =>
    all.slice(page * pageSize, (page + 1) * pageSize),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
