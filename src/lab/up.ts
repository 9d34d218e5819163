import { randomBytes } from 'node:crypto';
import { counted } from '../core/counted.ts';
import { Failure } from '../core/failure.ts';
import { type BaseSnapshot, readBase } from './base.ts';
import {
  changeState,
  forgetServices,
  type LabContext,
  livingServices,
  recordService,
  runs,
  withLock,
} from './context.ts';
import { ensureEnvironment, lockedNetbox } from './environment.ts';
import { readBootId } from './identity.ts';
import {
  forgetRegistrations,
  spawnNetbox,
  spawnWorker,
  waitForNetbox,
  waitForRegistration,
  waitForWorker,
  writeInstance,
} from './netbox-service.ts';
import { checkPlatform } from './platform.ts';
import { choosePorts } from './ports.ts';
import { findRedis, startRedis } from './redis-service.ts';
import { isPortTaken, serviceTitles } from './service.ts';
import { type LabState, type Ports, readState, type ServiceName, saveState, serviceNames } from './state.ts';
import { pauseWorker, resumeWorker, stopServices } from './stop.ts';
import { bringUpDatabase, needsMigration } from './up-database.ts';
import { interrupted } from './wait.ts';

/** A fleet by its size and seed; what is left out is what the lab has, or else what the base snapshot has. */
export type WantedFleet = { readonly servers?: number | undefined; readonly seed?: number | undefined };

/** What is known when services are started. */
export type UpPlan = {
  readonly base: BaseSnapshot;
  readonly servers: number;
  readonly seed: number;
  readonly ports: Ports;
  readonly secrets: LabState['secrets'];
  /** The services that run already. */
  readonly living: ReadonlySet<ServiceName>;
  /** Whether PostgreSQL was running when the machine went down. */
  readonly cutOff: boolean;
};

/**
 * Starts what does not run, from nothing or from whatever an earlier `up`, a crash or a reboot left. When it fails or is
 * interrupted, what it had started is stopped, and what it had made is kept for the next time.
 */
export function bringUp(lab: LabContext, wanted: WantedFleet): Promise<void> {
  checkPlatform();
  return withLock(lab, 'lab up', async () => {
    try {
      await bringUpOnce(lab, wanted);
    } catch (error) {
      if (!(error instanceof Failure) || !isPortTaken(error.message)) throw error;
      lab.progress.note('Another program took a port that was free a moment ago; trying with others.');
      await bringUpOnce(lab, wanted);
    }
  });
}

async function bringUpOnce(lab: LabContext, wanted: WantedFleet): Promise<void> {
  const plan = await planUp(lab, wanted);
  if (serviceNames.every(name => plan.living.has(name))) return;
  const abort = new AbortController();
  const inner: LabContext = { ...lab, signal: AbortSignal.any([lab.signal, abort.signal]) };
  const work = startAll(inner, plan);
  try {
    await Promise.all(
      work.map(part =>
        part.catch(error => {
          abort.abort(interrupted());
          throw error;
        }),
      ),
    );
  } catch (error) {
    await Promise.allSettled(work);
    await stopStarted(lab, plan.living);
    throw lab.signal.aborted ? interrupted() : error;
  }
}

/** Decides on fleet and ports, and clears away what crashed services left. */
async function planUp(lab: LabContext, wanted: WantedFleet): Promise<UpPlan> {
  const { stateDir } = lab.places;
  const base = readBase();
  const before = readState(stateDir);
  const fleet = decideFleet(before?.database, wanted, base);
  const living = before === undefined ? new Set<ServiceName>() : livingServices(before);
  const clearDead = async () => {
    const dead = serviceNames.filter(name => !living.has(name));
    if (before !== undefined) await clearAway(lab, before, dead);
  };
  if (!living.has('netbox')) living.delete('worker');
  // First of all: what a crashed NetBox leaves (its web workers die a moment after it) would still hold the port that it had.
  await clearDead();
  const ports = await choosePorts({
    before: before?.ports,
    held: new Set([...living].filter(name => name !== 'worker')),
    auto: lab.env.LAB_PORTS === 'auto',
    signal: lab.signal,
  });
  // A service reads the ports of the others when it starts.
  const moved = before?.ports !== undefined && JSON.stringify(before.ports) !== JSON.stringify(ports);
  if (moved && living.has('netbox')) {
    for (const name of ['netbox', 'worker'] as const) living.delete(name);
    await clearDead();
  }
  const secrets = before?.secrets ?? makeSecrets();
  saveState(stateDir, { ...before, format: 1, services: pickServices(before, living), secrets, ports });
  const postgres = before?.services.postgres;
  return { base, ...fleet, ports, secrets, living, cutOff: postgres !== undefined && postgres.bootId !== readBootId() };
}

function pickServices(before: LabState | undefined, living: ReadonlySet<ServiceName>): LabState['services'] {
  const kept = Object.entries(before?.services ?? {}).filter(([name]) => [...living].some(alive => alive === name));
  return Object.fromEntries(kept);
}

