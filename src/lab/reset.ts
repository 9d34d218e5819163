import { cloneDatabase, recoverSwap, replaceDatabase } from '../adapters/postgres/swap.ts';
import { counted } from '../core/counted.ts';
import { Failure } from '../core/failure.ts';
import { type LabContext, livingServices, runs, withLock } from './context.ts';
import { type ClusterAddress, connectAdmin, databases } from './database.ts';
import { waitForRegistration } from './netbox-service.ts';
import { askRedis } from './redis-wire.ts';
import { databaseAccount } from './running.ts';
import { readState } from './state.ts';
import { pauseWorker, resumeWorker } from './stop.ts';

export type ResetReport = {
  /** Servers in the fleet. */
  readonly servers: number;
  /** How long clients of the database were refused, in milliseconds. */
  readonly blockedMs: number;
  /** Database sessions that were ended. */
  readonly sessions: number;
  /** How long it took in all. */
  readonly totalMs: number;
};

/**
 * Puts the base back in the place of the live database, while NetBox serves on, and empties Redis: NetBox would go on to
 * answer from what it had cached. Background jobs are ended; the worker starts afresh.
 */
export function resetLab(lab: LabContext): Promise<ResetReport> {
  return withLock(lab, 'lab reset', async () => {
    const started = performance.now();
    const state = readState(lab.places.stateDir);
    const living = state === undefined ? new Set() : livingServices(state);
    if (state?.ports === undefined || state.database === undefined || !living.has('postgres') || !living.has('redis')) {
      throw new Failure('lab-not-running', 'The lab is not running, or not all of it.', {
        next: 'Run `bmtool lab up` first.',
      });
    }
    const step = lab.progress.step('Resetting the lab');
    const worker = runs(state.services.worker) ? state.services.worker : undefined;
    const { ports, secrets, database } = state;
    try {
      const swap = await putBaseBack({
        cluster: { port: ports.postgres, password: secrets.postgresPassword },
        whenCloned: async () => {
          if (worker) await pauseWorker(lab, worker);
        },
      });
      await askRedis(ports.redis, 'FLUSHALL');
      if (worker) resumeWorker(worker);
      if (worker) await waitForRegistration(ports.redis, lab.signal);
      step.done(`${counted(database.servers, 'server')} as at first`);
      return { ...swap, servers: database.servers, totalMs: Math.round(performance.now() - started) };
    } catch (error) {
      step.fail();
      if (worker) resumeWorker(worker);
      throw error;
    }
  });
}

async function putBaseBack(wanted: {
  cluster: ClusterAddress;
  whenCloned: () => Promise<void>;
}): Promise<{ blockedMs: number; sessions: number }> {
  await using admin = await connectAdmin(wanted.cluster);
  await recoverSwap(admin, databases);
  await cloneDatabase(admin, { source: databases.base, copy: databases.next, owner: databaseAccount.user });
  await wanted.whenCloned();
  const { blockedMs, sessions } = await replaceDatabase(admin, databases);
  return { blockedMs: Math.round(blockedMs * 10) / 10, sessions };
}
