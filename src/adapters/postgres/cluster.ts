import { randomInt } from 'node:crypto';
import type { PostgresConnection } from './connect.ts';
import { copyDatabase } from './copy-database.ts';
import { ownershipStatements, readLikeness, settingStatements } from './likeness.ts';
import {
  type LiveNote,
  type Manifest,
  noteText,
  readManifest,
  readWarmNote,
  type UndoNote,
  type Unreadable,
  type Waiting,
  type WarmNote,
} from './manifest.ts';
import { type OwnName, ownName, readOwnName, splitNote, stampOf, withNote } from './own-databases.ts';
import { endSessions } from './sessions.ts';
import { type CopyMethod, quoted } from './swap.ts';

/** A database that bmtool made beside NetBox's, with what it noted about it. */
export type OwnDatabase = {
  readonly name: string;
  readonly stamp: string;
  readonly bytes: number;
  /** Whether it takes clients. */
  readonly open: boolean;
} & (
  | { readonly role: 'next' }
  /** Half deleted: PostgreSQL was stopped in the middle of it. It can only be deleted again. */
  | { readonly role: 'broken' }
  | { readonly role: 'snapshot'; readonly about: Manifest | Unreadable }
  | { readonly role: 'warm'; readonly about: WarmNote | Unreadable }
  | { readonly role: 'undo'; readonly about: UndoNote | Unreadable }
);

export type LiveDatabase = {
  readonly owner: string;
  /** What its owner noted, without bmtool's note. */
  readonly comment: string;
  readonly note: LiveNote | undefined;
  readonly blocked: boolean;
};

/** `blockedMs`: from the first refused client to the moment at which they are let in. `sessions`: how many were ended. */
export type Blocked<T> = { readonly value: T; readonly blockedMs: number; readonly sessions: number };

/** One PostgreSQL server, seen from beside NetBox's database in it: as its owner with CREATEDB, no superuser needed. */
export type Cluster = {
  readonly source: string;
  live(): Promise<LiveDatabase | undefined>;
  own(): Promise<OwnDatabase[]>;
  /** A name for a new database of bmtool's, that nobody has yet. */
  newName(role: OwnName['role'], now: Date): string;
  /** Copies a database that nobody is connected to. The copy takes clients. */
  clone(from: string, to: string): Promise<CopyMethod>;
  /**
   * Gives a copy owner, grants and settings of the live database, which are no part of what is in it. Without a live one it stays as it is.
   *
   * @returns the settings that this role may not give: what a superuser would say to the database in the live one's place
   */
  makeAlike(copy: string): Promise<string[]>;
  /** Gives a copy that is whole its lasting name and what is known of it, and closes it to clients, so that it can be copied at any time. All or nothing. */
  keepAs(copy: string, name: string, about: Manifest | WarmNote): Promise<void>;
  /** Notes something else about a database of bmtool's. */
  noteOn(name: string, about: Manifest): Promise<void>;
  /** Lets clients into a copy that is closed, does `work`, and closes it again, with those inside put out. */
  whileOpen<T>(copy: string, work: () => Promise<T>): Promise<T>;
  closeCopy(copy: string): Promise<void>;
  /** Refuses clients, ends their sessions, does `work`, and lets them in again: also when the work fails. */
  whileBlocked<T>(work: () => Promise<T>): Promise<Blocked<T>>;
  /**
   * Puts `next` in the live database's place, and lets clients in. The live one goes on under the name `undo`, with a note, and refuses clients: it can be
   * put back at any time. Where there is no live one, only the place is taken. All or nothing.
   */
  exchange(wish: { next: string; undo: string; undoNote: UndoNote; waiting: Waiting }): Promise<Blocked<void>>;
  /** Ends a step that a note told of: lets clients in and takes the note away. */
  settle(): Promise<void>;
  drop(name: string): Promise<void>;
};

/** How long sessions that were asked to end get for it. Nobody is let in meanwhile. */
const patienceMs = 5000;

