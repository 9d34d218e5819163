import type { Authored } from '../../adapters/netbox/change-log.ts';
import type { Standing } from '../../adapters/netbox/look-up.ts';
import { type Change, type ChangeKey, differingFields, isRef, mapFields } from '../../core/change.ts';
import { depths, kindText } from '../../core/plan.ts';
import type { Problem } from '../../core/problem.ts';
import { runIn } from './later.ts';
import type { Use } from './uses.ts';

/** What is known now about the object of one inverse change. */
export type Now = {
  /** Nothing when the object is gone. */
  readonly standing: Standing | undefined;
  /** Who else changed it since the run, newest first. */
  readonly others: readonly Authored[];
  /** The change is in NetBox's record no more: that was put back to before it, from a snapshot for instance. */
  readonly isPutBack?: boolean;
  /** What else uses it, where it is to be deleted. */
  readonly use?: Use;
  /** An earlier undo took it back, which stands. */
  readonly isTakenBack?: boolean;
  /** What is to be made stands already, under this id: somebody made it since. */
  readonly twin?: number;
};

export type UndoPlan = {
  readonly changes: readonly Change[];
  /** Objects that are left alone, each with who changed it. */
  readonly refused: readonly Problem[];
  /** Later runs of bmtool that changed, or use, what is left alone: newest first. */
  readonly laterRuns: readonly string[];
  /** Objects that were gone already and were to be deleted. */
  readonly gone: number;
  /** Objects that are as before the run already. */
  readonly putBack: number;
};

/**
 * Decides which inverse changes may be carried out. An object that somebody else changed since the run is left alone, and so
 * is an object that such a one still uses (the MAC of an interface that stays) or that was made for it (the entry about a cable
 * that stays). So is what something uses that this undo does not change. Everything else is done.
 *
 * `originals` are the run's own changes by key: which of them used an object made by another shows in their refs.
 */
export function planUndo(
  inverse: readonly Change[],
  now: ReadonlyMap<ChangeKey, Now>,
  originals: ReadonlyMap<ChangeKey, Change>,
): UndoPlan {
  const kept: Change[] = [];
  const refused: Problem[] = [];
  const left = new Map<ChangeKey, string>();
  const later = new Set<string>();
  let [gone, putBack] = [0, 0];
  /** The id of what the run deleted and stands again. */
  const idAgain = (key: ChangeKey) => {
    const original = originals.get(key);
    return now.get(key)?.isPutBack && original?.op === 'delete' ? original.id : now.get(key)?.twin;
  };
  // What is needed first is decided first: whether it stays is known by then.
  const deep = depths(inverse);
  for (const change of inverse.toSorted((a, b) => (deep.get(a.key) ?? 0) - (deep.get(b.key) ?? 0))) {
    const state = now.get(change.key);
    if (state?.isPutBack) {
      putBack += 1;
      continue;
    }
    if (state?.isTakenBack) continue;
    const usedBy = change.needs?.find(need => left.has(need) && uses(originals.get(need), change.key));
    const first = change.op === 'update' ? change.follows : undefined;
    // Alone where the write that it followed was put back.
    const follows = first && now.get(first)?.isPutBack ? undefined : first;
    const waitsFor = change.op === 'delete' ? change.needs?.find(need => left.has(need)) : undefined;
    const why =
      usedBy !== undefined
        ? `${left.get(usedBy)} still uses it`
        : waitsFor !== undefined
          ? `${left.get(waitsFor)} is left alone, and it was there first`
          : follows !== undefined
            ? followedRefusal(follows, left)
            : refusalOf(change, state);
    if (change.op === 'create' && why === undefined && state?.twin !== undefined) {
      refused.push({
        severity: 'error',
        subject: change.label,
        message: 'it is there already: somebody made it since',
      });
      continue;
    }
    if (why !== undefined) {
      left.set(change.key, change.label);
      refused.push({ severity: 'error', subject: change.label, message: why });
      for (const author of [...(state?.others ?? []), ...(state?.use?.last ? [state.use.last] : [])]) {
        const id = runIn(author);
        if (id !== undefined) later.add(id);
      }
    } else if (change.op === 'delete' && state?.standing === undefined) gone += 1;
    else kept.push(withStanding(freshened(change, state, follows), idAgain));
  }
  const keys = new Set(kept.map(change => change.key));
  const changes = kept.map(change => ({ ...change, needs: (change.needs ?? []).filter(need => keys.has(need)) }));
  return { changes, refused, laterRuns: [...later].sort().reverse(), gone, putBack };
}

/** What follows another change of the same object finds it as that one leaves it, whatever it looks like now. */
function followedRefusal(follows: ChangeKey, left: ReadonlyMap<ChangeKey, string>): string | undefined {
  return left.has(follows) ? 'what came after it is left alone' : undefined;
}

function refusalOf(change: Change, now: Now | undefined): string | undefined {
  if (change.op === 'create') return undefined;
  if (now?.use !== undefined && now.standing !== undefined) return useText(now.use);
  if (now?.standing === undefined) return change.op === 'update' ? 'it is gone from NetBox' : undefined;
  const [last] = now.others;
  const differing = differingFields(change.before, now.standing.fields);
  if (last !== undefined) {
    const what = differing.length > 0 ? ` (${differing.join(', ')})` : '';
    return `${last.user} changed it${what} ${whenText(last)}`;
  }
  return differing.length > 0
    ? `${differing.join(', ')} changed since, NetBox's change log does not say by whom`
    : undefined;
}

function useText({ by, field, last }: Use): string {
  const kind = kindText(by, 1);
  return `the ${kind} has it as its ${field}${last ? `; ${last.user} changed the ${kind} ${whenText(last)}` : ''}`;
}

function whenText({ time, message }: Authored): string {
  return `at ${time.slice(0, 19).replace('T', ' ')} UTC${message ? `: "${message}"` : ''}`;
}

/** The version as it is now: a no-op save by somebody moves it and changes nothing. `follows`: the change whose outcome guards it instead. */
function freshened(change: Change, now: Now | undefined, follows: ChangeKey | undefined): Change {
  if (change.op === 'update' && change.follows !== undefined) {
    if (follows !== undefined) return change;
    const { follows: _, ...alone } = change;
    return now?.standing?.version === undefined ? alone : { ...alone, version: now.standing.version };
  }
  if (change.op === 'create' || now?.standing?.version === undefined) return change;
  return { ...change, version: now.standing.version };
}

/** What was deleted and stands again needs not be made for those that refer to it. */
function withStanding(change: Change, idOf: (key: ChangeKey) => number | undefined): Change {
  if (change.op === 'delete') return change;
  return { ...change, after: mapFields(change.after, value => (isRef(value) ? (idOf(value.ref) ?? value) : value)) };
}

function uses(change: Change | undefined, key: ChangeKey): boolean {
  if (change === undefined || change.op === 'delete') return false;
  let found = false;
  mapFields(change.after, value => {
    if (isRef(value) && value.ref === key) found = true;
    return value;
  });
  return found;
}
