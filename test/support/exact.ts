import { Client } from 'pg';
import { expect } from 'vitest';
import { labDirOf, readState } from '../../src/lab/state.ts';
import { labEnv } from './lab-env.ts';

/** A digest of every table's rows, and the last value of every sequence: nothing of a database is left out but what NetBox writes on every request. */
export type Exact = Readonly<Record<string, string>>;

/** `last_used` of the token that a request comes with. */
const onEveryRequest = ['users_token'];

export async function exactly(connectionString = labEnv().DATABASE_URL): Promise<Exact> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT quote_ident(table_name) AS name FROM information_schema.tables
       WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> ALL($1) ORDER BY 1`,
      [onEveryRequest],
    );
    const questions = [
      ...tables.map(
        ({ name }) =>
          `SELECT '${name}' AS name, count(*) || ' ' || md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C"), '')) AS digest FROM ${name} t`,
      ),
      `SELECT 'sequence ' || sequencename, coalesce(last_value::text, '-') FROM pg_sequences WHERE schemaname = 'public'`,
    ];
    const { rows } = await client.query<{ name: string; digest: string }>(questions.join(' UNION ALL '));
    return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
  } finally {
    await client.end();
  }
}

/** The names of the tables in which two records differ. */
export function tablesThatDiffer(before: Exact, after: Exact): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter(name => before[name] !== after[name])
    .sort();
}

/** Statements beside NetBox's database, as the lab's superuser. */
export async function asLabSuperuser<T = Record<string, unknown>>(query: string): Promise<T[]> {
  const { BMTOOL_STATE_DIR = '', PGHOST, PGPORT } = labEnv();
  const password = readState(BMTOOL_STATE_DIR)?.secrets.postgresPassword;
  if (password === undefined) expect.fail(`no lab in ${labDirOf(BMTOOL_STATE_DIR)}`);
  const client = new Client({
    host: PGHOST ?? '',
    port: Number(PGPORT),
    user: 'postgres',
    password,
    database: 'postgres',
  });
  await client.connect();
  try {
    const { rows } = await client.query(query);
    return rows as T[];
  } finally {
    await client.end();
  }
}
