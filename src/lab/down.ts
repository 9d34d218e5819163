import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { forgetServices, type LabContext, livingServices, withLock } from './context.ts';
import type { Places } from './places.ts';
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
  /** The folders that were deleted. */
  readonly deleted: readonly string[];
  /** How long it took. */
  readonly totalMs: number;
};

/** Stops the services of this lab. The data stays for the next `up`, unless `purge`; Redis keeps nothing in any case. */
export async function takeDown(lab: LabContext, { purge }: { purge: boolean }): Promise<DownReport> {
  const started = performance.now();
  const stopped = await withLock(lab, 'lab down', async () => {
    const found = await stopAll(lab);
    if (purge) for (const folder of dataFolders(lab.places)) await rm(folder, { recursive: true, force: true });
    return found;
  });
  const deleted = purge ? dataFolders(lab.places) : [];
  return { stopped, purged: purge, deleted, totalMs: Math.round(performance.now() - started) };
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

/** Where all data of the lab is; where bmtool runs as root, PostgreSQL's is elsewhere. */
export function dataFolders({ dir, postgresData, postgresAccount }: Places): string[] {
  return postgresAccount ? [dirname(postgresData), dir] : [dir];
}
