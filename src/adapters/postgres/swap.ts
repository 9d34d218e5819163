import type { PostgresConnection } from './connect.ts';
import { endSessions } from './sessions.ts';

/**
 * Databases exchanged under running clients: the new one is made beside the old one, which takes as long as it takes, and
 * only then are the clients put out for the few milliseconds that two renames need.
 *
 * Every function wants a connection to another database of the same server (`postgres`), as a superuser or as a role
 * that has CREATEDB and owns the databases; such a role can only put out sessions of roles that it is a member of.
 * Two swaps of one name at a time disturb each other (42P04, 23505): the caller holds a lock.
 */
export type SwapNames = {
  /** The database that clients use. */
  readonly live: string;
  /** The database that takes its place; gone afterwards. */
  readonly next: string;
  /** What the old one is called until it is dropped; must not exist. */
  readonly retired: string;
};

export type SwapReport = {
  /** From the first refused client to the moment at which the new database takes them. */
  readonly blockedMs: number;
  /** Sessions that were ended. */
  readonly sessions: number;
};

/** How long sessions get to go, and how long one statement may wait for PostgreSQL's own locks. */
const patienceMs = 5000;

/** How a database is copied: what it is called to a person, and what is said to PostgreSQL. */
export type CopyMethod = { readonly name: string; readonly clause: string; readonly before: readonly string[] };

/**
 * WAL_LOG writes each block into the log as well; FILE_COPY has two checkpoints instead, and syncs every file. Measured on PostgreSQL 15 with fsync
 * on (bench/snapshots/strategies.ts): WAL_LOG takes half as long for 50 MB, 1.2 to 1.4 times as long from 150 MB on.
 */
const mostBytesToLog = 100_000_000;

/**
 * How a database is copied best. PostgreSQL 18 can have the file system share the blocks (XFS, Btrfs; elsewhere the kernel copies them, which for
 * a small database takes as long as WAL_LOG). https://www.postgresql.org/docs/18/runtime-config-resource.html#GUC-FILE-COPY-METHOD
 *
 * @param version `server_version_num`
 */
export function copyMethodOf(version: number, bytes: number): CopyMethod {
  if (version >= 180_000)
    return {
      name: 'file copy that shares blocks where the file system can',
      clause: 'STRATEGY FILE_COPY',
      before: ['SET file_copy_method = clone'],
    };
  if (version < 150_000) return { name: 'file copy, the only way before PostgreSQL 15', clause: '', before: [] };
  if (bytes < mostBytesToLog)
    return { name: 'copy through the log, as it is small', clause: 'STRATEGY WAL_LOG', before: [] };
  return { name: 'file copy', clause: 'STRATEGY FILE_COPY', before: [] };
}

/** Makes `copy` from `source`, which nobody may be connected to, and gives how. */
export async function cloneDatabase(
  admin: PostgresConnection,
  names: { source: string; copy: string; owner?: string },
): Promise<CopyMethod> {
  // Its size is not told to whom it was forbidden to connect; to copy it, its owner need not.
  const { rows } = await admin.query<{ version: number; bytes: number | null }>(
    `SELECT current_setting('server_version_num')::int AS version,
       CASE WHEN has_database_privilege($1, 'CONNECT') THEN pg_database_size($1::text)::float8 END AS bytes`,
    [names.source],
  );
  const { version = 0, bytes } = rows[0] ?? {};
  const method = copyMethodOf(version, bytes ?? Number.POSITIVE_INFINITY);
  const owner = names.owner === undefined ? '' : ` OWNER ${quoted(names.owner)}`;
  for (const statement of method.before) await admin.query(statement);
  await admin.query(`CREATE DATABASE ${quoted(names.copy)} TEMPLATE ${quoted(names.source)} ${method.clause}${owner}`);
  return method;
}

/** Drops a database with the sessions in it. Nothing happens when there is none. */
export async function dropDatabase(admin: PostgresConnection, name: string): Promise<void> {
  await allowConnections(admin, name);
  await admin.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`);
}

/** Lets clients in again. Nothing happens when there is no such database. */
export async function allowConnections(admin: PostgresConnection, name: string): Promise<void> {
  if (await exists(admin, name)) await admin.query(`ALTER DATABASE ${quoted(name)} WITH ALLOW_CONNECTIONS true`);
}

/** Refuses new clients (55000, "not currently accepting connections"); those inside stay. */
export async function blockConnections(admin: PostgresConnection, name: string): Promise<void> {
  await admin.query(`ALTER DATABASE ${quoted(name)} WITH ALLOW_CONNECTIONS false`);
}

/**
 * Puts `next` in the place of `live` and drops the old one. Clients are refused for the time between, and see 57P01, 55000 or
 * 3D000, all worth a retry. When it fails, `live` is what it was and takes clients again.
 */
export async function replaceDatabase(admin: PostgresConnection, names: SwapNames): Promise<SwapReport> {
  const { live, next, retired } = names;
  const started = performance.now();
  let sessions: number;
  let blockedMs: number;
  try {
    await blockConnections(admin, live);
    sessions = await endSessions(admin, live, patienceMs);
    await admin.query(
      `BEGIN;
       SET LOCAL lock_timeout = ${patienceMs};
       ALTER DATABASE ${quoted(live)} RENAME TO ${quoted(retired)};
       ALTER DATABASE ${quoted(next)} RENAME TO ${quoted(live)};
       COMMIT`,
    );
    blockedMs = performance.now() - started;
  } catch (error) {
    await admin.query('ROLLBACK');
    await allowConnections(admin, live);
    throw error;
  }
  await dropDatabase(admin, retired);
  return { blockedMs, sessions };
}

/** Puts right what a swap that was killed in the middle left behind: `live` takes clients, the other two are gone. */
export async function recoverSwap(admin: PostgresConnection, names: SwapNames): Promise<void> {
  await allowConnections(admin, names.live);
  await dropDatabase(admin, names.next);
  await dropDatabase(admin, names.retired);
}

export async function exists(admin: PostgresConnection, name: string): Promise<boolean> {
  const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  return rowCount === 1;
}

/** An SQL identifier, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
