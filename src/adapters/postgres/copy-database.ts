import type { PostgresConnection } from './connect.ts';
import { type CopyMethod, cloneDatabase } from './swap.ts';

/** A disk that is full is told of with what a copy takes, and what those take that could go. */
export async function copyDatabase(
  admin: PostgresConnection,
  names: { source: string; copy: string },
): Promise<CopyMethod> {
  try {
    return await cloneDatabase(admin, names);
  } catch (error) {
    if ((error as { code?: string }).code === '53100') {
      const copy = await sizeOf(admin, 'd.datname = $1', names.source);
      const others = await sizeOf(admin, `d.datname LIKE $1 AND pg_has_role(d.datdba, 'MEMBER')`, 'bmtool\\_%');
      (error as Error).message += `. A copy takes ${copy}; the copies that are there take ${others}`;
    }
    throw error;
  }
}

/** In the words of `bmtool snapshot list`: decimal. */
async function sizeOf(admin: PostgresConnection, which: string, name: string): Promise<string> {
  const { rows } = await admin.query<{ bytes: number }>(
    `SELECT coalesce(sum(pg_database_size(d.oid)), 0)::float8 AS bytes FROM pg_database d WHERE ${which}`,
    [name],
  );
  return `${((rows[0]?.bytes ?? 0) / 1e6).toFixed(1)} MB`;
}
