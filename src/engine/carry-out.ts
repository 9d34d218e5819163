import type { NetBox } from '../adapters/netbox/netbox.ts';
import type { EventQueue, QueueEntry } from '../adapters/redis/queue.ts';
import type { QueueChange } from '../adapters/runs/run.ts';
import type { RunStore } from '../adapters/runs/store.ts';
import type { NewRun, RunWriter } from '../adapters/runs/writer.ts';
import { type Change, type ChangeKey, type ChangeResult, interruptedReason } from '../core/change.ts';
import { counted } from '../core/counted.ts';
import { Failure } from '../core/failure.ts';
import type { LastWords } from '../core/last-words.ts';
import { planText, tally } from '../core/plan.ts';
import { type Progress, silent } from '../core/progress.ts';
import { howToGive, howToWrite } from '../core/rights.ts';

export type Work = Pick<NewRun, 'undoes' | 'resumes'> & {
  /** The command as a person would type it to go on. */
  readonly command: string;
  readonly changes: readonly Change[];
  readonly queue?: QueueWork;
  /** Nobody watches: a worker tells of each event itself. */
  readonly quiet?: true;
};

/** Events to take out of the discovery queue before the first change, so that nobody acts on them; or to put back. */
export type QueueWork = {
  /** `localhost:6380` */
  readonly redis: string;
  readonly queue: EventQueue;
  readonly op: QueueChange['op'];
  readonly entries: readonly QueueEntry[];
};

export type Carried = {
  /** Nothing when there was nothing to do. */
  readonly runId: string | undefined;
  /** One for every change whose fate is known. */
  readonly results: ReadonlyMap<ChangeKey, ChangeResult>;
  readonly interrupted: boolean;
};

/** Carries a plan out as a run: rights checked, plan on disk, then applied with every result recorded. */
export type CarryOut = (work: Work) => Promise<Carried>;

export type CarryOutTools = {
  readonly netbox: NetBox;
  readonly runs: RunStore;
  readonly progress: Progress;
  readonly interrupt: AbortSignal;
  readonly lastWords: LastWords;
};

export function openCarryOut({ netbox, runs, progress, interrupt, lastWords }: CarryOutTools): CarryOut {
  const may = openRights(netbox);
  return async ({ changes, queue, quiet, ...about }) => {
    const entries = queue?.entries ?? [];
    if (changes.length + entries.length === 0) return { runId: undefined, results: new Map(), interrupted: false };
    await may(changes);
    if (interrupt.aborted) throw new Failure('interrupted', 'Interrupted before anything was changed');
    const work = netbox.workOf(changes);
    const run = runs.begin({
      ...about,
      changes,
      work,
      target: { netbox: netbox.url, version: netbox.version.text },
      ...(queue && entries.length > 0 ? { queue: queueChange(queue) } : {}),
    });
    const results = new Map<ChangeKey, ChangeResult>();
    const byKey = new Map(changes.map(change => [change.key, change]));
    let workDone = 0;
    const label = `run ${run.id}: ${[queueText(queue), planText(changes)].filter(Boolean).join(', ')}`;
    const step = (quiet ? silent : progress).step(label);
    step.at(0, changes.length);
    lastWords.now = `What run ${run.id} had sent may or may not have been written.\n${waysOn(about.command, run.id)}`;
    try {
      await changeQueue(queue, run);
      await netbox.apply(changes, {
        message: `bmtool ${about.command.split(' ')[0]} run ${run.id}`,
        onSend: batch => run.sent(batch.map(change => change.key)),
        onLane: (lane, batch) => step.lane(lane, batch && planText(batch)),
        onResult(result) {
          run.result(result);
          results.set(result.key, result);
          workDone += netbox.workOf([byKey.get(result.key) as Change]);
          step.at(results.size, changes.length, workDone / work);
        },
      });
    } catch (error) {
      run.end(interrupt.aborted ? 'interrupted' : 'stopped');
      step.fail();
      throw stopped(error, run.id, about.command, results, changes.length);
    } finally {
      lastWords.now = undefined;
    }
    const { done } = tally(results.values());
    // Whatever was sent is finished: a Ctrl-C in the last moments cuts nothing off.
    const isCut = [...results.values()].some(
      result => result.state === 'skipped' && result.reason === interruptedReason,
    );
    run.end(isCut ? 'interrupted' : 'finished');
    if (isCut) step.fail(`run ${run.id} interrupted: ${done} of ${counted(changes.length, 'change')} written`);
    else step.done(label);
    return { runId: run.id, results, interrupted: interrupt.aborted };
  };
}

function queueText(work: QueueWork | undefined): string {
  const count = work?.entries.length ?? 0;
  return count === 0 ? '' : `${work?.op} ${counted(count, 'event')}`;
}

function queueChange({ redis, queue, op, entries }: QueueWork): QueueChange {
  return { redis, key: queue.key, op, entries };
}

async function changeQueue(work: QueueWork | undefined, run: RunWriter): Promise<void> {
  if (work === undefined || work.entries.length === 0) return;
  run.queueBegun();
  if (work.op === 'remove') await work.queue.remove(work.entries);
  else await work.queue.restore(work.entries);
}

/** Throws `Failure` (exit 4) where the token lacks a right. What it was seen to have is not asked for again. */
function openRights(netbox: NetBox): (changes: readonly Change[]) => Promise<void> {
  const seen = new Set<string>();
  const nameOf = ({ op, kind }: Change) => `${op} ${kind}`;
  return async changes => {
    const unsure = changes.filter(change => !seen.has(nameOf(change)));
    const missing = await netbox.missingRights(unsure);
    if (missing.length === 0) for (const change of unsure) seen.add(nameOf(change));
    else
      throw new Failure(
        'token-may-not-write',
        `The token${netbox.identity.user ? ` of ${netbox.identity.user}` : ''} may not do this: it lacks ${missing.join(', ')}`,
        {
          next: `Nothing was changed. ${howToGive}, and ${howToWrite}.`,
        },
      );
  };
}

function stopped(
  error: unknown,
  id: string,
  command: string,
  results: ReadonlyMap<ChangeKey, ChangeResult>,
  total: number,
): unknown {
  if (!(error instanceof Failure)) return error;
  const { done } = tally(results.values());
  return new Failure(error.kind, error.message, {
    cause: error,
    next: `${done} of ${counted(total, 'change')} known to be done, and nothing is lost.\n${waysOn(command, id)}`,
  });
}

function waysOn(command: string, id: string): string {
  return `To go on: bmtool ${command}\nTo take back what was done: bmtool undo ${id}`;
}