export function openCluster(admin: PostgresConnection, source: string): Cluster {
  const live = () => readLive(admin, source);
  const settle = async () => {
    const now = await live();
    if (now === undefined) return;
    await atOnce(admin, [
      `ALTER DATABASE ${quoted(source)} WITH ALLOW_CONNECTIONS true`,
      commentOn(source, now.comment),
    ]);
  };
  /** Refuses clients, ends their sessions, does `work`. When that fails, they are let in again. */
  const blocked = async <T>(comment: string, note: LiveNote, work: () => Promise<T>): Promise<Blocked<T>> => {
    let started = performance.now();
    try {
      await admin.query(
        `BEGIN; ${commentOn(source, withNote(comment, note))}; ALTER DATABASE ${quoted(source)} WITH ALLOW_CONNECTIONS false`,
      );
      // A note may be long to write, but it keeps nobody out before this.
      started = performance.now();
      await admin.query('COMMIT');
      const sessions = await endSessions(admin, source, patienceMs);
      const value = await work();
      return { value, sessions, blockedMs: performance.now() - started };
    } catch (error) {
      await admin.query('ROLLBACK').catch(() => {});
      // Where PostgreSQL itself went away, `recover` does it.
      await settle().catch(() => {});
      throw error;
    }
  };
  const closeCopy = async (copy: string) => {
    await admin.query(`ALTER DATABASE ${quoted(copy)} WITH ALLOW_CONNECTIONS false`);
    await endSessions(admin, copy, patienceMs);
  };
  return {
    source,
    live,
    settle,
    closeCopy,
    async whileOpen(copy, work) {
      await admin.query(`ALTER DATABASE ${quoted(copy)} WITH ALLOW_CONNECTIONS true`);
      try {
        return await work();
      } finally {
        await closeCopy(copy);
      }
    },
    own: () => readOwn(admin, source),
    newName: (role, now) => ownName(source, { role, stamp: stampOf(now, randomWord()) }),
    clone: (from, to) => copyDatabase(admin, { source: from, copy: to }),
    async makeAlike(copy) {
      const likeness = await readLikeness(admin, source);
      if (likeness === undefined) return [];
      const forLive = settingStatements(source, likeness);
      const left: string[] = [];
      for (const [index, statement] of settingStatements(copy, likeness).entries())
        if (!(await isGiven(admin, statement))) left.push(forLive[index] ?? statement);
      const ownership = ownershipStatements(copy, likeness);
      if (ownership.length > 0) await atOnce(admin, ownership);
      return left;
    },
    keepAs: (copy, name, about) =>
      atOnce(admin, [
        `ALTER DATABASE ${quoted(copy)} WITH ALLOW_CONNECTIONS false`,
        `ALTER DATABASE ${quoted(copy)} RENAME TO ${quoted(name)}`,
        commentOn(name, noteText(about)),
      ]),
    noteOn: (name, about) => atOnce(admin, [commentOn(name, noteText(about))]),
    async whileBlocked(work) {
      const { comment = '' } = (await live()) ?? {};
      return blocked(comment, { doing: 'blocked' }, async () => {
        const value = await work();
        await atOnce(admin, [
          `ALTER DATABASE ${quoted(source)} WITH ALLOW_CONNECTIONS true`,
          commentOn(source, comment),
        ]);
        return value;
      });
    },
    async exchange({ next, undo, undoNote, waiting }) {
      const now = await live();
      // Comments go along with a rename, so all that is long to write is written before anybody is kept out.
      const before = splitNote(await readComment(admin, next));
      const note: LiveNote = { doing: 'restored', waiting, comment: now?.comment ?? '', undo: before.note?.undo };
      await admin.query(commentOn(next, withNote(before.text, note)));
      const takePlace = [
        `ALTER DATABASE ${quoted(next)} RENAME TO ${quoted(source)}`,
        `ALTER DATABASE ${quoted(source)} WITH ALLOW_CONNECTIONS true`,
      ];
      if (now === undefined) {
        await clearPlace(admin, source);
        return { value: await atOnce(admin, takePlace), sessions: 0, blockedMs: 0 };
      }
      return blocked(now.comment, { doing: 'blocked', undo: undoNote }, () =>
        atOnce(admin, [
          `SET LOCAL lock_timeout = ${patienceMs}`,
          `ALTER DATABASE ${quoted(source)} RENAME TO ${quoted(undo)}`,
          ...takePlace,
        ]),
      );
    },
    drop: name => drop(admin, name),
  };
}

/** Three characters, for two databases of one second. */
function randomWord(): string {
  return randomInt(36 ** 3)
    .toString(36)
    .padStart(3, '0');
}

/** What an interrupted DROP DATABASE left of the live database still has its name. */
async function clearPlace(admin: PostgresConnection, source: string): Promise<void> {
  const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1 AND datconnlimit = $2', [
    source,
    halfDeleted,
  ]);
  if (rowCount === 1) await admin.query(`DROP DATABASE ${quoted(source)}`);
}

