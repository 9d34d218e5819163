import { writeFile } from 'node:fs/promises';
import { Failure } from '../../../core/failure.ts';
import { connectPostgres, type PostgresConnection } from '../connect.ts';
import type { DatabaseOptions } from '../database.ts';
import { readFacts } from '../database-facts.ts';
import { postgresFailure } from '../failure.ts';
import type { DatabaseFacts } from '../manifest.ts';
import { createEmpty, tableOwner } from './empty-database.ts';
import { findProgram, type Program, type ProgramName } from './programs.ts';
import { runProgram } from './run-program.ts';
import { judgeDump, judgeLoad, lacksTransactionTimeout } from './verdict.ts';
import { endWaitingJobs } from './waiting-jobs.ts';

/** Databases written into dumps and read from them, by PostgreSQL's own programs. Everything throws `Failure`. */
export type Dumps = {
  /** Looks at one moment of a database, for as long as `work` lasts; others go on writing. Its clients must be allowed in. */
  whileStill<T>(database: string, work: (moment: Moment) => Promise<T>): Promise<T>;
  /** What `load` and `replace` would take for a dump that `by` wrote. Nothing is touched. */
  checkLoad(by: string, database?: string): Promise<void>;
  /** Makes a database and fills it. Its tables belong to whom those of the live one belong to. When it fails, what there is of it stays. */
  load(wish: LoadWish, signal: AbortSignal): Promise<void>;
  /**
   * Puts what a dump has in the place of what is in a database, in one transaction: all of it or nothing. Whoever works in it waits meanwhile. Takes no
   * right but to own the tables; what the dump does not name stays.
   */
  replace(wish: LoadWish, signal: AbortSignal): Promise<void>;
  /** See `endWaitingJobs`. */
  endWaitingJobs(database: string): Promise<number>;
};

export type Moment = {
  /** Nothing when NetBox's tables are not in it. */
  readonly facts: DatabaseFacts | undefined;
  /** `pg_dump 18.6` */
  readonly by: string;
  /** Gives the dump piece by piece, in the format of `pg_dump -Fc`. */
  dump(onPiece: (piece: Buffer) => Promise<void>, signal: AbortSignal): Promise<void>;
};

export type LoadWish = {
  readonly database: string;
  /** A file that has the dump and nothing else. */
  readonly path: string;
  /** Which program wrote it: `pg_dump 18.6`. */
  readonly by: string;
};

export type DumpsOptions = DatabaseOptions & {
  readonly env: NodeJS.ProcessEnv;
  /** BMTOOL_PG_BIN: a folder of programs, or empty. */
  readonly programs: string;
};

export function openDumps(options: DumpsOptions): Dumps {
  return {
    whileStill: (database, work) => ask(options, database, inside => whileStill(options, database, inside, work)),
    checkLoad: async (by, database) => void (await findLoader(options, by, database)),
    load: (wish, signal) => load(options, wish, signal),
    replace: (wish, signal) => replace(options, wish, signal),
    endWaitingJobs: database => ask(options, database, endWaitingJobs),
  };
}

async function whileStill<T>(
  options: DumpsOptions,
  database: string,
  inside: PostgresConnection,
  work: (moment: Moment) => Promise<T>,
): Promise<T> {
  const server = await readServer(inside);
  const program = await findFor(options, { name: 'pg_dump', server, major: server.major });
  // What pg_dump sees is this moment, to the row: of what is written meanwhile neither the facts nor the dump know.
  await inside.query(
    `SET lock_timeout = ${Math.ceil(options.timeoutMs)}; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`,
  );
  const { rows } = await inside.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
  const facts = await readFacts(inside);
  const wait = `--lock-wait-timeout=${Math.ceil(options.timeoutMs)}`;
  const args = ['--format=custom', '--no-password', `--snapshot=${rows[0]?.id}`, wait];
  return work({
    facts,
    by: `pg_dump ${program.version}`,
    async dump(onPiece, signal) {
      const env = programEnvironment(options, database);
      judgeDump(await runProgram(program.path, args, { env, signal, onOutput: onPiece }), whereOf(options));
    },
  });
}

/** What belongs to whom, and who may do what with it, is the database's own. */
const contentsOnly = [
  '--no-owner',
  '--no-privileges',
  '--no-security-labels',
  '--no-publications',
  '--no-subscriptions',
];

/** Two tables at a time: more wait for each other, or for the disk. */
const jobs = 2;

async function load(options: DumpsOptions, { database, path, by }: LoadWish, signal: AbortSignal): Promise<void> {
  const { server, program } = await findLoader(options, by);
  const owner = await ask(options, options.database, tableOwner).catch(() => undefined);
  await ask(options, beside, admin => createEmpty(admin, database, { like: options.database, owner }));
  const args = [
    '--format=custom',
    ...contentsOnly,
    ...(owner === undefined ? [] : [`--role=${owner}`]),
    ...(lacksTransactionTimeout(server, program) ? [] : ['--exit-on-error']),
    ...['--no-password', `--jobs=${jobs}`, `--dbname=${database}`, path],
  ];
  const end = await runProgram(program.path, args, { env: programEnvironment(options, database), signal });
  judgeLoad(end, { where: whereOf(options), server, program });
  // Without statistics PostgreSQL plans badly until autovacuum comes by.
  await ask(options, database, inside => inside.query('ANALYZE'));
}

