import { type LabContext, runs } from './context.ts';
import { familyOf } from './identity.ts';
import { kill, stopService } from './service.ts';
import type { LabState, ServiceName, ServiceRecord } from './state.ts';
import { waitFor } from './wait.ts';

/**
 * Stops what these services left or still run, and nothing else: each is identified before it is signalled, and what a dead one
 * started is found by the session that it had opened.
 */
export async function stopServices(state: LabState, names: readonly ServiceName[]): Promise<void> {
  const of = (name: ServiceName) => (names.includes(name) ? state.services[name] : undefined);
  await Promise.all([stopNetbox(of('netbox')), stopWorker(of('worker'))]);
  await Promise.all([stopRedis(of('redis')), stopPostgres(of('postgres'))]);
}

/** Killed, not asked: gunicorn takes 4-11 s to end by SIGTERM, and it keeps nothing that could be lost. */
async function stopNetbox(service: ServiceRecord | undefined): Promise<void> {
  if (service) await stopService(service, { first: 'SIGKILL', graceMs: 0 });
}

/** The worker is a child of NetBox, or on its own when it was started again after a crash. */
async function stopWorker(service: ServiceRecord | undefined): Promise<void> {
  if (!service) return;
  await stopService(service, { first: 'SIGKILL', graceMs: 0 });
  if (!runs(service)) return;
  for (const pid of familyOf(service.pid)) kill(pid, 'SIGKILL');
  const gone = () => (runs(service) ? undefined : true);
  await waitFor(gone, { timeoutMs: 5000, everyMs: 3, signal: new AbortController().signal });
}

async function stopRedis(service: ServiceRecord | undefined): Promise<void> {
  if (service) await stopService(service, { first: 'SIGTERM', graceMs: 3000 });
}

/** SIGINT is PostgreSQL's fast shutdown: clients are put out, nothing is lost. */
async function stopPostgres(service: ServiceRecord | undefined): Promise<void> {
  if (service) await stopService(service, { first: 'SIGINT', graceMs: 10_000 });
}

/** Ends what the worker does, and the worker; NetBox goes on. `resumeWorker` starts a fresh one. */
export async function pauseWorker(lab: LabContext, worker: ServiceRecord): Promise<void> {
  kill(worker.pid, 'SIGUSR1');
  const idle = () => (familyOf(worker.pid).length === 1 ? true : undefined);
  const stopped = await waitFor(idle, { timeoutMs: 10_000, everyMs: 5, signal: lab.signal });
  if (!stopped) throw new Error(`the background worker (pid ${worker.pid}) does not stop`);
}

export function resumeWorker(worker: ServiceRecord): void {
  kill(worker.pid, 'SIGUSR2');
}
