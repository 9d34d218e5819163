import type { NetBox } from '../adapters/netbox/netbox.ts';
import type { RunStore } from '../adapters/runs/store.ts';
import { Failure } from '../core/failure.ts';
import type { Progress } from '../core/progress.ts';

/**
 * Waits for what a bmtool that was killed had sent. NetBox goes on with a request whose client is gone, and commits it all at its end: who
 * reads before that plans on what will not be, and an undo would leave half of a batch behind. Ends when all of it is found in NetBox, or when it
 * has had its time; at once where no run was cut short just now.
 */
export type AwaitLanding = () => Promise<void>;

export type LandingTools = {
  readonly netbox: Pick<NetBox, 'url' | 'findDone' | 'workOf'>;
  readonly runs: Pick<RunStore, 'unsettled'>;
  readonly progress: Progress;
  readonly interrupt: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** gunicorn ends a worker that takes longer for a request. */
const longestMs = 120_000;
const lookEveryMs = 250;

/** How long NetBox may take for requests that cost so much of one core: with others beside them, and a worker that has to start first. */
function patienceFor(workMs: number): number {
  return Math.min(longestMs, 5_000 + 3 * workMs);
}

export function openAwaitLanding(tools: LandingTools): AwaitLanding {
  const { netbox, runs, progress, interrupt, clock, pause } = tools;
  return async () => {
    for (const { run, changes, silentSince } of runs.unsettled(netbox.url, clock() - longestMs)) {
      const until = silentSince + patienceFor(netbox.workOf(changes));
      const idOf = (key: string) => {
        const result = run.results.get(key);
        return result?.state === 'done' ? result.id : undefined;
      };
      const hasLanded = async () => (await netbox.findDone(changes, idOf)).size === changes.length;
      if (clock() > until || (await hasLanded())) continue;
      const step = progress.step(`waiting for what run ${run.header.id} had sent when it was cut short`);
      do {
        await pause(lookEveryMs, interrupt);
        if (interrupt.aborted) throw new Failure('interrupted', 'Interrupted before anything was changed');
      } while (clock() < until && !(await hasLanded()));
      step.done();
    }
  };
}
