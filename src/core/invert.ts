import {
  type Change,
  type ChangeKey,
  type ChangeResult,
  type Fields,
  mapFields,
  type ObjectKind,
  withoutRefs,
} from './change.ts';

/** A change that a run carried out, with what NetBox answered. */
export type DoneChange = { readonly change: Change; readonly result: Extract<ChangeResult, { state: 'done' }> };

/** Which fields of a kind hold the id of another kind: undoing a delete gives the object a new id, and these must follow. */
export type References = (kind: ObjectKind, field: string, fields: Fields) => ObjectKind | undefined;

/**
 * The plan that takes back what a run did: what it created is deleted, what it deleted is created again, what it
 * updated gets its old values. What was needed first goes last. Inverting an inverse gives the run again (a redo), with new
 * ids for what is made anew.
 *
 * `done` in the order of the plan.
 */
export function invertChanges(done: readonly DoneChange[], references: References): Change[] {
  const ids = new Map(done.map(({ change, result }) => [change.key, result.id]));
  const remade = new Map<string, ChangeKey>();
  for (const { change } of done) {
    if (change.op === 'delete') remade.set(`${change.kind} ${change.id}`, change.key);
  }
  const follow = (kind: ObjectKind, fields: Fields): Fields =>
    mapFields(fields, (value, name) => {
      const target = typeof value === 'number' ? references(kind, name, fields) : undefined;
      const key = target === undefined ? undefined : remade.get(`${target} ${value}`);
      return key === undefined ? value : { ref: key };
    });
  const resolve = (fields: Fields) => withoutRefs(fields, key => ids.get(key) ?? missing(key));

  const dependants = new Map<ChangeKey, ChangeKey[]>();
  for (const { change } of done) {
    for (const need of change.needs ?? []) {
      if (ids.has(need)) dependants.set(need, [...(dependants.get(need) ?? []), change.key]);
    }
  }

  // Two changes of one object are taken back in the other order, so that the earlier one follows the later.
  const followers = new Map(
    done.flatMap(({ change }) =>
      change.op === 'update' && change.follows ? [[change.follows, change.key] as const] : [],
    ),
  );

  const invert = ({ change, result }: DoneChange): Change => {
    const { key, kind, label, subject } = change;
    const about = { key, kind, label, subject, needs: dependants.get(key) ?? [] };
    const version = result.version === undefined ? {} : { version: result.version };
    if (change.op === 'delete') return { ...about, op: 'create', after: follow(kind, change.before) };
    const before = resolve(change.after);
    if (change.op === 'create') return { ...about, op: 'delete', id: result.id, before, ...version };
    const follower = followers.get(change.key);
    const guard = follower === undefined ? version : { follows: follower };
    return { ...about, op: 'update', id: change.id, before, after: follow(kind, change.before), ...guard };
  };
  return done.toReversed().map(invert);
}

function missing(key: ChangeKey): never {
  throw new Error(`the run has no id for ${key}`);
}
