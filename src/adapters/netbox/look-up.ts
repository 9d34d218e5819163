import {
  type Change,
  type ChangeKey,
  type ChangeResult,
  type Create,
  differingFields,
  type Fields,
  type ObjectKind,
  withoutRefs,
} from '../../core/change.ts';
import { kinds, writeForms } from './kinds.ts';
import { type Reader, type Row, readByValues } from './read.ts';

export type Done = Extract<ChangeResult, { state: 'done' }>;

/** An object as it stands now, in write form, with its version. */
export type Standing = { readonly id: number; readonly fields: Fields; readonly version: string | undefined };

/** Reads the named fields of objects by id. Ids that are gone are simply not in the answer. */
export async function readStanding(
  reader: Reader,
  kind: ObjectKind,
  ids: readonly number[],
  fields: readonly string[],
): Promise<ReadonlyMap<number, Standing>> {
  const wanted = new Set(ids);
  const rows = await readByValues(reader, kinds[kind].path, 'id', [...wanted], { fields: [...fields, 'last_updated'] });
  return new Map(rows.filter(row => wanted.has(row.id)).map(row => [row.id, standingOf(row)]));
}

/**
 * Which of these changes have in fact happened, by looking at NetBox: for writes whose answer was lost, and for runs that were
 * killed with requests in flight. `idOf` resolves refs; a change whose refs cannot be resolved cannot have been sent.
 */
export async function findDone(
  reader: Reader,
  changes: readonly Change[],
  idOf: (key: ChangeKey) => number | undefined,
): Promise<Map<ChangeKey, Done>> {
  const known = new Map<ChangeKey, Done>();
  const resolve = (key: ChangeKey) => idOf(key) ?? known.get(key)?.id ?? Number.NaN;
  for (const [kind, group] of groupByKind(changes)) {
    for (const done of await findDoneOfKind(reader, kind, group, resolve)) known.set(done.key, done);
  }
  return known;
}

async function findDoneOfKind(
  reader: Reader,
  kind: ObjectKind,
  changes: readonly Change[],
  resolve: (key: ChangeKey) => number,
): Promise<Done[]> {
  const existing = changes.filter(change => change.op !== 'create');
  const names = new Set(changes.flatMap(change => (change.op === 'update' ? Object.keys(change.after) : [])));
  const standing = await readStanding(
    reader,
    kind,
    existing.map(change => change.id),
    [...names],
  );
  const done: Done[] = [];
  for (const change of existing) {
    const now = standing.get(change.id);
    if (change.op === 'delete') {
      if (now === undefined) done.push({ key: change.key, state: 'done', id: change.id });
    } else if (now && differingFields(withoutRefs(change.after, resolve), now.fields).length === 0)
      done.push(doneBy(change, now));
  }
  const creates = changes.filter(change => change.op === 'create');
  return [...done, ...(await findTwins(reader, kind, creates, resolve))];
}

/** The objects that these creates would have made, where they are there: for each the newest one that has just its values. */
async function findTwins(
  reader: Reader,
  kind: ObjectKind,
  creates: readonly Create[],
  resolve: (key: ChangeKey) => number,
): Promise<Done[]> {
  const { path, twin } = kinds[kind];
  const wanted = creates.map(create => ({ create, fields: withoutRefs(create.after, resolve) }));
  const values = new Set(
    wanted
      .map(({ fields }) => fields[twin.by])
      .filter(value => (typeof value === 'string' && value !== '') || Number.isFinite(value)),
  );
  const rows = await readByValues(reader, path, twin.filter, [...values] as (string | number)[], {
    fields: [...twin.fields, 'last_updated'],
  });
  const there = Map.groupBy(rows.map(standingOf), row => row.fields[twin.by]);
  return wanted.flatMap(({ create, fields }) => {
    const identity = Object.fromEntries(
      twin.fields.filter(name => name in fields).map(name => [name, fields[name] ?? null]),
    );
    const found = there.get(fields[twin.by])?.findLast(row => differingFields(identity, row.fields).length === 0);
    return found ? [doneBy(create, found)] : [];
  });
}

function standingOf(row: Row): Standing {
  const { id, last_updated, ...fields } = row;
  return { id, fields: writeForms(fields), version: typeof last_updated === 'string' ? last_updated : undefined };
}

function doneBy(change: Change, standing: Standing): Done {
  return {
    key: change.key,
    state: 'done',
    id: standing.id,
    ...(standing.version === undefined ? {} : { version: standing.version }),
  };
}

/** In the order of the changes, so that what is needed is known before what needs it. */
function groupByKind(changes: readonly Change[]): [ObjectKind, Change[]][] {
  const groups: [ObjectKind, Change[]][] = [];
  for (const change of changes) {
    const last = groups.find(([kind]) => kind === change.kind);
    if (last) last[1].push(change);
    else groups.push([change.kind, [change]]);
  }
  return groups;
}
