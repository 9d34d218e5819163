import { setTimeout as pause } from 'node:timers/promises';
import type { PostgresConnection } from './connect.ts';

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

/**
 * Makes `copy` from `source`, which nobody may be connected to.
 *
 * FILE_COPY takes half as long as WAL_LOG with a warm page cache and, on PostgreSQL 18, can share blocks with the source on file
 * systems that do so; it costs two checkpoints, which only a server with much unwritten data notices.
 */
export async function cloneDatabase(
  admin: PostgresConnection,
  names: { source: string; copy: string; owner?: string },
): Promise<void> {
  const owner = names.owner === undefined ? '' : ` OWNER ${quoted(names.owner)}`;
  await admin.query(
    `CREATE DATABASE ${quoted(names.copy)} TEMPLATE ${quoted(names.source)} STRATEGY FILE_COPY${owner}`,
  );
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
 * Ends all sessions of a database and returns when they are gone, with their number.
 *
 * Asks and then looks again and again: `pg_terminate_backend` with a timeout of its own waits for one session after
 * another, about 100 ms each.
 */
export async function terminateSessions(admin: PostgresConnection, name: string): Promise<number> {
  const deadline = performance.now() + patienceMs;
  const { rowCount } = await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    [name],
  );
  await terminateMaintenance(admin, name);
  for (;;) {
    const { rows } = await admin.query<{ left: number }>(
      'SELECT count(*)::int AS left FROM pg_stat_activity WHERE datname = $1',
      [name],
    );
    if (rows[0]?.left === 0) return rowCount ?? 0;
    if (performance.now() > deadline) throw new Error(`${rows[0]?.left} sessions of the database ${name} do not end`);
    await pause(2);
  }
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
    sessions = await terminateSessions(admin, live);
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

/** Autovacuum, which only a superuser may end. Left alone it ends by itself when the rename asks for it, in 100 ms. */
async function terminateMaintenance(admin: PostgresConnection, name: string): Promise<void> {
  const { rows } = await admin.query<{ super: boolean }>(
    'SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user',
  );
  if (!rows[0]?.super) return;
  await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()`,
    [name],
  );
}
