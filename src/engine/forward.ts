import type { Harbour } from '../adapters/redis/harbour.ts';
import type { Book } from '../adapters/spool/book.ts';
import type { SpoolReader } from '../adapters/spool/queue.ts';
import { Failure } from '../core/failure.ts';
import type { Progress } from '../core/progress.ts';

export type ForwardTools = {
  readonly reader: SpoolReader;
  readonly book: Book;
  readonly harbour: Harbour;
  readonly progress: Progress;
  readonly interrupt: AbortSignal;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A name for a shipment, unlike any other. */
  readonly newName: () => string;
};

const longestPauseMs = 10_000;

/**
 * Sends a spool's events on to Redis, in their order, each once: a page whose answer was lost is known there by its name. While Redis is away they
 * wait in the spool. Ends when the signal aborts or, with `wait: false`, when nothing is left.
 */
export async function forward(tools: ForwardTools, wish: { readonly wait: boolean }): Promise<void> {
  const { reader, progress, pause, interrupt } = tools;
  for (let pauseMs = 250; !interrupt.aborted; ) {
    try {
      const sent = await forwardPage(tools);
      pauseMs = 250;
      if (sent > 0) continue;
      if (!wish.wait) return;
      await reader.news(interrupt);
    } catch (error) {
      if (!(error instanceof Failure) || error.exit !== 5 || !wish.wait) throw error;
      progress.note(`${error.message}\n  Events wait in ${reader.folder}; next try in ${pauseMs / 1000} s`);
      await pause(pauseMs, interrupt);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }
}

async function forwardPage({ reader, book, harbour, newName }: ForwardTools): Promise<number> {
  const { entries, cursor, lines } = reader.page();
  const { cursor: before, shipment } = book.reached();
  if (JSON.stringify(cursor) === JSON.stringify(before)) return 0;
  if (entries.length === 0) {
    book.shipped(cursor, shipment);
    return lines;
  }
  const name = newName();
  const arrived = await harbour.ship({
    spool: book.id,
    before: shipment,
    name,
    cursor: JSON.stringify(cursor),
    entries,
  });
  // Another name: the page before this one had arrived after all, and its answer was lost. From there it goes on.
  book.shipped(JSON.parse(arrived.cursor), arrived.name);
  return lines;
}
