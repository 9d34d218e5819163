import type { PostgresConnection } from '../connect.ts';

/**
 * Ends the background jobs that NetBox's tables say are yet to run, and whose work is gone from Redis. NetBox would wait for them for ever: its worker
 * schedules its own housekeeping only where no row says that it is scheduled (`JobRunner.enqueue_once`, netbox/jobs.py of NetBox 4.7).
 *
 * @returns how many
 */
export async function endWaitingJobs(inside: PostgresConnection): Promise<number> {
  const { rows } = await inside.query<{ name: string }>(
    "SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass('core_job') AND attname IN ('status', 'completed', 'error')",
  );
  const has = new Set(rows.map(({ name }) => name));
  // Of a NetBox that is older or newer than all that bmtool knows.
  if (!has.has('status') || !has.has('completed')) return 0;
  const why = has.has('error') ? ", error = 'It waited when the snapshot was exported, and is not in the file.'" : '';
  const { rowCount } = await inside.query(
    `UPDATE core_job SET status = 'failed', completed = now()${why} WHERE status IN ('pending', 'scheduled', 'running')`,
  );
  return rowCount ?? 0;
}
