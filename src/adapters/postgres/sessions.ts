import { setTimeout as pause } from 'node:timers/promises';
import { agreeing, counted } from '../../core/counted.ts';
import type { PostgresConnection } from './connect.ts';

/** A session of a database, as PostgreSQL shows it to this role. */
export type Session = {
  readonly pid: number;
  readonly user: string;
  /** Where it comes from; `?` where this role may not know. */
  readonly client: string;
  readonly application: string;
  /** The beginning of its last statement. */
  readonly query: string;
  /** How long its transaction, or else the session, has lasted; nothing where this role may not know. */
  readonly seconds: number | null;
  /** Whether this role may end it. */
  readonly endable: boolean;
};

/** Sessions that did not end in time. */
export class SessionsRemain extends Error {
  readonly sessions: readonly Session[];

  constructor(database: string, sessions: readonly Session[]) {
    super(
      `${counted(sessions.length, 'session')} of the database ${database} ${agreeing(sessions.length, 'does', 'do')} not end`,
    );
    this.name = 'SessionsRemain';
    this.sessions = sessions;
  }
}

/** A transaction that lasts longer is somebody's work (a dump, a script): it is not ended unasked. */
const longSeconds = 2;

/**
 * What pg_signal_backend asks for, and no more: the rights of the session's role, and a superuser for a superuser's.
 * https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SIGNAL
 */
const endable = `(me.rolsuper OR (NOT coalesce(they.rolsuper, true)
           AND (pg_has_role(a.usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE'))))`;

/** Autovacuum's workers, which are nobody's sessions, give way by themselves. Of sessions of other roles even the type is hidden. */
const fromSessions = `FROM pg_stat_activity a
  JOIN pg_roles me ON me.rolname = current_user
  LEFT JOIN pg_roles they ON they.oid = a.usesysid
  WHERE a.datname = $1 AND a.usesysid IS NOT NULL AND a.pid <> pg_backend_pid()`;

const sessionQuery = `
  SELECT a.pid, coalesce(a.usename, '?') AS "user", coalesce(host(a.client_addr), '?') AS client,
         coalesce(a.application_name, '') AS application, left(coalesce(a.query, ''), 80) AS query,
         extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.backend_start))::float8 AS seconds,
         a.xact_start IS NOT NULL AS busy, ${endable} AS endable
  ${fromSessions}`;

type Row = Session & { readonly busy: boolean };

/** Sessions that nobody should end, or that this role may not end; and transactions that are prepared and wait for nobody. */
export async function sessionsInTheWay(admin: PostgresConnection, database: string): Promise<Session[]> {
  const { rows } = await admin.query<Row>(sessionQuery, [database]);
  const { rows: prepared } = await admin.query<{ gid: string; owner: string; seconds: number }>(
    'SELECT gid, owner, extract(epoch FROM clock_timestamp() - prepared)::float8 AS seconds FROM pg_prepared_xacts WHERE database = $1',
    [database],
  );
  return [
    ...rows
      .filter(row => !row.endable || (row.busy && (row.seconds ?? 0) > longSeconds))
      .map(({ busy: _, ...session }) => session),
    ...prepared.map(({ gid, owner, seconds }) => ({
      pid: 0,
      user: owner,
      client: '?',
      application: '',
      query: `PREPARE TRANSACTION '${gid.replaceAll("'", "''")}'`,
      seconds,
      endable: false,
    })),
  ];
}

/**
 * Ends all sessions of a database and returns when they are gone, with their number. Throws `SessionsRemain`.
 *
 * Asks and then looks again and again: `pg_terminate_backend` with a timeout of its own waits for one session after
 * another, about 100 ms each.
 */
export async function endSessions(admin: PostgresConnection, database: string, patienceMs: number): Promise<number> {
  const deadline = performance.now() + patienceMs;
  const { rowCount } = await admin.query(
    `SELECT pg_terminate_backend(a.pid) ${fromSessions} AND ${endable} AND a.backend_type IS DISTINCT FROM 'parallel worker'`,
    [database],
  );
  for (;;) {
    const { rows } = await admin.query<Row>(sessionQuery, [database]);
    if (rows.length === 0) return rowCount ?? 0;
    if (performance.now() > deadline) throw new SessionsRemain(database, rows);
    await pause(2);
  }
}
