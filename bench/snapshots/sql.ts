import { connectPostgres, type PostgresAddress } from '../../src/adapters/postgres/connect.ts';
import type { DatabaseEnv } from './peers.ts';

/** One question over a connection of its own. */
export async function ask<Row extends Record<string, unknown>>(database: DatabaseEnv, text: string): Promise<Row[]> {
  await using connection = await connectPostgres(connectionOf(database));
  const results = await connection.query<Row>(text);
  return results.rows;
}

export function connectionOf({ PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE }: DatabaseEnv): PostgresAddress {
  return { host: PGHOST, port: Number(PGPORT), user: PGUSER, password: PGPASSWORD, database: PGDATABASE };
}

/** The same cluster, beside every database that is exchanged. */
export function beside(database: DatabaseEnv): DatabaseEnv {
  return { ...database, PGDATABASE: 'postgres' };
}

/** The PG* of an environment. */
export function databaseOf(env: Readonly<Record<string, string>>): DatabaseEnv {
  const { PGHOST = '', PGPORT = '', PGUSER = '', PGPASSWORD = '', PGDATABASE = '' } = env;
  return { PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE };
}

export async function bytesOf(database: DatabaseEnv): Promise<number> {
  const [row] = await ask<{ bytes: number }>(database, 'SELECT pg_database_size(current_database())::float8 AS bytes');
  return row?.bytes ?? 0;
}

/** Two at a time: one for a core. */
const writers = 2;

/**
 * Makes a NetBox's database larger as years of use would: by its change log, whose entries are the interfaces that are in it. Ends with what
 * autovacuum would otherwise do in the middle of what is measured.
 */
export async function grow(database: DatabaseEnv, megabytes: number): Promise<number> {
  for (let hour = 0; ; ) {
    const missing = megabytes * 1e6 - (await bytesOf(database));
    if (missing <= 0) break;
    const copies = Math.min(10, Math.max(1, Math.floor(missing / bytesOfCopy / writers)));
    await Promise.all(
      Array.from({ length: missing > bytesOfCopy ? writers : 1 }, (_, writer) =>
        ask(database, changesOf(hour + writer * copies, copies, missing / bytesOfCopy)),
      ),
    );
    hour += writers * copies;
  }
  await ask(database, 'VACUUM (FREEZE, ANALYZE) core_objectchange');
  return await bytesOf(database);
}

/** Of one entry for each of the 4,800 interfaces of the lab's fleet, with its share of the indexes. */
const bytesOfCopy = 6e6;

function changesOf(hour: number, copies: number, share: number): string {
  return `
    WITH interface AS MATERIALIZED (SELECT id, name, to_jsonb(i) AS data FROM dcim_interface i WHERE random() < ${share})
    INSERT INTO core_objectchange (time, user_name, request_id, action, changed_object_id, object_repr, postchange_data,
      changed_object_type_id, user_id, message)
    SELECT now() - n * interval '1 hour', 'admin', gen_random_uuid(), 'create', i.id, i.name, i.data, t.id, u.id, ''
    FROM generate_series(${hour + 1}, ${hour + copies}) n, interface i, users_user u, django_content_type t
    WHERE t.app_label = 'dcim' AND t.model = 'interface'`;
}
