import { connectPostgres, type PostgresConnection } from '../adapters/postgres/connect.ts';
import { cloneDatabase, dropDatabase, exists, quoted, recoverSwap } from '../adapters/postgres/swap.ts';
import { counted } from '../core/counted.ts';
import type { Step } from '../core/progress.ts';
import { createAccounts } from './accounts.ts';
import { type BaseSnapshot, readFleet, readSchema } from './base.ts';
import { superuser } from './postgres-service.ts';
import { databaseAccount, loopback } from './running.ts';
import { stopIfInterrupted } from './wait.ts';

/** The databases of a lab's cluster. `base` is what `lab reset` goes back to. */
export const databases = {
  live: databaseAccount.database,
  base: 'netbox_base',
  /** The base while it is being made: what is left of it after an interruption is thrown away. */
  draft: 'netbox_draft',
  next: 'netbox_next',
  retired: 'netbox_retired',
} as const;

export type ClusterAddress = { readonly port: number; readonly password: string };

/** The cluster's superuser, connected to a database that is never exchanged unless another is named. */
export function connectAdmin({ port, password }: ClusterAddress, database = 'postgres'): Promise<PostgresConnection> {
  return connectPostgres({ host: loopback, port, user: superuser, password, database });
}

/**
 * Makes the base database: schema, fleet, accounts, statistics, and whatever `upgrade` does to it. It gets its name when all
 * that is done, so a base that exists is whole.
 */
export async function createBase(
  cluster: ClusterAddress,
  wanted: {
    base: BaseSnapshot;
    servers: number;
    seed: number;
    step: Step;
    signal: AbortSignal;
    upgrade: (database: string) => Promise<void>;
  },
): Promise<void> {
  await using admin = await connectAdmin(cluster);
  await createRole(admin);
  await dropDatabase(admin, databases.draft);
  await admin.query(`CREATE DATABASE ${quoted(databases.draft)} OWNER ${databaseAccount.user} TEMPLATE template0`);
  await loadDraft(cluster, wanted);
  await wanted.upgrade(databases.draft);
  stopIfInterrupted(wanted.signal);
  await dropDatabase(admin, databases.base);
  await admin.query(`ALTER DATABASE ${quoted(databases.draft)} RENAME TO ${quoted(databases.base)}`);
}

/** Makes the live database out of the base, unless it is there. Puts right what a killed reset left behind. */
export async function createLive(cluster: ClusterAddress): Promise<void> {
  await using admin = await connectAdmin(cluster);
  await recoverSwap(admin, databases);
  if (await exists(admin, databases.live)) return;
  // Under another name first: NetBox waits for this database to appear, and must not find it half made.
  await cloneDatabase(admin, { source: databases.base, copy: databases.next, owner: databaseAccount.user });
  await admin.query(`ALTER DATABASE ${quoted(databases.next)} RENAME TO ${quoted(databases.live)}`);
}

export async function hasBase(cluster: ClusterAddress): Promise<boolean> {
  await using admin = await connectAdmin(cluster);
  return await exists(admin, databases.base);
}

/** NetBox's account: owner of its databases, and able to make more, for snapshots. */
async function createRole(admin: PostgresConnection): Promise<void> {
  const { user, password } = databaseAccount;
  const { rowCount } = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [user]);
  if (rowCount === 0) await admin.query(`CREATE ROLE ${quoted(user)} LOGIN CREATEDB PASSWORD '${password}'`);
}

async function loadDraft(
  cluster: ClusterAddress,
  wanted: { base: BaseSnapshot; servers: number; seed: number; step: Step; signal: AbortSignal },
): Promise<void> {
  // As NetBox's own account, so that it owns every table; ltree is an extension that a database's owner may install.
  const { user, password } = databaseAccount;
  await using client = await connectPostgres({
    host: loopback,
    port: cluster.port,
    user,
    password,
    database: databases.draft,
  });
  await client.query(readSchema());
  if (wanted.servers > 0) {
    wanted.step.say(`loading ${counted(wanted.servers, 'server')}`);
    for await (const sql of readFleet(wanted.base, wanted)) {
      stopIfInterrupted(wanted.signal);
      await client.query(sql);
    }
  }
  // A dump leaves the session without a search path.
  await client.query('RESET ALL');
  await createAccounts(client);
  await client.query('ANALYZE');
}
