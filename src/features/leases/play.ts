import type { Spool } from '../../adapters/spool/spool.ts';
import { counted } from '../../core/counted.ts';
import { type FleetLease, leaseEvent } from '../../core/lease.ts';
import type { LeaseQueue, LeaseStore } from '../../core/lease-queue.ts';
import { mostAgeMs } from './fact-cache.ts';
import { type WorkTools, work } from './work.ts';

/** As MAAS and most BMC networks have it. */
const leaseSeconds = 600;

/** Appends a lease to the spool for each server, so many a second; all at once where no rate is said. */
export async function appendLeases(
  leases: readonly FleetLease[],
  tools: {
    readonly spool: Spool;
    readonly host: string;
    readonly clock: () => number;
    readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
    readonly interrupt: AbortSignal;
    readonly onAppended: (count: number) => void;
  },
  ratePerSecond: number | undefined,
): Promise<number> {
  const { spool, host, clock, pause, interrupt, onAppended } = tools;
  const startedMs = clock();
  for (const [i, { mac, address }] of leases.entries()) {
    const dueMs = ratePerSecond === undefined ? 0 : startedMs + (i * 1000) / ratePerSecond - clock();
    if (dueMs > 1) await pause(dueMs, interrupt);
    if (interrupt.aborted) return i;
    const time = new Date(clock()).toISOString();
    spool.append([leaseEvent({ time, kind: 'granted', mac, address, leaseSeconds, source: { way: 'replay', host } })]);
    onAppended(i + 1);
  }
  return leases.length;
}

/** Plays leases and has them worked off: by this process or, where a worker runs on this machine, by that one. */
export type PlayLeases = (leases: readonly FleetLease[]) => Promise<void>;

export type PlayTools = Omit<WorkTools, 'queue'> & {
  readonly spool: Spool;
  readonly host: string;
  readonly leaseQueue: (wish: { via: undefined; wait: boolean }) => Promise<LeaseQueue | undefined>;
  readonly leaseStore: (via: undefined) => Promise<LeaseStore>;
};

export function openPlayLeases(tools: PlayTools): PlayLeases {
  const { progress, pause, interrupt } = tools;
  return async leases => {
    const queue = await tools.leaseQueue({ via: undefined, wait: false });
    // A worker may have read just before what this run has changed since.
    if (queue === undefined) await pause(mostAgeMs, interrupt);
    const step = progress.step(`${counted(leases.length, 'BMC powers', 'BMCs power')} on`);
    await appendLeases(leases, { ...tools, onAppended: () => {} }, undefined);
    if (queue === undefined) await untilEmpty(await tools.leaseStore(undefined), tools);
    else {
      let done = 0;
      for await (const _ of work({ ...tools, queue }, { wait: false })) step.at(++done, leases.length);
    }
    if (interrupt.aborted) step.fail();
    else step.done();
  };
}

async function untilEmpty(store: LeaseStore, { pause, interrupt }: PlayTools): Promise<void> {
  for (;;) {
    const { waiting, unread = 0 } = await store.counts();
    if (waiting + unread === 0 || interrupt.aborted) return;
    await pause(200, interrupt);
  }
}
