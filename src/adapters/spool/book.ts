import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseLeaseEvent } from '../../core/lease.ts';
import type { MacNote } from '../../core/lease-note.ts';
import {
  type DeadLetter,
  type DeadLetters,
  type LeaseNotes,
  mostTries,
  pauseBeforeMs,
  type Settled,
  type Taken,
} from '../../core/lease-queue.ts';
import type { Mac } from '../../core/mac.ts';
import { makeFolder } from '../../files/make-folder.ts';
import type { Cursor } from './inbox.ts';

/** What the worker of one machine keeps: events that wait, dead letters, notes about MACs, and how far the spool was read. One SQLite file. */
export type Book = {
  /** Unlike that of any other book. */
  readonly id: string;
  /** How far the spool was read, and the name of the last page of it that was sent on: `''` before the first. */
  reached(): { readonly cursor: Cursor; readonly shipment: string };
  /** The same for a page that was sent on, not entered here. */
  shipped(cursor: Cursor, shipment: string): void;
  /** Events of the spool and how far it was read by then: one write, so that none is lost and none comes twice. */
  enter(entries: readonly Entry[], cursor: Cursor): void;
  /** The oldest events, those in hand left out. */
  waiting(most: number, inHand: ReadonlySet<string>): Taken[];
  settle(settled: readonly Settled[]): void;
  /** Counts a try. The event comes again after a while; the third time it becomes a dead letter. */
  fail(failed: readonly { readonly taken: Taken; readonly reason: string }[]): void;
  counts(): { waiting: number; dead: number };
  readonly notes: LeaseNotes;
  readonly dead: DeadLetters;
  close(): void;
};

/** An event as text, or why what came is none. */
export type Entry = { readonly text: string; readonly unreadable?: string };

const tables = `
  CREATE TABLE IF NOT EXISTS waiting (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, not_before INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE IF NOT EXISTS dead (id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, reason TEXT NOT NULL, tries INTEGER NOT NULL, entry TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS note (mac TEXT PRIMARY KEY, note TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS book (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY CHECK (one = 1), cursor TEXT NOT NULL, shipment TEXT NOT NULL) STRICT;`;

/** Others (`bmtool dhcp spool`, `why`) read beside the worker; who writes waits this long for who writes. */
const busyMs = 5_000;

export function openBook(path: string, now: () => Date = () => new Date()): Book {
  makeFolder(dirname(path));
  const database = new DatabaseSync(path, { timeout: busyMs });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  database.exec(tables);
  const inOne = <T>(work: () => T): T => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const done = work();
      database.exec('COMMIT');
      return done;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };
  const addEvent = database.prepare('INSERT INTO waiting (event) VALUES (?)');
  const addAgain = database.prepare('INSERT INTO waiting (event, tries, not_before) VALUES (?, ?, ?)');
  const addDead = database.prepare('INSERT INTO dead (at, reason, tries, entry) VALUES (?, ?, ?, ?)');
  const drop = database.prepare('DELETE FROM waiting WHERE id = ?');
  const setNote = database.prepare(
    'INSERT INTO note (mac, note) VALUES (?, ?) ON CONFLICT (mac) DO UPDATE SET note = excluded.note',
  );
  const getNote = database.prepare('SELECT note FROM note WHERE mac = ?');
  const oldest = database.prepare('SELECT id, event, tries FROM waiting WHERE not_before <= ? ORDER BY id LIMIT ?');
  const count = (table: 'waiting' | 'dead') =>
    Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count ?? 0);
  const letters = (ids: readonly string[]): DeadLetter[] =>
    ids.flatMap(id => {
      const row = database.prepare('SELECT * FROM dead WHERE id = ?').get(Number(id));
      return row ? [letterOf(row)] : [];
    });
  const dropDead = (ids: readonly string[]) =>
    ids.reduce((sum, id) => sum + Number(database.prepare('DELETE FROM dead WHERE id = ?').run(Number(id)).changes), 0);
  const reached = () => {
    const row = database.prepare('SELECT cursor, shipment FROM cursor').get();
    return { cursor: readCursor(row?.cursor), shipment: String(row?.shipment ?? '') };
  };
  const reach = (cursor: Cursor, shipment: string) =>
    void database
      .prepare('INSERT OR REPLACE INTO cursor (one, cursor, shipment) VALUES (1, ?, ?)')
      .run(JSON.stringify(cursor), shipment);
  database.prepare('INSERT OR IGNORE INTO book (one, id) VALUES (1, ?)').run(randomUUID());
  return {
    id: String(database.prepare('SELECT id FROM book').get()?.id),
    reached,
    shipped: reach,
    enter: (entries, cursor) =>
      inOne(() => {
        for (const { text, unreadable } of entries) {
          if (unreadable === undefined) addEvent.run(text);
          else addDead.run(now().toISOString(), unreadable, 1, text);
        }
        reach(cursor, reached().shipment);
      }),
    waiting(most, inHand) {
      const rows = oldest.all(now().getTime(), most + inHand.size).filter(({ id }) => !inHand.has(String(id)));
      return rows.slice(0, most).flatMap(({ id, event, tries }) => {
        const read = parseLeaseEvent(String(event));
        return typeof read === 'string' ? [] : [{ ticket: String(id), event: read, tries: Number(tries) }];
      });
    },
    settle: settled =>
      inOne(() => {
        for (const { taken, note } of settled) {
          drop.run(Number(taken.ticket));
          if (note) setNote.run(taken.event.data.mac, JSON.stringify(note));
        }
      }),
    fail: failed =>
      inOne(() => {
        const at = now();
        for (const { taken, reason } of failed) {
          const tries = taken.tries + 1;
          drop.run(Number(taken.ticket));
          const text = JSON.stringify(taken.event);
          if (tries >= mostTries) addDead.run(at.toISOString(), reason, tries, text);
          else addAgain.run(text, tries, at.getTime() + pauseBeforeMs(tries));
        }
      }),
    counts: () => ({ waiting: count('waiting'), dead: count('dead') }),
    notes: {
      async read(macs) {
        const found = macs.flatMap(mac => {
          const note = readNote(getNote.get(mac)?.note);
          return note ? [[mac, note] as const] : [];
        });
        return new Map(found);
      },
      async all() {
        const rows = database.prepare('SELECT mac, note FROM note').all();
        return new Map(
          rows.flatMap(({ mac, note }) => {
            const read = readNote(note);
            return read ? [[String(mac) as Mac, read] as const] : [];
          }),
        );
      },
    },
    dead: {
      list: async () => database.prepare('SELECT * FROM dead ORDER BY id').all().map(letterOf),
      retry: async ids =>
        inOne(() => {
          const events = letters(ids).filter(({ entry }) => typeof parseLeaseEvent(entry) !== 'string');
          for (const { entry } of events) addEvent.run(entry);
          return dropDead(events.map(({ id }) => id));
        }),
      drop: async ids => inOne(() => dropDead(ids)),
    },
    close: () => database.close(),
  };
}

function letterOf(row: Record<string, unknown>): DeadLetter {
  return {
    id: String(row.id),
    at: String(row.at),
    reason: String(row.reason),
    tries: Number(row.tries),
    entry: String(row.entry),
  };
}

/** The book is bmtool's own, so what is in it is what was written, or of a newer bmtool. */
function readNote(text: unknown): MacNote | undefined {
  const note = typeof text === 'string' ? (JSON.parse(text) as MacNote) : undefined;
  return note?.format === 1 ? note : undefined;
}

function readCursor(text: unknown): Cursor {
  return typeof text === 'string' ? (JSON.parse(text) as Cursor) : {};
}
