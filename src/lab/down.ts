import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { forgetServices, type LabContext, livingServices, withLock } from './context.ts';
import { readState, type ServiceName, serviceNames } from './state.ts';
import { stopServices } from './stop.ts';

export type DownReport = {
  /** What ran and was stopped. */
  readonly stopped: readonly {
    /** The service. */
    readonly service: ServiceName;
    /** Its process. */
    readonly pid: number;
  }[];
  /** Whether the data is gone, too. */
  readonly purged: boolean;
  /** How long it took. */
  readonly totalMs: number;
};

/** Stops the services of this lab. The data stays for the next `up`, unless `purge`; Redis keeps nothing in any case. */
export async function takeDown(lab: LabContext, { purge }: { purge: boolean }): Promise<DownReport> {
  const started = performance.now();
  const stopped = await withLock(lab, 'lab down', async () => {
    const found = await stopAll(lab);
    if (purge) await removeData(lab);
    return found;
  });
  return { stopped, purged: purge, totalMs: Math.round(performance.now() - started) };
}

async function stopAll(lab: LabContext): Promise<DownReport['stopped']> {
  const state = readState(lab.places.stateDir);
  if (state === undefined) return [];
  const living = livingServices(state);
  await stopServices(state, serviceNames);
  forgetServices(lab, serviceNames);
  return [...living].flatMap(service => {
    const record = state.services[service];
    return record ? [{ service, pid: record.pid }] : [];
  });
}

async function removeData(lab: LabContext): Promise<void> {
  const { dir, postgresData, postgresAccount } = lab.places;
  await rm(postgresAccount ? dirname(postgresData) : postgresData, { recursive: true, force: true });
  await rm(dir, { recursive: true, force: true });
}
