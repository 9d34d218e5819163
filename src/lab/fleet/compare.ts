import type { PostgresConnection } from '../../adapters/postgres/connect.ts';
import { agreeing, counted } from '../../core/counted.ts';

type Database = Pick<PostgresConnection, 'query'>;

/** A table whose rows are not the same in two databases; the samples are rows that only one of them has. */
export type TableDifference = { table: string; onlyFirst: string[]; onlySecond: string[]; count: number };

/** When it was written and under which random id says nothing about what was written. */
const ignoredColumns = ['created', 'last_updated', 'timestamp', 'applied'];
const randomIds = ['extras_cachedvalue'];

/** Change log, jobs and log-ins are traces of how a database came to be. */
const ignoredTables = ['core_objectchange', 'core_job', 'django_session'];

/**
 * Compares all rows of all tables of two NetBox databases, and where their sequences stand.
 *
 * @param first an open connection, as for `second`
 * @returns nothing when they are the same but for times and random ids
 */
export async function compareDatabases(first: Database, second: Database): Promise<TableDifference[]> {
  const tables = new Set([...(await readTables(first)), ...(await readTables(second))]);
  const differences: TableDifference[] = [];
  for (const table of [...tables].sort()) {
    const [left, right] = await Promise.all([readRows(first, table), readRows(second, table)]);
    const onlyFirst = minus(left, right);
    const onlySecond = minus(right, left);
    const count = onlyFirst.length + onlySecond.length;
    if (count > 0) {
      differences.push({ table, onlyFirst: onlyFirst.slice(0, 3), onlySecond: onlySecond.slice(0, 3), count });
    }
  }
  return differences;
}

/** Every difference with a few rows of each side, for a person. */
export function differencesText(differences: readonly TableDifference[], names: readonly [string, string]): string {
  return differences
    .map(({ table, count, onlyFirst, onlySecond }) =>
      [
        `${table}: ${counted(count, 'row')} ${agreeing(count, 'differs', 'differ')}`,
        ...onlyFirst.map(row => `  only ${names[0]}: ${row}`),
        ...onlySecond.map(row => `  only ${names[1]}: ${row}`),
      ].join('\n'),
    )
    .join('\n');
}

async function readTables(client: Database): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL ($1)",
    [ignoredTables],
  );
  return [...rows.map(row => row.name), 'pg_sequences'];
}

async function readRows(client: Database, table: string): Promise<string[]> {
  if (table === 'pg_sequences') return readSequences(client);
  const ignored = randomIds.includes(table) ? [...ignoredColumns, 'id'] : ignoredColumns;
  const { rows } = await client.query<{ row: string }>(
    `SELECT (to_jsonb(t) - $1::text[])::text AS row FROM public."${table}" t`,
    [ignored],
  );
  return rows.map(({ row }) => row);
}

async function readSequences(client: Database): Promise<string[]> {
  const { rows } = await client.query<{ row: string }>(
    `SELECT sequencename || ' stands at ' || last_value AS row FROM pg_sequences
     WHERE schemaname = 'public' AND last_value IS NOT NULL AND sequencename <> ALL ($1)`,
    [ignoredTables.map(table => `${table}_id_seq`)],
  );
  return rows.map(({ row }) => row);
}

/** Multiset difference: a row that occurs twice on one side and once on the other is a difference. */
function minus(rows: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const row of others) left.set(row, (left.get(row) ?? 0) + 1);
  return rows.filter(row => {
    const count = left.get(row) ?? 0;
    left.set(row, count - 1);
    return count <= 0;
  });
}
