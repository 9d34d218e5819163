import { readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../core/failure.ts';
import { readShipped } from '../shipped/shipped.ts';
import { childEnv } from './child-env.ts';
import { identify, type ProcessIdentity } from './identity.ts';
import { netboxConfiguration } from './netbox-configuration.ts';
import type { Places } from './places.ts';
import { askRedis } from './redis-wire.ts';
import { databaseAccount, demoToken, loopback } from './running.ts';
import { serviceTitles, startService, waitUntilReady } from './service.ts';
import type { LabState, Ports, ServiceRecord } from './state.ts';
import { waitFor } from './wait.ts';

type Start = {
  readonly environment: string;
  readonly version: string;
  readonly ports: Ports;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
};

/** Importing NetBox takes 6-9 s of one free core; on the first start of an environment nearly twice that, and a busy machine doubles it. */
const startTimeoutMs = 240_000;

/** Writes what NetBox reads: its configuration (0600, there are secrets in it) and the script that serves it. */
export async function writeInstance(
  places: Places,
  wanted: { ports: Ports; secrets: LabState['secrets']; database?: string },
): Promise<void> {
  const conf = join(places.netboxRoot, 'conf');
  for (const folder of [
    conf,
    places.run,
    ...['media', 'reports', 'scripts'].map(name => join(places.netboxRoot, name)),
  ]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  const { ports, secrets, database = databaseAccount.database } = wanted;
  await writeFile(join(conf, '__init__.py'), '');
  await writeFile(join(conf, 'configuration.py'), netboxConfiguration({ ports, secrets, database }), { mode: 0o600 });
  await writeFile(places.serveScript, readShipped('src/lab/python/serve.py'));
}

/**
 * Starts NetBox and, forked from it, its background worker. Returns at once: it imports itself while the other services are
 * being made ready, and waits for them.
 */
export async function spawnNetbox(places: Places, start: Start): Promise<ServiceRecord> {
  for (const service of ['netbox', 'worker']) rmSync(readyFile(places, service), { force: true });
  const log = join(places.logs, 'netbox.log');
  // The worker's log is opened by serve.py, which appends.
  await mkdir(places.logs, { recursive: true, mode: 0o700 });
  await writeFile(workerLog(places), '', { mode: 0o600 });
  const identity = await spawnServe(places, start, { role: 'web', name: 'netbox', log });
  return { ...identity, port: start.ports.netbox, version: start.version, log };
}

/** Starts the background worker alone, beside a NetBox that runs. */
export async function spawnWorker(places: Places, start: Start): Promise<ServiceRecord> {
  rmSync(readyFile(places, 'worker'), { force: true });
  const log = workerLog(places);
  const identity = await spawnServe(places, start, { role: 'worker', name: 'worker', log });
  return { ...identity, version: start.version, log };
}

/** Waits until this NetBox has the port and answers a request that goes through its database. */
export async function waitForNetbox(places: Places, service: ServiceRecord, signal: AbortSignal): Promise<void> {
  const about = { name: 'netbox', identity: service, log: service.log } as const;
  await waitUntilReady(
    about,
    async () => {
      // The file says that our process listens on the port; without it a stranger may be answering there.
      if (readPid(places, 'netbox') !== service.pid) return undefined;
      return (await answers(service.port ?? 0, signal)) ? true : undefined;
    },
    { timeoutMs: startTimeoutMs, signal },
  );
}

/** Waits until the worker serves its queues; gives its record. `leader` is the process that started it, or itself. */
export async function waitForWorker(
  places: Places,
  leader: ServiceRecord,
  signal: AbortSignal,
): Promise<ServiceRecord> {
  const log = workerLog(places);
  const identity = await waitUntilReady(
    { name: 'worker', identity: leader, log },
    () => {
      const pid = readPid(places, 'worker');
      return pid === undefined ? undefined : identify(pid);
    },
    { timeoutMs: startTimeoutMs, signal },
  );
  return { ...identity, version: leader.version, log };
}

/**
 * A worker that was killed stays registered for minutes. Whoever waits for the new one must not take the old one for it, least of all while the new one is
 * about to strike it out.
 */
export async function forgetRegistrations(redisPort: number): Promise<void> {
  await askRedis(redisPort, 'DEL rq:workers rq:workers:high rq:workers:default rq:workers:low');
}

/** Waits until Redis knows the worker: before that NetBox refuses background work with 503 (rq/worker_registration.py). */
export async function waitForRegistration(redisPort: number, signal: AbortSignal): Promise<void> {
  const registered = async () => (Number(await askRedis(redisPort, 'SCARD rq:workers')) > 0 ? true : undefined);
  if (await waitFor(registered, { timeoutMs: 60_000, signal })) return;
  throw new Failure('lab-service-failed', `${serviceTitles.worker} did not come.`, {
    next: 'Look at `bmtool lab logs worker`, then run `bmtool lab up`.',
  });
}

/** Runs NetBox's migrations on a database of the cluster. */
export async function migrate(
  places: Places,
  start: Start & { secrets: LabState['secrets']; database: string },
): Promise<void> {
  const root = join(places.dir, 'migrate');
  await writeInstance({ ...places, netboxRoot: root, serveScript: join(root, 'serve.py') }, start);
  const { failed, isCanceled, all } = await execa(
    join(start.environment, 'bin', 'python'),
    ['-m', 'netbox', 'migrate', '--no-input'],
    {
      env: childEnv(start.env, { NETBOX_ROOT: root }),
      extendEnv: false,
      cwd: root,
      reject: false,
      all: true,
      cancelSignal: start.signal,
    },
  );
  rmSync(root, { recursive: true, force: true });
  if (!failed || isCanceled) return;
  const lines = all.trim().split('\n').slice(-10);
  throw new Failure(
    'lab-migration-failed',
    `NetBox ${start.version} could not migrate the base snapshot:\n${lines.map(line => `  ${line}`).join('\n')}`,
    { next: 'Make the base snapshot anew with `npm run lab:base`.' },
  );
}

async function spawnServe(
  places: Places,
  start: Start,
  as: { role: 'web' | 'worker'; name: 'netbox' | 'worker'; log: string },
): Promise<ProcessIdentity> {
  return startService({
    name: as.name,
    command: join(start.environment, 'bin', 'python'),
    args: [places.serveScript, as.role],
    env: childEnv(start.env, {
      NETBOX_ROOT: places.netboxRoot,
      PYTHONUNBUFFERED: '1',
      LAB_PORT: String(start.ports.netbox),
      // Two for a core: the kernel gives two connections to one worker often enough that with one for a core the other core idles.
      LAB_WORKERS: String(Math.min(8, 2 * availableParallelism())),
      LAB_THREADS: '3',
      LAB_RUN_DIR: places.run,
      LAB_WORKER_LOG: workerLog(places),
    }),
    log: as.log,
  });
}

async function answers(port: number, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`http://${loopback}:${port}/api/authentication-check/`, {
      headers: { authorization: `Token ${demoToken}`, connection: 'close' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(20_000)]),
    });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

function workerLog(places: Places): string {
  return join(places.logs, 'worker.log');
}

function readyFile(places: Places, service: string): string {
  return join(places.run, `${service}.ready`);
}

function readPid(places: Places, service: 'netbox' | 'worker'): number | undefined {
  try {
    return (JSON.parse(readFileSync(readyFile(places, service), 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined;
  }
}
