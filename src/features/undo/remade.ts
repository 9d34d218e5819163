import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { Run } from '../../adapters/runs/run.ts';
import { type Change, type ChangeResult, type Fields, mapFields, type ObjectKind } from '../../core/change.ts';
import type { References } from '../../core/invert.ts';

/** What an object became that a run deleted and its undo made again, with the answer to that. */
type Again = Extract<ChangeResult, { state: 'done' }>;

export type Remade = (kind: ObjectKind, id: number) => Again | undefined;

/** Objects that were deleted by one of these runs and made again by the undo of it have another id since. */
export function openRemade(runs: readonly Run[]): Remade {
  const byId = new Map(runs.map(run => [run.header.id, run]));
  const again = new Map<string, Again>();
  for (const undo of runs) {
    const undone = byId.get(undo.header.undoes ?? '');
    if (undone === undefined) continue;
    const ids = new Map(undone.changes.map(change => [change.key, idIn(undone, change)]));
    for (const { op, kind, key } of undo.changes) {
      const result = undo.results.get(key);
      const before = ids.get(key);
      if (op === 'create' && result?.state === 'done' && before !== undefined) again.set(`${kind} ${before}`, result);
    }
  }
  return (kind, id) => {
    let last: Again | undefined;
    for (let next = again.get(`${kind} ${id}`); next !== undefined; next = again.get(`${kind} ${next.id}`)) last = next;
    return last;
  };
}

/** The id of the object that a change made, changed or deleted. */
function idIn(run: Run, change: Change): number | undefined {
  if (change.op !== 'create') return change.id;
  const result = run.results.get(change.key);
  return result?.state === 'done' ? result.id : undefined;
}

/** Of these, what is in NetBox's record: where that was put back since, the objects have their first ids again. */
export async function inRecord(
  netbox: Pick<NetBox, 'count'>,
  changes: readonly Change[],
  remade: Remade,
  references: References,
): Promise<Remade> {
  const requests = new Set<string>();
  const note: Remade = (kind, id) => {
    const again = remade(kind, id);
    if (again?.request !== undefined) requests.add(again.request);
    return again;
  };
  followRemade(changes, note, references);
  const there = new Set<string | undefined>();
  for (const request of requests)
    if ((await netbox.count('core/object-changes/', [['request_id', request]])) > 0) there.add(request);
  return (kind, id) => {
    const again = remade(kind, id);
    return there.has(again?.request) ? again : undefined;
  };
}

/** The same changes, of the objects as they are called now. */
export function followRemade(changes: readonly Change[], remade: Remade, references: References): Change[] {
  const inFields = (kind: ObjectKind, fields: Fields) =>
    mapFields(fields, (value, name) => {
      const target = typeof value === 'number' ? references(kind, name, fields) : undefined;
      return target === undefined ? value : (remade(target, value as number)?.id ?? value);
    });
  return changes.map(change => {
    if (change.op === 'create') return { ...change, after: inFields(change.kind, change.after) };
    const again = remade(change.kind, change.id);
    const now = again === undefined ? {} : { id: again.id, ...(again.version ? { version: again.version } : {}) };
    const before = inFields(change.kind, change.before);
    return change.op === 'delete'
      ? { ...change, ...now, before }
      : { ...change, ...now, before, after: inFields(change.kind, change.after) };
  });
}