async function clearAway(lab: LabContext, before: LabState, dead: readonly ServiceName[]): Promise<void> {
  for (const name of dead) {
    const record = before.services[name];
    if (record !== undefined && !runs(record))
      lab.progress.note(`${serviceTitles[name]} had ended by itself; starting it again.`);
  }
  await stopServices(before, dead);
}

/** Refuses another fleet than the one the lab has: replacing it discards data, and only `lab down --purge` says so. */
export function decideFleet(
  has: { servers: number; seed: number } | undefined,
  wanted: WantedFleet,
  base: { servers: number; seed: number },
): { servers: number; seed: number } {
  const fleet = {
    servers: wanted.servers ?? has?.servers ?? base.servers,
    seed: wanted.seed ?? has?.seed ?? base.seed,
  };
  if (has === undefined || (has.servers === fleet.servers && has.seed === fleet.seed)) return fleet;
  throw new Failure(
    'lab-another-fleet',
    `The lab has ${counted(has.servers, 'server')} (seed ${has.seed}), not ${fleet.servers} (seed ${fleet.seed}).`,
    {
      next: `To discard its data: bmtool lab down --purge && bmtool lab up --servers ${fleet.servers} --seed ${fleet.seed}`,
    },
  );
}

/** Everything at once: NetBox imports itself while the database is loaded, and waits for it. */
function startAll(lab: LabContext, plan: UpPlan): Promise<void>[] {
  const environment = ensureEnvironment({ ...lab, cacheDir: lab.places.cacheDir }).then(folder => {
    changeState(lab, state => ({ ...state, environment: folder }));
    return folder;
  });
  const redis = environment.then(folder => bringUpRedis(lab, plan, folder));
  const installed = Promise.all([environment, redis]).then(([folder]) => folder);
  const recorded = readState(lab.places.stateDir)?.database;
  const database = bringUpDatabase(lab, plan, installed);
  const others = Promise.all([database, redis]);
  const netbox = environment.then(async folder => {
    // On an older schema NetBox would serve errors until it is migrated.
    if (needsMigration(recorded)) await database;
    await bringUpNetbox(lab, plan, { environment: folder, others });
  });
  // What fails in them is reported by the parts that are given back.
  for (const joined of [installed, others]) joined.catch(() => {});
  return [database, redis, netbox];
}

async function bringUpRedis(lab: LabContext, plan: UpPlan, environment: string): Promise<void> {
  if (plan.living.has('redis')) return;
  const record = await startRedis(lab.places, {
    program: findRedis(environment, lab.env),
    port: plan.ports.redis,
    env: lab.env,
    signal: lab.signal,
    onStart: early => recordService(lab, 'redis', early),
  });
  recordService(lab, 'redis', record);
}

async function bringUpNetbox(
  lab: LabContext,
  plan: UpPlan,
  { environment, others }: { environment: string; others: Promise<unknown> },
): Promise<void> {
  const { places, env, signal } = lab;
  const start = { environment, version: lockedNetbox(), ports: plan.ports, env, signal };
  if (plan.living.has('netbox') && plan.living.has('worker')) {
    await others;
    await renewWorker(lab, plan);
    return;
  }
  await writeInstance(places, plan);
  if (plan.living.has('redis')) await forgetRegistrations(plan.ports.redis);
  const alone = plan.living.has('netbox');
  const step = lab.progress.step(alone ? `Starting ${serviceTitles.worker}` : 'Starting NetBox');
  try {
    const service = await (alone ? spawnWorker(places, start) : spawnNetbox(places, start));
    recordService(lab, alone ? 'worker' : 'netbox', service);
    await others;
    if (!alone) await waitForNetbox(places, service, signal);
    recordService(lab, 'worker', await waitForWorker(places, service, signal));
    await waitForRegistration(plan.ports.redis, signal);
    step.done(`NetBox ${start.version} serves at port ${plan.ports.netbox}`);
  } catch (error) {
    step.fail();
    throw error;
  }
}

/** A worker that runs is not known to a Redis that was started anew. */
async function renewWorker(lab: LabContext, plan: UpPlan): Promise<void> {
  const worker = readState(lab.places.stateDir)?.services.worker;
  if (plan.living.has('redis') || worker === undefined) return;
  await pauseWorker(lab, worker);
  resumeWorker(worker);
  await waitForRegistration(plan.ports.redis, lab.signal);
}

async function stopStarted(lab: LabContext, living: ReadonlySet<ServiceName>): Promise<void> {
  const state = readState(lab.places.stateDir);
  const started = serviceNames.filter(name => !living.has(name));
  if (state !== undefined) await stopServices(state, started);
  forgetServices(lab, started);
}

function makeSecrets(): LabState['secrets'] {
  const secret = (bytes: number) => randomBytes(bytes).toString('hex');
  // NetBox wants at least 50 characters for the first two.
  return { secretKey: secret(32), pepper: secret(32), postgresPassword: secret(16) };
}
