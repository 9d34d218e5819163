import type { RecordKind } from '../../adapters/postgres/record/kinds.ts';
import type { Digest, FieldValue, ObjectName, RecordObject } from '../../adapters/postgres/record/record.ts';

/** `remade`: gone, and there again under another id: NetBox knows it as another one. */
export type Op = 'added' | 'removed' | 'changed' | 'remade';

export type FieldChange = {
  /** As it was; null where the object or the field was not there. */
  readonly before: FieldValue;
  /** As it is. */
  readonly after: FieldValue;
};

/** One object that differs. `name` is that of the later record, where it is in both. */
export type ObjectDiff = {
  /** What kind of object it is. */
  readonly kind: RecordKind;
  /** `remade`: deleted and made again, under another id. */
  readonly op: Op;
  /** NetBox's id. */
  readonly id: number;
  /** What it is called; of the later record, where it is in both. */
  readonly name: string;
  /** What differs, by the field. */
  readonly fields: Readonly<Record<string, FieldChange>>;
};

export type Ids = { readonly added: number[]; readonly removed: number[]; readonly changed: number[] };

/** What differs between two lists in the order of ids. One number for two objects that were made at different times is two objects. */
export async function matchById(
  before: AsyncIterable<readonly Digest[]>,
  after: AsyncIterable<readonly Digest[]>,
): Promise<Ids> {
  const ids: Ids = { added: [], removed: [], changed: [] };
  const [left, right] = [each(before), each(after)];
  let [here, there] = [await nextOf(left), await nextOf(right)];
  while (here !== undefined || there !== undefined) {
    const isInBefore = here !== undefined && here.id <= (there?.id ?? Infinity);
    const isInAfter = there !== undefined && there.id <= (here?.id ?? Infinity);
    if (isInBefore && isInAfter && here?.made === there?.made) {
      if (here?.digest !== there?.digest) ids.changed.push(here?.id ?? 0);
    } else {
      if (isInBefore) ids.removed.push(here?.id ?? 0);
      if (isInAfter) ids.added.push(there?.id ?? 0);
    }
    if (isInBefore) here = await nextOf(left);
    if (isInAfter) there = await nextOf(right);
  }
  return ids;
}

async function* each<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const page of pages) yield* page;
}

async function nextOf<T>(items: AsyncGenerator<T>): Promise<T | undefined> {
  const { done, value } = await items.next();
  return done ? undefined : value;
}

export type Pairs = {
  readonly remade: readonly { readonly before: ObjectName; readonly after: ObjectName }[];
  readonly added: readonly ObjectName[];
  readonly removed: readonly ObjectName[];
};

/** What has the same key on both sides, and so only once on each, is the same thing made anew. */
export function pairByKey(removed: readonly ObjectName[], added: readonly ObjectName[]): Pairs {
  const [gone, come] = [onlyOnes(removed), onlyOnes(added)];
  const remade = [...gone].flatMap(([key, before]) => {
    const after = come.get(key);
    return after === undefined ? [] : [{ before, after }];
  });
  const paired = new Set(remade.flatMap(({ before, after }) => [before, after]));
  return {
    remade,
    removed: removed.filter(one => !paired.has(one)),
    added: added.filter(one => !paired.has(one)),
  };
}

/** By key, without those of which there are several. */
function onlyOnes(names: readonly ObjectName[]): Map<string, ObjectName> {
  const byKey = Map.groupBy(names, ({ key }) => key);
  return new Map(
    [...byKey].flatMap(([key, [first, ...others]]) => (first && others.length === 0 ? [[key, first]] : [])),
  );
}

/** Fields that differ. Of custom fields each is one. A field that one side does not have is not compared: its column is told once. */
export function fieldChanges(before: RecordObject, after: RecordObject): Record<string, FieldChange> {
  const [here, there] = [flat(before.fields), flat(after.fields)];
  const names = [...new Set([...Object.keys(here), ...Object.keys(there)])];
  return Object.fromEntries(
    names
      .filter(name => !isSame(here[name], there[name]))
      .map(name => [name, { before: here[name] ?? null, after: there[name] ?? null }]),
  );
}

const customFields = 'custom_field_data';

function flat(fields: RecordObject['fields']): Record<string, FieldValue> {
  const { [customFields]: custom, ...others } = fields;
  return {
    ...others,
    ...Object.fromEntries(Object.entries(custom ?? {}).map(([name, value]) => [`custom ${name}`, value])),
  };
}

/** jsonb has one order of keys. */
function isSame(here: FieldValue, there: FieldValue): boolean {
  return JSON.stringify(here ?? null) === JSON.stringify(there ?? null);
}

export type TableDiff = {
  /** Its name in the database. */
  readonly table: string;
  /** Rows that it had; null where there was no such table. */
  readonly before: number | null;
  /** Rows that it has; null where there is no such table. */
  readonly after: number | null;
};

/** Tables with other numbers of rows; null where there is no such table. */
export function tableDiffs(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): TableDiff[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .map(table => ({ table, before: before[table] ?? null, after: after[table] ?? null }))
    .filter(({ before: here, after: there }) => here !== there);
}

/** Kinds and columns that only one side has: two versions of NetBox. They are not compared. */
export type ShapeDiff = {
  /** The kind of object. */
  readonly kind: RecordKind;
  /** What is kept of it; null for all of it. */
  readonly column: string | null;
  /** The side that has it. */
  readonly only: 'before' | 'after';
};

type Columns = ReadonlyMap<RecordKind, readonly string[]>;

export function shapeDiffs(before: Columns, after: Columns): ShapeDiff[] {
  const onlyIn = (here: Columns, there: Columns, only: ShapeDiff['only']) =>
    [...here].flatMap(([kind, columns]): ShapeDiff[] => {
      const others = there.get(kind);
      if (others === undefined) return [{ kind, column: null, only }];
      return columns.filter(column => !others.includes(column)).map(column => ({ kind, column, only }));
    });
  return [...onlyIn(before, after, 'before'), ...onlyIn(after, before, 'after')];
}

/** What both have of a kind. */
export function commonColumns(before: Columns, after: Columns): Map<RecordKind, string[]> {
  return new Map(
    [...before].flatMap(([kind, columns]) => {
      const others = after.get(kind);
      return others === undefined ? [] : [[kind, columns.filter(column => others.includes(column))] as const];
    }),
  );
}
