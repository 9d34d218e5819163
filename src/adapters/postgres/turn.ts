import { createHash } from 'node:crypto';
import type { PostgresConnection } from './connect.ts';

/** Who works on this database's copies now, as its session says it. */
export type AtWork = { readonly who: string; readonly since: string };

/**
 * An advisory lock in PostgreSQL: it ends with the session that has it, however that ends. Locks are per database: whoever works on the
 * copies of one NetBox connects to the same one (`postgres`).
 */
export async function takeTurn(admin: PostgresConnection, source: string, who: string): Promise<AtWork | undefined> {
  const key = keyOf(source);
  // PostgreSQL cuts it at 63 bytes.
  await admin.query("SELECT set_config('application_name', $1, false)", [`bmtool: ${who}`]);
  const { rows } = await admin.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS taken', key);
  if (rows[0]?.taken) return undefined;
  const { rows: holders } = await admin.query<{ name: string; since: string }>(
    `SELECT a.application_name AS name, to_char(a.backend_start AT TIME ZONE 'UTC', 'HH24:MI:SS') AS since
     FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.classid = $1::int8::oid AND l.objid = $2::int8::oid AND l.granted
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    key,
  );
  const [holder] = holders;
  return { who: holder?.name.replace(/^bmtool: /, '') || 'somebody', since: holder?.since ?? '?' };
}

/** Two numbers of 31 bits. */
function keyOf(source: string): [number, number] {
  const digest = createHash('sha256').update(`bmtool copies of ${source}`).digest();
  return [digest.readUInt32BE(0) >>> 1, digest.readUInt32BE(4) >>> 1];
}
