import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { connectPostgres, type PostgresConnection } from '../../adapters/postgres/connect.ts';
import { Failure } from '../../core/failure.ts';
import type { Progress } from '../../core/progress.ts';
import { childEnv } from '../child-env.ts';
import { ensureEnvironment, lockedNetbox } from '../environment.ts';
import { migrate, writeInstance } from '../netbox-service.ts';
import { type Places, placesOf } from '../places.ts';
import { findFreePort } from '../ports.ts';
import { findPostgres } from '../postgres-binaries.ts';
import { createCluster, startPostgres, superuser } from '../postgres-service.ts';
import { findRedis, startRedis } from '../redis-service.ts';
import { databaseAccount, loopback } from '../running.ts';
import { stopService } from '../service.ts';
import type { LabState, Ports, ServiceRecord } from '../state.ts';

/**
 * A NetBox environment with a PostgreSQL and a Redis of its own, for making the base snapshot and for proving the fleet.
 * No NetBox is served; its code is run on databases. Everything is gone when it is disposed of.
 */
export type Scratch = AsyncDisposable & {
  /** An empty database that belongs to NetBox's account. */
  createDatabase(name: string, options?: { template?: string }): Promise<void>;
  /** As NetBox's account. */
  connect(name: string): Promise<PostgresConnection>;
  /** Runs NetBox's migrations: some minutes. */
  migrate(name: string): Promise<void>;
  /** Runs a script of src/lab/python with NetBox configured for a database; gives what it printed. Throws when it fails. */
  runPython(script: string, run: { database: string; input?: string }): Promise<string>;
  /** Where the cluster is, for programs that connect by themselves. */
  readonly address: { host: string; port: number; user: string; password: string };
};

type Opening = { env: NodeJS.ProcessEnv; cacheDir: string; progress: Progress; signal: AbortSignal };

export async function openScratch(opening: Opening): Promise<Scratch> {
  const { env, cacheDir, signal } = opening;
  const places = placesOf(await mkdtemp(join(tmpdir(), 'bmtool-scratch-')), cacheDir);
  await using closers = new AsyncDisposableStack();
  closers.defer(() => removeAll(places));
  const environment = await ensureEnvironment(opening);
  const secrets = { secretKey: secret(), pepper: secret(), postgresPassword: secret() };
  const ports: Ports = { netbox: 0, redis: await findFreePort(), postgres: await findFreePort() };
  const bin = await findPostgres(env, places.postgresCache);
  await createCluster(places, { bin, password: secrets.postgresPassword, env });
  const stop = (service: ServiceRecord) =>
    closers.defer(() => stopService(service, { first: 'SIGINT', graceMs: 10_000 }));
  const start = { env, signal, onStart: stop };
  await startPostgres(places, { ...start, bin, port: ports.postgres, password: secrets.postgresPassword });
  await startRedis(places, { ...start, program: findRedis(environment, env), port: ports.redis });
  const tools = openTools({ ...opening, places, environment, secrets, ports });
  await tools.createRole();
  const owned = closers.move();
  return { ...tools, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

type Instance = Opening & { places: Places; environment: string; secrets: LabState['secrets']; ports: Ports };

function openTools(instance: Instance) {
  const { places, environment, secrets, ports, env, signal } = instance;
  const address = {
    host: loopback,
    port: ports.postgres,
    user: databaseAccount.user,
    password: databaseAccount.password,
  };
  const asSuperuser = async (sql: string): Promise<void> => {
    const who = { ...address, user: superuser, password: secrets.postgresPassword, database: 'postgres' };
    await using admin = await connectPostgres(who);
    await admin.query(sql);
  };
  return {
    address,
    createRole: () => asSuperuser(`CREATE ROLE "${address.user}" LOGIN PASSWORD '${address.password}'`),
    createDatabase: (name: string, { template = 'template0' }: { template?: string } = {}) =>
      asSuperuser(`CREATE DATABASE "${name}" OWNER "${address.user}" TEMPLATE "${template}"`),
    connect: (name: string) => connectPostgres({ ...address, database: name }),
    migrate: (name: string) =>
      migrate(places, { environment, version: lockedNetbox(), ports, env, signal, secrets, database: name }),
    runPython: (script: string, run: { database: string; input?: string }) => runPython(instance, script, run),
  };
}

async function runPython(
  { places, environment, secrets, ports, env, signal }: Instance,
  script: string,
  { database, input = '' }: { database: string; input?: string },
): Promise<string> {
  await writeInstance(places, { ports, secrets, database });
  const path = fileURLToPath(new URL(`../python/${script}`, import.meta.url));
  const result = await execa(join(environment, 'bin', 'python'), [path], {
    env: childEnv(env, { NETBOX_ROOT: places.netboxRoot }),
    extendEnv: false,
    cwd: '/',
    input,
    reject: false,
    cancelSignal: signal,
  });
  if (!result.failed) return result.stdout;
  throw new Failure(
    'base-snapshot-not-made',
    `${script} failed on the database ${database}:\n${lastLines(`${result.stdout}\n${result.stderr}`)}`,
  );
}

async function removeAll(places: Places): Promise<void> {
  // As root the data directory is not inside the state directory: another account must be able to enter.
  await rm(dirname(places.postgresData), { recursive: true, force: true });
  await rm(places.stateDir, { recursive: true, force: true });
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-15).join('\n');
}

function secret(): string {
  return randomBytes(40).toString('hex');
}
