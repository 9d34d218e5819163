import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { connectPostgres, type PostgresAddress } from '../../src/adapters/postgres/connect.ts';
import { cloneDatabase } from '../../src/adapters/postgres/swap.ts';
import { silent } from '../../src/core/progress.ts';
import { readBase } from '../../src/lab/base.ts';
import { childEnv } from '../../src/lab/child-env.ts';
import { createBase, databases } from '../../src/lab/database.ts';
import type { ProcessIdentity } from '../../src/lab/identity.ts';
import { type Places, placesOf } from '../../src/lab/places.ts';
import { findFreePort } from '../../src/lab/ports.ts';
import { findPostgres } from '../../src/lab/postgres-binaries.ts';
import { createCluster, superuser } from '../../src/lab/postgres-service.ts';
import { databaseAccount, loopback } from '../../src/lab/running.ts';
import { kill, startService, stopService, waitUntilReady } from '../../src/lab/service.ts';
import { onCut } from './leave-nothing.ts';
import type { DatabaseEnv } from './peers.ts';
import { grow } from './sql.ts';

/** A PostgreSQL of the bench's own with its own defaults (fsync on, full_page_writes on), with NetBox's databases and no NetBox. */
export type OwnCluster = AsyncDisposable & {
  /** `18.4` */
  readonly version: string;
  /** `ext4` */
  readonly fileSystem: string;
  database(name: string): DatabaseEnv;
  /** Sets it, and has everything written that there is to write. */
  setFsync(on: 'on' | 'off'): Promise<void>;
  /** Makes a database out of the lab's base, of so many megabytes. */
  create(name: string, megabytes: number): Promise<void>;
  /** Stops it, copies its data directory into a folder, and starts it again. */
  copyData(to: string): Promise<void>;
};

export type OwnClusterWish = {
  /** The folder of PostgreSQL's programs; those of the npm package when nothing is said. */
  readonly bin?: string;
  readonly folder: string;
  /** There is a data directory in the folder. */
  readonly made?: boolean;
};

const password = 'bench';
const { signal } = new AbortController();
const cacheDir = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'bmtool');

/**
 * A folder that PostgreSQL's account may enter: root's own are often closed to it. Apart from the labs: where ext4 has just deleted thousands of
 * files, as dropped databases are, making new ones beside them can take ten times as long.
 */
export async function makeOpenFolder(): Promise<string> {
  const folder = await mkdtemp(join('/var/tmp', 'bmtool-bench-'));
  await chmod(folder, 0o755);
  return folder;
}

export async function openOwnCluster({ bin: wanted, folder, made }: OwnClusterWish): Promise<OwnCluster> {
  const places = { ...placesOf(folder, cacheDir), postgresData: join(folder, 'cluster', 'postgres') };
  const bin = wanted ?? (await findPostgres({}, places.postgresCache));
  const where = { host: loopback, port: await findFreePort(), user: superuser, password, database: 'postgres' };
  if (!made) await createCluster(places, { bin, password, env: process.env });
  let running = await startServer(bin, places, { where, log: join(folder, 'postgres.log') });
  const forget = onCut(() => kill(running.pid, 'SIGKILL'));
  const stop = () => stopService(running, { first: 'SIGINT', graceMs: 60_000 });
  const [row] = await askAs(where, 'SHOW server_version');
  const database = (name: string): DatabaseEnv => ({
    PGHOST: loopback,
    PGPORT: String(where.port),
    PGUSER: databaseAccount.user,
    PGPASSWORD: databaseAccount.password,
    PGDATABASE: name,
  });
  const { stdout: fileSystem } = await execa('findmnt', ['-n', '-o', 'FSTYPE', '-T', folder]);
  return {
    fileSystem,
    version: row?.server_version?.split(' ')[0] ?? '?',
    database,
    async setFsync(on) {
      await askAs(where, `ALTER SYSTEM SET fsync = ${on}`, 'SELECT pg_reload_conf()');
      while ((await askAs(where, 'SHOW fsync'))[0]?.fsync !== on) await new Promise(resolve => setTimeout(resolve, 10));
      await askAs(where, 'CHECKPOINT');
      await execa('sync');
    },
    async create(name, megabytes) {
      await createDatabase(where, name);
      await grow(database(name), megabytes);
    },
    async copyData(to) {
      await stop();
      // `cp -a` keeps whose the files are, which Node's does not.
      await mkdir(to, { recursive: true });
      await execa('cp', ['-a', join(folder, 'cluster'), to]);
      running = await startServer(bin, places, { where, log: join(folder, 'postgres.log') });
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(join(folder, 'cluster'), { recursive: true, force: true });
      forget();
    },
  };
}

async function startServer(
  bin: string,
  { postgresData, postgresAccount }: Places,
  { where, log }: { where: PostgresAddress; log: string },
): Promise<ProcessIdentity> {
  const settings = { port: String(where.port), listen_addresses: loopback, unix_socket_directories: '' };
  const identity = await startService({
    name: 'postgres',
    command: join(bin, 'postgres'),
    args: ['-D', postgresData, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    env: childEnv(process.env),
    log,
    account: postgresAccount,
  });
  const answers = () => askAs(where, 'SELECT 1').catch(() => undefined);
  await waitUntilReady({ name: 'postgres', identity, log }, answers, { timeoutMs: 60_000, signal });
  return identity;
}

/** One statement after another; gives what the last one gave. */
async function askAs(where: PostgresAddress, ...texts: string[]): Promise<Record<string, string>[]> {
  await using admin = await connectPostgres(where);
  let rows: Record<string, string>[] = [];
  for (const text of texts) rows = (await admin.query<Record<string, string>>(text)).rows;
  return rows;
}

/** As `lab up` makes it, with NetBox's account as its owner. */
async function createDatabase(where: PostgresAddress, name: string): Promise<void> {
  await using admin = await connectPostgres(where);
  const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [databases.base]);
  if (rowCount === 0) {
    const wanted = { base: readBase(), servers: 601, seed: 1, step: silent.step(''), signal };
    await createBase({ port: where.port, password }, { ...wanted, upgrade: async () => {} });
  }
  await cloneDatabase(admin, { source: databases.base, copy: name, owner: databaseAccount.user });
}
