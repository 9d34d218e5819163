import type { Change, ChangeKey, ChangeResult } from '../../core/change.ts';
import { depths } from '../../core/plan.ts';

/** Changes waiting to be sent: hands out batches whose needs are met, one subject never twice at a time. */
export type ChangeQueue = {
  /**
   * The next batch: one kind, one verb. `sizeFor` says how many rows a batch like this should have, given how many changes of all
   * kinds are still to be sent (`left`) and how many like this could be sent now (`ready`). A smaller one is given only with `hungry`: when nothing is in flight that could fill it up.
   */
  take(
    sizeFor: (change: Change, counts: { left: number; ready: number }) => number,
    options: { hungry: boolean },
  ): Change[] | undefined;
  /** Says how a change ended. Gives the results of those that can never be sent because of it. */
  settle(change: Change, result: ChangeResult): ChangeResult[];
  /** What was never handed out. */
  remaining(): Change[];
};

type Group = {
  readonly depth: number;
  readonly alone: boolean;
  readonly ready: Set<Change>;
  outstanding: number;
  inFlight: number;
};

/** @param alone whether batches of such changes are never in flight two at a time; they go first then, for nothing can make up for their waiting */
export function openQueue(changes: readonly Change[], alone: (change: Change) => boolean = () => false): ChangeQueue {
  const depthOf = depths(changes);
  const waitingFor = new Map<Change, Set<ChangeKey>>();
  const dependants = new Map<ChangeKey, Change[]>();
  const groups = new Map<string, Group>();
  const busySubjects = new Set<string>();
  const left = new Set(changes);

  for (const change of changes) {
    const depth = depthOf.get(change.key) ?? 0;
    const group = groups.get(groupOf(change)) ?? {
      depth,
      alone: alone(change),
      ready: new Set<Change>(),
      outstanding: 0,
      inFlight: 0,
    };
    group.outstanding += 1;
    groups.set(groupOf(change), group);
    waitingFor.set(change, new Set(change.needs));
    for (const need of change.needs ?? []) dependants.set(need, [...(dependants.get(need) ?? []), change]);
    if (!change.needs?.length) enqueue(change);
  }

  function enqueue(change: Change): void {
    groups.get(groupOf(change))?.ready.add(change);
  }

  function leave(change: Change): void {
    left.delete(change);
    const group = groups.get(groupOf(change));
    if (group === undefined) return;
    group.ready.delete(change);
    group.outstanding -= 1;
  }

  function drop(change: Change, reason: string): ChangeResult[] {
    if (!left.has(change)) return [];
    leave(change);
    return [{ key: change.key, state: 'skipped', reason }, ...dropDependants(change, reason)];
  }

  function dropDependants(change: Change, reason: string): ChangeResult[] {
    return (dependants.get(change.key) ?? []).flatMap(dependant => drop(dependant, reason));
  }

  function handOut(batch: Change[]): Change[] {
    for (const change of batch) {
      leave(change);
      busySubjects.add(change.subject);
    }
    const [first] = batch;
    const group = first && groups.get(groupOf(first));
    if (group) group.inFlight += batch.length;
    return batch;
  }

  return {
    take(sizeFor, { hungry }) {
      // Deepest first: what has been begun is finished before more is begun, so a kill leaves little half done.
      const inOrder = [...groups.values()].sort((a, b) => Number(b.alone) - Number(a.alone) || b.depth - a.depth);
      let fallback: Change[] = [];
      for (const group of inOrder) {
        if (group.alone && group.inFlight > 0) continue;
        const free = [...group.ready].filter(change => !busySubjects.has(change.subject));
        const first = free[0];
        if (first === undefined) continue;
        const size = sizeFor(first, { left: left.size, ready: free.length });
        if (free.length >= Math.min(size, group.outstanding)) return handOut(free.slice(0, size));
        if (free.length > fallback.length) fallback = free.slice(0, size);
      }
      return hungry && fallback.length > 0 ? handOut(fallback) : undefined;
    },
    settle(change, result) {
      busySubjects.delete(change.subject);
      const group = groups.get(groupOf(change));
      if (group) group.inFlight -= 1;
      if (result.state !== 'done') return dropDependants(change, `${change.label} ${result.state}: ${result.reason}`);
      for (const dependant of dependants.get(change.key) ?? []) {
        const needs = waitingFor.get(dependant);
        needs?.delete(change.key);
        if (needs?.size === 0 && left.has(dependant)) enqueue(dependant);
      }
      return [];
    },
    remaining: () => [...left],
  };
}

/** What may share a request: one endpoint, one verb, all with a version to guard or none. */
function groupOf(change: Change): string {
  const guarded = change.op !== 'create' && (change.version ?? (change.op === 'update' ? change.follows : undefined));
  return `${change.kind} ${change.op} ${guarded !== undefined}`;
}
