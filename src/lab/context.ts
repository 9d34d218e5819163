import type { Progress } from '../core/progress.ts';
import { isAlive } from './identity.ts';
import { type LockHolder, takeLock } from './lock.ts';
import type { Places } from './places.ts';
import { type LabState, readState, type ServiceName, type ServiceRecord, saveState, serviceNames } from './state.ts';

/** What every act on a lab needs. */
export type LabContext = {
  readonly places: Places;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

/** Does `act` while no other process brings this lab up or down or resets it. */
export async function withLock<T>(lab: LabContext, work: string, act: () => Promise<T>): Promise<T> {
  const release = await takeLock(lab.places.lock, {
    work,
    signal: lab.signal,
    onWait: holder => lab.progress.note(holderText(holder)),
  });
  try {
    return await act();
  } finally {
    release();
  }
}

/** Changes what is written about the lab. */
export function changeState(lab: LabContext, change: (state: LabState) => LabState): LabState {
  const state = readState(lab.places.stateDir);
  if (state === undefined) throw new Error('there is no lab');
  const changed = change(state);
  saveState(lab.places.stateDir, changed);
  return changed;
}

export function recordService(lab: LabContext, name: ServiceName, record: ServiceRecord): void {
  changeState(lab, state => ({ ...state, services: { ...state.services, [name]: record } }));
}

export function forgetServices(lab: LabContext, names: readonly ServiceName[]): void {
  const isKept = ([name]: [string, unknown]) => !names.some(gone => gone === name);
  changeState(lab, state => ({
    ...state,
    services: Object.fromEntries(Object.entries(state.services).filter(isKept)),
  }));
}

export function livingServices(state: LabState): Set<ServiceName> {
  return new Set(serviceNames.filter(name => runs(state.services[name])));
}

export function runs(service: ServiceRecord | undefined): service is ServiceRecord {
  return service !== undefined && isAlive(service);
}

function holderText({ pid, work }: LockHolder): string {
  return `Another bmtool (pid ${pid}) is at it: ${work}. Waiting for it to end.`;
}
