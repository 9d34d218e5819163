import { Failure } from '../../core/failure.ts';
import { connectPostgres, type PostgresConnection } from './connect.ts';
import type { DatabaseOptions } from './database.ts';
import { readFacts } from './database-facts.ts';
import { findProgram, type Program, type ProgramName } from './dump-programs.ts';
import { judgeDump, judgeLoad, lacksTransactionTimeout } from './dump-verdict.ts';
import { tableOwner } from './empty-database.ts';
import { postgresFailure } from './failure.ts';
import type { DatabaseFacts } from './manifest.ts';
import { runProgram } from './run-program.ts';

/** Databases written into dumps and read from them, by PostgreSQL's own programs. Everything throws `Failure`. */
export type Dumps = {
  /** Looks at one moment of a database, for as long as `work` lasts; others go on writing. Its clients must be allowed in. */
  whileStill<T>(database: string, work: (moment: Moment) => Promise<T>): Promise<T>;
  /** What `load` would take for a dump that `by` wrote. Nothing is touched. */
  checkLoad(by: string): Promise<void>;
  /** Fills a database that is empty. Afterwards its tables belong to whom those of the live database belong to. */
  load(wish: LoadWish, signal: AbortSignal): Promise<void>;
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

/** Two tables at a time: more wait for each other, or for the disk. */
const jobs = 2;

export function openDumps(options: DumpsOptions): Dumps {
  const { host, port, user, timeoutMs } = options;
  const where = `PostgreSQL at ${host}:${port}`;
  const ask = async <T>(database: string, question: (inside: PostgresConnection) => Promise<T>): Promise<T> => {
    try {
      await using inside = await connectTo(options, database);
      return await question(inside);
    } catch (error) {
      throw postgresFailure(error as Error, { host, port, user, database });
    }
  };
  const find = (name: ProgramName, server: Server, atLeast = 0): Promise<Program> => {
    const major = Math.max(server.major, atLeast);
    const because = `${where} is ${server.version}${major > server.major ? ` and the file is of pg_dump ${major}` : ''}`;
    return findProgram({ name, major, because }, options.programs, options.env);
  };
  const findLoader = async (by: string) => {
    const server = await ask('postgres', readServer);
    return { server, program: await find('pg_restore', server, Number(/\d+/.exec(by)?.[0] ?? 0)) };
  };
  return {
    whileStill: (database, work) =>
      ask(database, async inside => {
        const program = await find('pg_dump', await readServer(inside));
        // What pg_dump sees is this moment, to the row: of what is written meanwhile neither the facts nor the dump know.
        await inside.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        const { rows } = await inside.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
        const facts = await readFacts(inside);
        const args = ['--format=custom', '--no-password', `--snapshot=${rows[0]?.id}`, `--lock-wait-timeout=${timeoutMs}`];
        return work({
          facts,
          by: `pg_dump ${program.version}`,
          async dump(onPiece, signal) {
            const env = programEnvironment(options, database);
            judgeDump(await runProgram(program.path, args, { env, signal, onOutput: onPiece }), where);
          },
        });
      }),
    checkLoad: async by => void (await findLoader(by)),
    async load({ database, path, by }, signal) {
      const { server, program } = await findLoader(by);
      const owner = await ask(options.database, tableOwner).catch(() => undefined);
      const args = [
        '--format=custom',
        ...['--no-owner', '--no-privileges', '--no-security-labels', '--no-publications', '--no-subscriptions'],
        ...(owner === undefined ? [] : [`--role=${owner}`]),
        ...(lacksTransactionTimeout(server, program) ? [] : ['--exit-on-error']),
        ...['--no-password', `--jobs=${jobs}`, `--dbname=${database}`, path],
      ];
      judgeLoad(await runProgram(program.path, args, { env: programEnvironment(options, database), signal }), {
        where,
        server,
        program,
      });
      // Without statistics PostgreSQL plans badly until autovacuum comes by.
      await ask(database, inside => inside.query('ANALYZE'));
    },
  };
}

export type Server = { readonly version: string; readonly major: number };

async function readServer(inside: PostgresConnection): Promise<Server> {
  const { rows } = await inside.query<{ version: string; number: number }>(
    "SELECT split_part(current_setting('server_version'), ' ', 1) AS version, current_setting('server_version_num')::int AS number",
  );
  const { version = '?', number = 0 } = rows[0] ?? {};
  return { version, major: Math.floor(number / 10_000) };
}

function connectTo(options: DumpsOptions, database: string): Promise<PostgresConnection> {
  const { host, port, user, password, timeoutMs } = options;
  const address = { host, port, user, database, connectTimeoutMs: timeoutMs };
  return connectPostgres(password === undefined ? address : { ...address, password });
}

/** Settings of libpq's that would lead it elsewhere than bmtool's own connections, which do not know them. */
const misleading = ['PGSERVICE', 'PGSERVICEFILE', 'PGSYSCONFDIR', 'PGHOSTADDR', 'PGCLUSTER', 'PGPASSWORD', 'PGOPTIONS'];

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
