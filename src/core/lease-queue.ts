import type { LeaseEvent } from './lease.ts';
import type { MacNote } from './lease-note.ts';
import type { Mac } from './mac.ts';

/** An event that a worker has in hand. Nobody else gets it, nor another one about its MAC or address, until it is settled. */
export type Taken = {
  readonly ticket: string;
  readonly event: LeaseEvent;
  /** How often it failed so far. */
  readonly tries: number;
};

/** Where a worker gets its events: the book on this machine, or Redis. Every event is handed out at least once. */
export type LeaseQueue = {
  /** What a person calls it: `the spool /var/lib/bmtool/spool`. */
  readonly name: string;
  /** At most so many, oldest first. Waits for the first one, unless `wait` is false; empty when nothing is there, or the signal aborted. */
  take(most: number, wish: { readonly wait: boolean; readonly signal: AbortSignal }): Promise<Taken[]>;
  /** Remembers what is to be told about events, before anything is written: told when they are settled, whoever settles them. */
  promise(announcements: readonly Announcement[]): Promise<void>;
  /** Done: notes and settlement are one write. */
  settle(settled: readonly Settled[]): Promise<void>;
  /** Hands events back as they were: NetBox is away, or the worker ends. */
  giveBack(taken: readonly Taken[]): Promise<void>;
  /** Counts a try; the third one makes a dead letter of it. */
  fail(failed: readonly { readonly taken: Taken; readonly reason: string }[]): Promise<void>;
  readonly notes: LeaseNotes;
  readonly dead: DeadLetters;
  counts(): Promise<{ readonly waiting: number; readonly dead: number }>;
  close(): Promise<void>;
};

/** The part of a queue that is there for those who only look. `unread` is what waits in the spool's files, as far as it is one of this machine. */
export type LeaseStore = Pick<LeaseQueue, 'name' | 'notes' | 'dead'> & {
  /** The first of those that wait, oldest first, without taking them. */
  peek(most: number): Promise<LeaseEvent[]>;
  counts(): Promise<{
    readonly waiting: number;
    readonly dead: number;
    readonly unread?: number;
    readonly bytes?: number;
  }>;
};

/** What others are told of an event, as text. The book of one machine has nobody to tell. */
export type Announcement = { readonly eventId: string; readonly text: string };

export type Settled = {
  readonly taken: Taken;
  /** What is noted about its MAC from now on; nothing for clients that are nobody's concern. */
  readonly note?: MacNote;
};

export type LeaseNotes = {
  read(macs: readonly Mac[]): Promise<ReadonlyMap<Mac, MacNote>>;
  all(): Promise<ReadonlyMap<Mac, MacNote>>;
};

/** An event that failed three times, or what could not be read as one. */
export type DeadLetter = {
  /** Its name, for `dhcp dead show`, `retry` and `drop`. */
  readonly id: string;
  /** ISO 8601 */
  readonly at: string;
  /** Why it could not be carried out, or read. */
  readonly reason: string;
  /** How often it was tried. */
  readonly tries: number;
  /** The event as JSON, or what came instead of one. */
  readonly entry: string;
};

export type DeadLetters = {
  /** Oldest first. */
  list(): Promise<DeadLetter[]>;
  /** Back into the queue, as if they had never failed; what is no event stays. Gives how many went. */
  retry(ids: readonly string[]): Promise<number>;
  drop(ids: readonly string[]): Promise<number>;
};

/** How often an event may fail. */
export const mostTries = 3;

/** What kept an event from being carried out may pass: half a second, then five. */
export function pauseBeforeMs(tries: number): number {
  return 50 * 10 ** tries;
}
