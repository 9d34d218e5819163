import { Failure } from '../../core/failure.ts';
import { closedText, codeOf, silenceText, whyUnreachable } from '../../core/unreachable.ts';

export type Where = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** How long connecting may take, milliseconds. */
  readonly timeoutMs: number;
};

type Meaning = (error: Error, where: string, asked: Where) => Failure;

/**
 * What PostgreSQL says no with, by the beginning of its code, and what that means to a person. The first that fits counts.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const meanings: readonly (readonly [string, Meaning])[] = [
  [
    '28',
    (_, where, { user }) =>
      new Failure('postgres-login-refused', `${where} refuses the user ${user}`, {
        next: 'Set PGUSER and PGPASSWORD (or ~/.pgpass).',
      }),
  ],
  [
    '3D000',
    (_, where, { database }) =>
      new Failure(
        database === 'postgres' ? 'no-database-postgres' : 'no-such-database',
        `${where} has no database ${database}`,
        {
          next:
            database === 'postgres'
              ? 'bmtool copies and renames databases from there; it puts nothing into it. A superuser makes it: CREATE DATABASE postgres;'
              : 'Set PGDATABASE.',
        },
      ),
  ],
  [
    '55000',
    (error, where, { database }) =>
      new Failure('postgres-not-ready', `${where} cannot do this now: ${error.message}`, {
        next: `Where it accepts no connections: bmtool snapshot recover, after a bmtool that was killed; else ALTER DATABASE "${database}" ALLOW_CONNECTIONS true;`,
      }),
  ],
  [
    '53100',
    (error, where) =>
      new Failure('postgres-disk-full', `The disk of ${where} is full: ${error.message}`, {
        next: 'Make room: bmtool snapshot list shows what the copies take, bmtool snapshot prune --keep N drops old ones.',
      }),
  ],
  [
    '53300',
    (error, where) =>
      new Failure('postgres-connections-full', `${where} takes no more connections: ${error.message}`, {
        next: 'Wait for others to end, or raise the limit (max_connections; ALTER ROLE or ALTER DATABASE with CONNECTION LIMIT).',
      }),
  ],
  [
    '42501',
    (error, where) =>
      new Failure('postgres-not-allowed', `${where} does not allow it: ${error.message}`, {
        next: 'bmtool works as the owner of the database with CREATEDB. A server that allows no copies beside the database: bmtool snapshot export live FILE, and restore-file FILE to go back.',
      }),
  ],
  [
    '0A000',
    (error, where) =>
      new Failure('postgres-cannot', `${where} cannot do this: ${error.message}`, {
        next: 'A server that allows no copies beside the database: bmtool snapshot export live FILE, and restore-file FILE to go back.',
      }),
  ],
  ['57P', (error, where, asked) => away(where, error, asked)],
  ['08', (error, where, asked) => away(where, error, asked)],
];

/** Errors of this program itself come back as they are. */
export function postgresFailure(error: Error & { code?: string }, asked: Where): Error {
  if (error instanceof Failure || error instanceof TypeError) return error;
  const where = `PostgreSQL at ${asked.host}:${asked.port}`;
  const code = error.code ?? '';
  // Some of the operating system's have five letters, too.
  if (whyOf(error, asked) !== undefined) return away(where, error, asked);
  const meaning = /^[0-9A-Z]{5}$/.test(code) ? meanings.find(([start]) => code.startsWith(start))?.[1] : undefined;
  if (meaning) return meaning(error, where, asked);
  if (/^[0-9A-Z]{5}$/.test(code))
    return new Failure('postgres-refuses', `${where} refuses: ${error.message}`, {
      next: "PostgreSQL's own log says more of it.",
      cause: error,
    });
  // The driver's own words for a server that asks for a password when there is none.
  if (error.message.startsWith('SASL'))
    return new Failure(
      'postgres-login-refused',
      `${where} asks the user ${asked.user} for a password, and none is set`,
      { next: 'Set PGPASSWORD, or write it into ~/.pgpass.' },
    );
  // What has no code, or one of the operating system's, comes from the connection.
  return error.name === 'Error' || error.name === 'AggregateError' ? away(where, error, asked) : error;
}

/** The driver's own words, which have no code. */
const ofDriver: Readonly<Record<string, (asked: Where) => string>> = {
  'timeout expired': ({ timeoutMs }) => silenceText(timeoutMs),
  'Query read timeout': ({ timeoutMs }) => silenceText(timeoutMs),
  'Connection terminated unexpectedly': () => closedText,
};

function whyOf(error: Error, asked: Where): string | undefined {
  const { host, port, timeoutMs } = asked;
  return whyUnreachable(codeOf(error), { host, port, waitedMs: timeoutMs }) ?? ofDriver[error.message]?.(asked);
}

function away(where: string, error: Error, asked: Where): Failure {
  return new Failure('postgres-unreachable', `Cannot reach ${where}: ${whyOf(error, asked) ?? error.message}`, {
    next: 'Check PGHOST and PGPORT and that PostgreSQL runs.',
    cause: error,
  });
}