/**
 * With those inside. FORCE is refused to all but superusers while autovacuum is in the database (its worker has no role whose rights one could have:
 * TerminateOtherDBBackends in PostgreSQL's procarray.c); without it, autovacuum is sent away.
 */
async function drop(admin: PostgresConnection, name: string): Promise<void> {
  try {
    await admin.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`);
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error;
    await admin.query(`ALTER DATABASE ${quoted(name)} WITH ALLOW_CONNECTIONS false`);
    await endSessions(admin, name, patienceMs);
    await admin.query(`DROP DATABASE IF EXISTS ${quoted(name)}`);
  }
}

/** All statements or none. */
async function atOnce(admin: PostgresConnection, statements: readonly string[]): Promise<void> {
  try {
    await admin.query(`BEGIN; ${statements.join('; ')}; COMMIT`);
  } catch (error) {
    await admin.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Whether PostgreSQL took a setting. It takes none that is a superuser's to give, or that it does not know any more. */
async function isGiven(admin: PostgresConnection, statement: string): Promise<boolean> {
  try {
    await admin.query(statement);
    return true;
  } catch (error) {
    if (['42501', '42704', '22023'].includes((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
}

/** COMMENT takes no parameters. */
function commentOn(name: string, comment: string): string {
  return `COMMENT ON DATABASE ${quoted(name)} IS ${literal(comment)}`;
}

/** A string literal that is the same whatever standard_conforming_strings says. */
function literal(text: string): string {
  const escaped = text.replaceAll("'", "''").replaceAll('\\', '\\\\');
  return text.includes('\\') ? ` E'${escaped}'` : `'${escaped}'`;
}

/** DATCONNLIMIT_INVALID_DB of PostgreSQL's pg_database.h: what an interrupted DROP DATABASE leaves behind. */
const halfDeleted = -2;

const databaseColumns = `
  d.datname AS name, pg_get_userbyid(d.datdba) AS owner, d.datallowconn AS allowed,
  coalesce(shobj_description(d.oid, 'pg_database'), '') AS comment, d.datconnlimit = ${halfDeleted} AS broken`;

const noNote = 'its comment does not say what put it out';

type Row = { name: string; owner: string; allowed: boolean; comment: string; broken: boolean };

async function readLive(admin: PostgresConnection, source: string): Promise<LiveDatabase | undefined> {
  const { rows } = await admin.query<Row>(`SELECT ${databaseColumns} FROM pg_database d WHERE d.datname = $1`, [
    source,
  ]);
  const [row] = rows;
  if (row === undefined || row.broken) return undefined;
  const { text, note } = splitNote(row.comment);
  // A copy that took the place has words of its own; the owner's are in the note.
  const comment = note?.doing === 'restored' ? note.comment : text;
  return { owner: row.owner, comment, note, blocked: !row.allowed };
}

async function readComment(admin: PostgresConnection, name: string): Promise<string> {
  const { rows } = await admin.query<Row>(`SELECT ${databaseColumns} FROM pg_database d WHERE d.datname = $1`, [name]);
  return rows[0]?.comment ?? '';
}

/** Only databases of the same owner whose name proves itself: what merely looks like one of bmtool's is nobody's to touch. */
async function readOwn(admin: PostgresConnection, source: string): Promise<OwnDatabase[]> {
  // A size is a look at each of a database's files, of which NetBox's has more than a thousand.
  const { rows } = await admin.query<Row & { bytes: number }>(
    `SELECT ${databaseColumns}, pg_database_size(d.oid)::float8 AS bytes FROM pg_database d WHERE d.datname LIKE 'bmtool\\_%' AND pg_has_role(d.datdba, 'MEMBER') ORDER BY d.datname`,
  );
  return rows.flatMap(({ name, comment, bytes, allowed, broken }): OwnDatabase[] => {
    const own = readOwnName(source, name);
    if (own === undefined) return [];
    const common = { name, stamp: own.stamp, bytes, open: allowed };
    if (broken) return [{ ...common, role: 'broken' }];
    if (own.role === 'snapshot') return [{ ...common, role: own.role, about: readManifest(comment) }];
    const { text, note } = splitNote(comment);
    if (own.role === 'warm') return [{ ...common, role: own.role, about: readWarmNote(text) }];
    if (own.role === 'undo') return [{ ...common, role: own.role, about: note?.undo ?? { unreadable: noNote } }];
    return [{ ...common, role: own.role }];
  });
}