async function replace(options: DumpsOptions, { database, path, by }: LoadWish, signal: AbortSignal): Promise<void> {
  const { server, program } = await findLoader(options, by, database);
  if (lacksTransactionTimeout(server, program))
    throw new Failure(
      'pg-restore-too-new',
      `pg_restore ${program.version} cannot write into PostgreSQL ${server.version} in one transaction`,
      {
        next: `Nothing was changed. Install the programs of PostgreSQL ${server.major} (postgresql-client-${server.major}), and name their folder in BMTOOL_PG_BIN.`,
      },
    );
  const owner = await ask(options, database, tableOwner);
  const env = programEnvironment(options, database);
  const list = await runProgram(program.path, ['--list', path], { env, signal });
  judgeLoad(list, { where: whereOf(options), server, program });
  const listPath = `${path}.list`;
  await writeFile(listPath, withoutForeign(list.stdout), { mode: 0o600 });
  const args = [
    ...['--format=custom', '--clean', '--if-exists', '--single-transaction', `--use-list=${listPath}`],
    ...contentsOnly,
    ...(owner === undefined ? [] : [`--role=${owner}`]),
    ...['--no-password', `--dbname=${database}`, path],
  ];
  judgeLoad(await runProgram(program.path, args, { env, signal }), { where: whereOf(options), server, program });
  await ask(options, database, inside => inside.query('ANALYZE'));
}

/** What is in every database of NetBox's and may belong to a superuser: it stays. Lines as `4; 3079 16390 EXTENSION - ltree`. */
const foreign = /^\d+; \d+ \d+ (EXTENSION|COMMENT - EXTENSION|SCHEMA|COMMENT - SCHEMA) /;

function withoutForeign(list: string): string {
  return list
    .split('\n')
    .filter(line => !foreign.test(line))
    .join('\n');
}

/** The database that every PostgreSQL has and no application uses. */
const beside = 'postgres';

async function ask<T>(
  options: DumpsOptions,
  database: string,
  question: (inside: PostgresConnection) => Promise<T>,
): Promise<T> {
  const { host, port, user, password, timeoutMs } = options;
  const address = { host, port, user, database, connectTimeoutMs: timeoutMs };
  try {
    await using inside = await connectPostgres(password === undefined ? address : { ...address, password });
    return await question(inside);
  } catch (error) {
    throw postgresFailure(error as Error, { host, port, user, database, timeoutMs });
  }
}

const whereOf = ({ host, port }: DumpsOptions) => `PostgreSQL at ${host}:${port}`;

async function findLoader(
  options: DumpsOptions,
  by: string,
  database = beside,
): Promise<{ server: Server; program: Program }> {
  const server = await ask(options, database, readServer);
  const major = Math.max(server.major, Number(/\d+/.exec(by)?.[0] ?? 0));
  return { server, program: await findFor(options, { name: 'pg_restore', server, major }) };
}

function findFor(
  options: DumpsOptions,
  { name, server, major }: { name: ProgramName; server: Server; major: number },
): Promise<Program> {
  const file = major > server.major ? `, and the file was written by pg_dump ${major}` : '';
  const because = `${whereOf(options)} is ${server.version}${file}`;
  return findProgram({ name, major, because }, options.programs, options.env);
}

export type Server = { readonly version: string; readonly major: number };

async function readServer(inside: PostgresConnection): Promise<Server> {
  const { rows } = await inside.query<{ version: string; number: number }>(
    "SELECT split_part(current_setting('server_version'), ' ', 1) AS version, current_setting('server_version_num')::int AS number",
  );
  const { version = '?', number = 0 } = rows[0] ?? {};
  return { version, major: Math.floor(number / 10_000) };
}

/** Settings of libpq's that would lead it elsewhere than bmtool's own connections, which do not know them. */
const misleading = ['PGSERVICE', 'PGSERVICEFILE', 'PGSYSCONFDIR', 'PGHOSTADDR', 'PGCLUSTER', 'PGPASSWORD'];

/**
 * Everything by the environment: arguments are visible to every user of the machine, and a database's name in them is read as a connection
 * string when it has an `=` in it. Without a password libpq looks into ~/.pgpass.
 */
export function programEnvironment(
  { env, host, port, user, password, timeoutMs }: DumpsOptions,
  database: string,
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !misleading.includes(name));
  return {
    ...Object.fromEntries(kept),
    // Words that bmtool can read.
    LC_ALL: 'C',
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
    PGAPPNAME: 'bmtool',
    PGCONNECT_TIMEOUT: String(Math.max(2, Math.ceil(timeoutMs / 1000))),
    ...(password === undefined ? {} : { PGPASSWORD: password }),
  };
}
