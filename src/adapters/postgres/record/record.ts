import type { PostgresConnection } from '../connect.ts';
import { quoted } from '../swap.ts';
import {
  columnsOf,
  digestQuery,
  namesQuery,
  objectsQuery,
  type RecordKind,
  recordKinds,
  type Shape,
  tablesOf,
  toldTables,
} from './kinds.ts';

/** What NetBox's worker makes of the others, in its own time: the index of its search. */
const derivedTables = ['extras_cachedvalue'];

/** `made`: when NetBox made the object. Ids are given again after a restore; a time is not. */
export type Digest = { readonly id: number; readonly made: string; readonly digest: string };

/** A field as NetBox's database has it; of a reference both the number and what people call it. */
export type FieldValue = unknown | Reference;
export type Reference = { readonly id: number; readonly name: string | null };
export type RecordObject = {
  readonly id: number;
  readonly name: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
};

/** `key`: by what it is the same thing when it was deleted and made again. */
export type ObjectName = { readonly id: number; readonly name: string; readonly key: string };

/** NetBox's database as it is at one moment. */
export type RecordReader = {
  /** Which kinds of objects this NetBox has, and the columns that are worth comparing. */
  columns(): Promise<ReadonlyMap<RecordKind, readonly string[]>>;
  /** All objects of a kind in the order of their ids, page by page. */
  digests(kind: RecordKind, columns: readonly string[]): AsyncIterable<readonly Digest[]>;
  names(kind: RecordKind, ids: readonly number[]): Promise<ObjectName[]>;
  objects(kind: RecordKind, ids: readonly number[], columns: readonly string[]): Promise<Map<number, RecordObject>>;
  /** Rows of all tables but those of the kinds. */
  counts(): Promise<Readonly<Record<string, number>>>;
};

const pageRows = 5000;

/** Reads in one transaction of its own, so that all of it is of one moment. */
export async function whileReading<T>(
  connection: PostgresConnection,
  work: (record: RecordReader) => Promise<T>,
): Promise<T> {
  // Two databases may have settings of their own, which would make other texts of the same rows.
  await connection.query(
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'",
  );
  const shape = await readShape(connection);
  const result = await work({
    columns: async () =>
      new Map(
        recordKinds
          .filter(kind => tablesOf(kind).every(table => shape.has(table)))
          .map(kind => [kind, columnsOf(kind, shape)]),
      ),
    async *digests(kind, columns) {
      const query = digestQuery(kind, columns, shape);
      for (let after = 0; ; ) {
        const { rows } = await connection.query<Digest>(query, [after, pageRows]);
        yield rows;
        const last = rows.at(-1);
        if (last === undefined || rows.length < pageRows) return;
        after = last.id;
      }
    },
    async names(kind, ids) {
      const { rows } = await connection.query<ObjectName>(namesQuery(kind, shape), [ids]);
      return rows;
    },
    async objects(kind, ids, columns) {
      const query = objectsQuery(kind, columns, shape);
      const { rows } = await connection.query<RecordObject>(query, [ids]);
      return new Map(rows.map(row => [row.id, row]));
    },
    counts: () => readCounts(connection, shape),
  });
  await connection.query('COMMIT');
  return result;
}

/** Tables that are found by their bare name and may be read, with their columns. */
async function readShape(connection: PostgresConnection): Promise<Shape> {
  const { rows } = await connection.query<{ table: string; column: string; refersTo: string | null }>(
    `SELECT c.relname AS "table", a.attname AS "column", r.relname AS "refersTo"
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]
     LEFT JOIN pg_class r ON r.oid = k.confrelid
     WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid) AND has_table_privilege(c.oid, 'SELECT') AND c.relnamespace <> 'pg_catalog'::regnamespace
     ORDER BY c.relname, a.attname`,
  );
  const shape = new Map<string, Map<string, { refersTo: string | undefined }>>();
  for (const { table, column, refersTo } of rows) {
    const columns = shape.get(table) ?? new Map();
    columns.set(column, { refersTo: refersTo ?? undefined });
    shape.set(table, columns);
  }
  return shape;
}

async function readCounts(connection: PostgresConnection, shape: Shape): Promise<Record<string, number>> {
  const tables = [...shape.keys()].filter(table => !toldTables.includes(table) && !derivedTables.includes(table));
  if (tables.length === 0) return {};
  const { rows } = await connection.query<{ index: number; count: number }>(
    tables
      .map((table, i) => `SELECT ${i} AS index, count(*)::float8 AS count FROM ${quoted(table)}`)
      .join(' UNION ALL '),
  );
  return Object.fromEntries(rows.map(({ index, count }) => [tables[index] ?? '?', count]));
}
