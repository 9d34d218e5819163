import { randomInt } from 'node:crypto';
import type { PostgresConnection } from './connect.ts';
import { type LiveNote, type OwnName, ownName, readOwnName, splitNote, stampOf, withNote } from './own-databases.ts';
import { cloneDatabase, quoted, terminateSessions } from './swap.ts';

/** A database that bmtool made beside NetBox's. */
export type OwnDatabase = OwnName & {
  readonly name: string;
  /** What bmtool noted about it; empty when it was killed before it could. */
  readonly comment: string;
  readonly bytes: number;
};

export type LiveDatabase = {
  readonly owner: string;
  /** What its owner noted, without bmtool's note. */
  readonly comment: string;
  readonly note: LiveNote | undefined;
  readonly blocked: boolean;
  readonly bytes: number;
};

export type Blocked<T> = { readonly value: T; readonly blockedMs: number; readonly sessions: number };

/** One PostgreSQL server, seen from beside NetBox's database in it: as its owner with CREATEDB, no superuser needed. */
export type Cluster = {
  readonly source: string;
  live(): Promise<LiveDatabase | undefined>;
  own(): Promise<OwnDatabase[]>;
  /** A name for a new database of bmtool's, that nobody has yet. */
  newName(role: OwnName['role'], now: Date): string;
  /** Copies a database that nobody is connected to. The copy takes clients. */
  clone(from: string, to: string): Promise<void>;
  /** Gives a copy that is whole its lasting name and comment, and closes it to clients, so that it can be copied at any time. All or nothing. */
  keepAs(copy: string, name: string, comment: string): Promise<void>;
  /** Refuses clients, ends their sessions, does `work`, and lets them in again: also when the work fails. */
  whileBlocked<T>(work: () => Promise<T>): Promise<Blocked<T>>;
  /**
   * Puts `next` in the live database's place, and lets clients in. The live one goes on under the name `undo`, with a comment, and refuses clients: it can be
   * put back at any time. All or nothing.
   */
  exchange(wish: { next: string; undo: string; undoComment: string; note: LiveNote }): Promise<Blocked<void>>;
  /** Ends a step that a note told of: lets clients in and takes the note away. */
  settle(): Promise<void>;
  drop(name: string): Promise<void>;
};

export function openCluster(admin: PostgresConnection, source: string): Cluster {
  const live = () => readLive(admin, source);
  const block = async (note: LiveNote) => {
    const { comment = '' } = (await live()) ?? {};
    await atOnce(admin, [
      `ALTER DATABASE ${quoted(source)} WITH ALLOW_CONNECTIONS false`,
      commentOn(source, withNote(comment, note)),
    ]);
  };
  const settle = async () => {
    const now = await live();
    if (now === undefined) return;
    await atOnce(admin, [
      `ALTER DATABASE ${quoted(source)} WITH ALLOW_CONNECTIONS true`,
      commentOn(source, now.comment),
    ]);
  };
  /** Refuses clients, ends their sessions, does `work`. When that fails, they are let in again. */
  const blocked = async <T>(work: () => Promise<T>): Promise<Blocked<T>> => {
    const started = performance.now();
    try {
      await block({ doing: 'blocked' });
      const sessions = await terminateSessions(admin, source);
      const value = await work();
      return { value, sessions, blockedMs: performance.now() - started };
    } catch (error) {
      await settle();
      throw error;
    }
  };
  return {
    source,
    live,
    settle,
    own: () => readOwn(admin, source),
    newName: (role, now) =>
      ownName(source, {
        role,
        stamp: stampOf(
          now,
          randomInt(36 ** 3)
            .toString(36)
            .padStart(3, '0'),
        ),
      }),
    clone: (from, to) => cloneDatabase(admin, { source: from, copy: to }),
    keepAs: (copy, name, comment) =>
      atOnce(admin, [
        `ALTER DATABASE ${quoted(copy)} WITH ALLOW_CONNECTIONS false`,
        `ALTER DATABASE ${quoted(copy)} RENAME TO ${quoted(name)}`,
        commentOn(name, comment),
      ]),
    whileBlocked: work =>
      blocked(async () => {
        const value = await work();
        await settle();
        return value;
      }),
    async exchange({ next, undo, undoComment, note }) {
      const { comment = '' } = (await live()) ?? {};
      return blocked(() =>
        atOnce(admin, [
          'SET LOCAL lock_timeout = 5000',
          `ALTER DATABASE ${quoted(source)} RENAME TO ${quoted(undo)}`,
          `ALTER DATABASE ${quoted(next)} RENAME TO ${quoted(source)}`,
          `ALTER DATABASE ${quoted(source)} WITH ALLOW_CONNECTIONS true`,
          commentOn(undo, undoComment),
          commentOn(source, withNote(comment, note)),
        ]),
      );
    },
    drop: async name => void (await admin.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`)),
  };
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

/** COMMENT takes no parameters. */
function commentOn(name: string, comment: string): string {
  return `COMMENT ON DATABASE ${quoted(name)} IS ${literal(comment)}`;
}

/** A string literal that is the same whatever standard_conforming_strings says. */
function literal(text: string): string {
  const escaped = text.replaceAll("'", "''").replaceAll('\\', '\\\\');
  return text.includes('\\') ? ` E'${escaped}'` : `'${escaped}'`;
}

const databaseQuery = `
  SELECT d.datname AS name, pg_get_userbyid(d.datdba) AS owner, d.datallowconn AS allowed,
         coalesce(shobj_description(d.oid, 'pg_database'), '') AS comment, pg_database_size(d.oid)::float8 AS bytes
  FROM pg_database d`;

type Row = { name: string; owner: string; allowed: boolean; comment: string; bytes: number };

async function readLive(admin: PostgresConnection, source: string): Promise<LiveDatabase | undefined> {
  const { rows } = await admin.query<Row>(`${databaseQuery} WHERE d.datname = $1`, [source]);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { text, note } = splitNote(row.comment);
  return { owner: row.owner, comment: text, note, blocked: !row.allowed, bytes: row.bytes };
}

/** Only databases of the same owner whose name proves itself: what merely looks like one of bmtool's is nobody's to touch. */
async function readOwn(admin: PostgresConnection, source: string): Promise<OwnDatabase[]> {
  const { rows } = await admin.query<Row>(
    `${databaseQuery} WHERE d.datname LIKE 'bmtool\\_%' AND pg_has_role(d.datdba, 'MEMBER') ORDER BY d.datname`,
  );
  return rows.flatMap(({ name, comment, bytes }) => {
    const own = readOwnName(source, name);
    return own ? [{ ...own, name, comment, bytes }] : [];
  });
}
