import { watch } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import type { LeaseEvent } from '../../core/lease.ts';
import type { LeaseQueue, Taken } from '../../core/lease-queue.ts';
import { makeFolder } from '../../files/make-folder.ts';
import type { Book, Entry } from './book.ts';
import { bytesIn, type Cursor, countNews, type News, readNews, tidy } from './inbox.ts';
import { type Boot, readRecord, type SpoolRecord } from './record.ts';

/** What a record of the spool means. An ignored call gives no events. */
export type Reading = { readonly events: readonly LeaseEvent[] } | { readonly unreadable: string };

export type SpoolReaderOptions = {
  readonly folder: string;
  readonly book: Book;
  readonly eventsOf: (record: SpoolRecord) => Reading;
  readonly boot: Boot;
};

/** Reads what was appended to the spool. */
export type SpoolReader = {
  readonly folder: string;
  /** The next page of what was not read yet, as events; and the cursor behind it, for the book. */
  page(): { readonly entries: readonly Entry[]; readonly cursor: Cursor; readonly lines: number };
  /** The same for those who only look: nothing is tidied up. */
  look(): readonly Entry[];
  /** Records that were not read yet, and the bytes that the spool takes. */
  unread(): { readonly unread: number; readonly bytes: number };
  /** Until something is appended, or a second passed, or the signal aborts. */
  news(signal: AbortSignal): Promise<void>;
  close(): void;
};

/** Where watching a folder does not work (network file systems), this is how late an event is. */
const lookEveryMs = 1_000;

export function openSpoolReader({ folder, book, eventsOf, boot }: SpoolReaderOptions): SpoolReader {
  const watching = openWatch(folder);
  const entriesIn = ({ lines }: News) => lines.flatMap(line => entriesOf(line, eventsOf(readRecord(line, boot))));
  return {
    folder,
    page() {
      const read = readNews(folder, book.reached().cursor);
      return { entries: entriesIn(read), cursor: tidy(folder, read.cursor, Date.now()), lines: read.lines.length };
    },
    look: () => entriesIn(readNews(folder, book.reached().cursor)),
    unread: () => ({ unread: countNews(folder, book.reached().cursor), bytes: bytesIn(folder) }),
    news: signal =>
      Promise.race([watching.next(), wait(lookEveryMs, undefined, { signal, ref: false }).catch(() => {})]),
    close: watching.close,
  };
}

/** The events of this machine's spool, for its one worker. */
export function openSpoolQueue(reader: SpoolReader, book: Book): LeaseQueue {
  const inHand = new Set<string>();
  const letGo = (taken: readonly Taken[]) => {
    for (const { ticket } of taken) inHand.delete(ticket);
  };
  const enterPage = () => {
    const { entries, cursor, lines } = reader.page();
    if (JSON.stringify(cursor) !== JSON.stringify(book.reached().cursor)) book.enter(entries, cursor);
    return lines;
  };
  return {
    name: `the spool ${reader.folder}`,
    async take(most, { wait: patient, signal }) {
      for (;;) {
        while (enterPage() > 0 && book.counts().waiting < most);
        const taken = book.waiting(most, inHand);
        for (const { ticket } of taken) inHand.add(ticket);
        if (taken.length > 0 || !patient || signal.aborted) return taken;
        await reader.news(signal);
      }
    },
    // On one machine there is nobody to tell.
    async promise() {},
    async settle(settled) {
      book.settle(settled);
      letGo(settled.map(({ taken }) => taken));
    },
    async giveBack(taken) {
      letGo(taken);
    },
    async fail(failed) {
      book.fail(failed);
      letGo(failed.map(({ taken }) => taken));
    },
    notes: book.notes,
    dead: book.dead,
    counts: async () => book.counts(),
    close: async () => {},
  };
}

function entriesOf(line: Uint8Array, reading: Reading): Entry[] {
  if ('events' in reading) return reading.events.map(event => ({ text: JSON.stringify(event) }));
  return [{ text: new TextDecoder().decode(line), unreadable: reading.unreadable }];
}

/** Tells when something in a folder changes. Watched all the time: a change between two looks is one too. */
function openWatch(folder: string): { next(): Promise<void>; close(): void } {
  makeFolder(folder);
  let seen = true;
  let wake = () => {};
  const watcher = watch(folder, () => {
    seen = true;
    wake();
  });
  // Where it ends (no watches left, the folder gone), looking now and then is enough.
  watcher.on('error', () => {});
  return {
    async next() {
      if (!seen) await new Promise<void>(resolve => (wake = resolve));
      seen = false;
    },
    close: () => watcher.close(),
  };
}

/**
 * The right to work on a spool: held by one process at a time, and free when that process ends, however it ends: the kernel sees to it.
 *
 * @returns what gives it back, or nothing while somebody else has it
 */
export function takeSpool(path: string): (() => void) | undefined {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return () => lock.close();
  } catch {
    lock.close();
    return undefined;
  }
}
