import { Client } from 'pg';
import type { DatabaseOptions } from './database.ts';
import { postgresFailure } from './failure.ts';

/** What the doctor wants to know of NetBox's database: enough to say whether snapshots will work. */
export type PostgresReport = {
  readonly version: string;
  readonly user: string;
  readonly isOwner: boolean;
  readonly canCreateDatabases: boolean;
  readonly isSuperuser: boolean;
  readonly bytes: number;
};

/** Connects, looks, disconnects. Throws `Failure`: exit 5 not reachable, 4 not allowed. */
export type PostgresProbe = () => Promise<PostgresReport>;

const question = `
  SELECT current_setting('server_version') AS version, current_user AS "user",
         pg_has_role(d.datdba, 'MEMBER') AS "isOwner", r.rolcreatedb AS "canCreateDatabases", r.rolsuper AS "isSuperuser",
         pg_database_size(d.oid)::float8 AS bytes
  FROM pg_database d, pg_roles r WHERE d.datname = current_database() AND r.rolname = current_user`;

export function openPostgresProbe(options: DatabaseOptions): PostgresProbe {
  return async () => {
    const { timeoutMs, password, ...connection } = options;
    const client = new Client({
      ...connection,
      ...(password === undefined ? {} : { password }),
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      application_name: 'bmtool doctor',
    });
    try {
      await client.connect();
      const { rows } = await client.query<PostgresReport>(question);
      const [report] = rows;
      if (report === undefined) throw new Error('no answer about the database');
      return report;
    } catch (error) {
      throw postgresFailure(error as Error & { code?: string }, options);
    } finally {
      await client.end().catch(() => {});
    }
  };
}
