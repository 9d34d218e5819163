import type { RecordKind } from '../../adapters/postgres/record/kinds.ts';
import type { ObjectName, RecordReader } from '../../adapters/postgres/record/record.ts';
import { Failure } from '../../core/failure.ts';
import { naturalOrder } from '../../core/natural-order.ts';
import {
  commonColumns,
  fieldChanges,
  matchById,
  type ObjectDiff,
  type Op,
  pairByKey,
  type ShapeDiff,
  shapeDiffs,
  type TableDiff,
  tableDiffs,
} from './record-diff.ts';
import type { Snapshot } from './shelf.ts';
import type { SnapshotsTools } from './tools.ts';

/** A snapshot, or the record as it is now. */
export type Side = Snapshot | 'live';

export type RecordDiff = {
  /** By kind, and within one by name. */
  readonly objects: readonly ObjectDiff[];
  /** Other tables with other numbers of rows. */
  readonly tables: readonly TableDiff[];
  /** What only one side keeps: two versions of NetBox. */
  readonly shape: readonly ShapeDiff[];
  /** Kinds that were compared. */
  readonly kinds: readonly RecordKind[];
};

const batch = 1000;

/** What is different in `after`. Both are read at one moment each. */
export async function diff(tools: SnapshotsTools, before: Side, after: Side): Promise<RecordDiff> {
  const { database, progress } = tools;
  const step = progress.step('comparing');
  const look = <T>(side: Side, work: (record: RecordReader) => Promise<T>): Promise<T> =>
    side === 'live'
      ? database.read(database.source, work)
      : database.whileOpen(side.database, () => database.read(side.database, work));
  try {
    const found = await look(before, here => look(after, there => diffRecords(here, there, tools.interrupt)));
    step.done();
    return found;
  } catch (error) {
    step.fail();
    throw error;
  }
}

export async function diffRecords(
  before: RecordReader,
  after: RecordReader,
  interrupt: AbortSignal,
): Promise<RecordDiff> {
  const [here, there] = await Promise.all([before.columns(), after.columns()]);
  const common = commonColumns(here, there);
  const objects: ObjectDiff[] = [];
  for (const [kind, columns] of common) {
    for (const found of await diffKind({ before, after }, { kind, columns }, interrupt)) objects.push(found);
  }
  const [rowsBefore, rowsAfter] = await Promise.all([before.counts(), after.counts()]);
  const tables = tableDiffs(rowsBefore, rowsAfter);
  return { objects, tables, shape: shapeDiffs(here, there), kinds: [...common.keys()] };
}

type Both = { readonly before: RecordReader; readonly after: RecordReader };

/** Digests of all rows first: whole rows are read only of what differs. */
async function diffKind(
  { before, after }: Both,
  { kind, columns }: { kind: RecordKind; columns: readonly string[] },
  interrupt: AbortSignal,
): Promise<ObjectDiff[]> {
  const ids = await matchById(
    interruptible(before.digests(kind, columns), interrupt),
    interruptible(after.digests(kind, columns), interrupt),
  );
  const [gone, come] = await Promise.all([namesOf(before, kind, ids.removed), namesOf(after, kind, ids.added)]);
  const { remade, removed, added } = pairByKey(gone, come);
  const found: ObjectDiff[] = [
    ...removed.map(({ id, name }) => ({ kind, op: 'removed' as const, id, name, fields: {} })),
    ...added.map(({ id, name }) => ({ kind, op: 'added' as const, id, name, fields: {} })),
  ];
  const pairs: (readonly [Op, number, number])[] = [
    ...ids.changed.map(id => ['changed', id, id] as const),
    ...remade.map(({ before: old, after: now }) => ['remade', old.id, now.id] as const),
  ];
  for (const some of batches(pairs)) {
    const [old, now] = await Promise.all([
      before.objects(
        kind,
        some.map(([, id]) => id),
        columns,
      ),
      after.objects(
        kind,
        some.map(([, , id]) => id),
        columns,
      ),
    ]);
    for (const [op, oldId, id] of some) {
      const [was, is] = [old.get(oldId), now.get(id)];
      if (was !== undefined && is !== undefined)
        found.push({ kind, op, id, name: is.name, fields: fieldChanges(was, is) });
    }
  }
  return found.sort((a, b) => naturalOrder(a.name, b.name));
}

async function namesOf(record: RecordReader, kind: RecordKind, ids: readonly number[]): Promise<ObjectName[]> {
  const names: ObjectName[] = [];
  for (const some of batches(ids)) names.push(...(await record.names(kind, some)));
  return names;
}

function* batches<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += batch) yield all.slice(at, at + batch);
}

async function* interruptible<T>(pages: AsyncIterable<T>, interrupt: AbortSignal): AsyncGenerator<T> {
  for await (const page of pages) {
    if (interrupt.aborted) throw new Failure('interrupted', 'Interrupted; nothing was changed');
    yield page;
  }
}
