import { createHash } from 'node:crypto';
import type { PostgresConnection } from '../../adapters/postgres/connect.ts';
import { parseDump, planSchema } from './dump.ts';
import { generateFleet } from './generate.ts';
import { dumpDatabase } from './pg-dump.ts';
import type { Scratch } from './scratch.ts';
import { fleetSql } from './sql.ts';
import { writtenAt } from './sql-values.ts';

/** The fleet of the base snapshot. */
export const baseFleet = { servers: 601, seed: 1 } as const;

/** `migrations`: SHA-256 of the sorted `app.name` lines of django_migrations, joined by newlines. */
export type Schema = { sql: string; migrations: string };

/** The SQL of the base snapshot's fleet. Pure: under a tenth of a second, no services. */
export function baseFleetSql(): string {
  return [...fleetSql(generateFleet(baseFleet))].join('');
}

/**
 * Makes an empty NetBox by its own migrations and writes it down as SQL: some minutes. The same NetBox gives the same
 * text every time, whatever the clock says.
 */
export async function makeSchema(scratch: Scratch, tools: { pgDump: string; signal: AbortSignal }): Promise<Schema> {
  const database = 'schema';
  await scratch.createDatabase(database);
  await scratch.migrate(database);
  await using connection = await scratch.connect(database);
  await orderRows(connection);
  const dump = await dumpDatabase(tools.pgDump, { ...scratch.address, database, signal: tools.signal });
  const statements = planSchema(parseDump(dump), writtenAt);
  return {
    sql: statements.map(statement => `${statement};\n`).join(''),
    migrations: await migrationsDigest(connection),
  };
}

/** The first line in which two texts differ, for a person; nothing when they are the same. */
export function firstDifference(texts: { made: string; shipped: string }): string | undefined {
  if (texts.made === texts.shipped) return undefined;
  const made = texts.made.split('\n');
  const shipped = texts.shipped.split('\n');
  const line = made.findIndex((text, i) => text !== shipped[i]);
  const at = line === -1 ? made.length : line;
  const shown = (text: string | undefined) => (text === undefined ? '(the end)' : text.slice(0, 300));
  return `line ${at + 1}\n  shipped: ${shown(shipped[at])}\n  made:    ${shown(made[at])}`;
}

/** Puts rows into the order of their keys: where rows lie depends on when autovacuum came by, and pg_dump follows that. */
async function orderRows(connection: PostgresConnection): Promise<void> {
  const { rows } = await connection.query<{ table: string; key: string }>(
    `SELECT c.relname AS table, i.relname AS key FROM pg_index x
     JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
     WHERE x.indisprimary AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace`,
  );
  for (const { table, key } of rows) {
    // CLUSTER leaves a mark that pg_dump would repeat.
    await connection.query(`CLUSTER "${table}" USING "${key}"; ALTER TABLE "${table}" SET WITHOUT CLUSTER`);
  }
}

async function migrationsDigest(connection: PostgresConnection): Promise<string> {
  const { rows } = await connection.query<{ name: string }>("SELECT app || '.' || name AS name FROM django_migrations");
  const names = rows.map(row => row.name).sort();
  return createHash('sha256').update(names.join('\n')).digest('hex');
}
