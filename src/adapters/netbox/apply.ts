import { type Change, type ChangeKey, type ChangeResult, interruptedReason } from '../../core/change.ts';
import { checkPlan } from '../../core/plan.ts';
import { kinds } from './kinds.ts';
import { type Lanes, openLanes } from './lanes.ts';
import type { Done } from './look-up.ts';
import type { Sender } from './payload.ts';
import { openQueue } from './queue.ts';
import type { Reader } from './read.ts';
import { sendBatch } from './send.ts';
import { can } from './versions.ts';

export type ApplyOptions = {
  /** Goes into NetBox's change log with every write (4.4 and later), at most 200 characters. */
  readonly message: string;
  /** Called before a batch leaves: from now on it may have happened. */
  readonly onSend: (changes: readonly Change[]) => void;
  /** Called when a lane, counted from 0, takes up a batch, and with nothing when it is through with it. */
  readonly onLane: (lane: number, batch: readonly Change[] | undefined) => void;
  /** Called once for every change, when its fate is known. */
  readonly onResult: (result: ChangeResult) => void;
};

/** The most requests in flight: more than NetBox has cores only makes its workers queue. */
const mostLanes = 8;
const firstLanes = 3;
/** 4.6 and earlier accept a longer message and then fail with a 500. */
const longestMessage = 200;

/**
 * Carries out changes in the order that their needs want, several batches at a time. Every change gets one result
 * through `onResult`. Throws `Failure` when NetBox cannot be used any more: changes that were sent and have no result by then may or may not
 * have happened.
 * When `signal` aborts, what is in flight is finished and the rest is skipped.
 */
export async function applyChanges(reader: Reader, changes: readonly Change[], options: ApplyOptions): Promise<void> {
  checkPlan(changes);
  const queue = openQueue(changes, ({ op, kind }) => op === 'create' && kinds[kind].createsAlone === true);
  const lanes = openLanes({ start: firstLanes, most: mostLanes });
  const done = new Map<ChangeKey, Done>();
  const sender: Sender = {
    ...reader,
    message: can(reader.version, 'changelogMessage') ? options.message.slice(0, longestMessage) : undefined,
    idOf: key => done.get(key)?.id,
    versionOf: key => done.get(key)?.version,
    strained: () => lanes.strained(),
  };
  /** By lane. */
  const inFlight = new Map<number, Promise<void>>();
  let trouble: unknown;

  const settle = (change: Change, result: ChangeResult): void => {
    if (result.state === 'done') done.set(change.key, result);
    options.onResult(result);
    for (const skipped of queue.settle(change, result)) options.onResult(skipped);
  };
  const run = async (batch: Change[]): Promise<void> => {
    options.onSend(batch);
    const byKey = new Map(batch.map(change => [change.key, change]));
    await sendBatch(sender, batch, results => {
      for (const result of results) settle(byKey.get(result.key) ?? unknownKey(result.key), result);
    });
    lanes.landed(
      batch.reduce((sum, change) => sum + kinds[change.kind].cost, 0),
      Date.now(),
    );
  };

  for (;;) {
    while (trouble === undefined && !reader.signal.aborted && inFlight.size < lanes.limit) {
      const batch = queue.take((change, counts) => batchSize(change, counts, lanes), {
        hungry: inFlight.size === 0,
      });
      if (batch === undefined) break;
      const lane = firstFree(inFlight);
      const flight = run(batch)
        .catch(error => {
          trouble ??= error;
        })
        .finally(() => {
          inFlight.delete(lane);
          options.onLane(lane, undefined);
        });
      inFlight.set(lane, flight);
      options.onLane(lane, batch);
    }
    if (inFlight.size === 0) break;
    await Promise.race(inFlight.values());
  }
  const reason = trouble === undefined ? interruptedReason : 'the run was stopped';
  for (const change of queue.remaining()) options.onResult({ key: change.key, state: 'skipped', reason });
  if (trouble !== undefined) throw trouble;
}

function firstFree(taken: ReadonlyMap<number, unknown>): number {
  let lane = 0;
  while (taken.has(lane)) lane += 1;
  return lane;
}

/** NetBox's work below which a request of its own does not pay, milliseconds. */
const leastWorkMs = 400;

/** Near the end of everything what can be sent is shared out, so that no lane is left with a full batch while the others idle. */
function batchSize({ kind }: Change, { left, ready }: { left: number; ready: number }, lanes: Lanes): number {
  const { batch, cost } = kinds[kind];
  if (left / lanes.limit >= batch) return batch;
  return Math.min(batch, Math.max(Math.ceil(leastWorkMs / cost), Math.ceil(ready / lanes.limit)));
}

function unknownKey(key: ChangeKey): never {
  throw new Error(`a result for ${key}, which was not in the batch`);
}
