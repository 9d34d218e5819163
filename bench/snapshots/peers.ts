import { globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { BenchLab } from '../lab.ts';
import { type Ran, run } from './run.ts';

/** A way to put a database away and back. */
export type Tool = {
  readonly name: string;
  save(): Promise<Ran>;
  restore(): Promise<Ran>;
  /** Waits for what it does in the background. */
  settle?(): Promise<void>;
};

/** One database, by the names that libpq has for it. */
export type DatabaseEnv = Readonly<Record<'PGHOST' | 'PGPORT' | 'PGUSER' | 'PGPASSWORD' | 'PGDATABASE', string>>;

/** Programs of others. Nothing where they could not be had, and why. */
export type Peers = {
  readonly dslr: string | Absent;
  readonly stellar: string | Absent;
  /** The folder of pg_dump and pg_restore of PostgreSQL 18. */
  readonly pgTools: string | Absent;
};
export type Absent = { readonly absent: string };

const packages = {
  dslr: ['dslr==0.6.0', 'psycopg2-binary==2.9.13'],
  // Of 2018: newer ones of what it builds on do not know it any more.
  stellar: [
    'stellar==0.4.5',
    'sqlalchemy==1.3.24',
    'sqlalchemy-utils==0.37.9',
    'psycopg2-binary==2.9.13',
    'setuptools<81',
  ],
  pgTools: ['embedded-postgres==18.6.3'],
} as const;

/** Each in an environment of its own, beside the lab's own downloads, with the lab's Python. */
export async function installPeers(lab: BenchLab): Promise<Peers> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'bmtool');
  const { environment } = JSON.parse(readFileSync(join(lab.folder, 'lab', 'lab.json'), 'utf8')) as {
    environment: string;
  };
  const uv = globSync(join(cache, 'uv-*', 'bin', 'uv'))[0] ?? 'uv';
  const install = async (name: keyof typeof packages): Promise<string | Absent> => {
    const folder = join(cache, `bench-${packages[name][0].replace('==', '-')}`);
    try {
      const python = join(environment, 'bin', 'python');
      await execa(uv, ['venv', '--quiet', '--allow-existing', '--python', python, folder]);
      await execa(uv, ['pip', 'install', '--quiet', '--python', join(folder, 'bin', 'python'), ...packages[name]]);
      return folder;
    } catch (error) {
      return { absent: String((error as { stderr?: string }).stderr || error).slice(-300) };
    }
  };
  const [dslr, stellar, pgTools] = await Promise.all([install('dslr'), install('stellar'), install('pgTools')]);
  return {
    dslr: typeof dslr === 'string' ? join(dslr, 'bin', 'dslr') : dslr,
    stellar: typeof stellar === 'string' ? join(stellar, 'bin', 'stellar') : stellar,
    pgTools:
      typeof pgTools === 'string'
        ? (globSync(join(pgTools, 'lib', 'python*', 'site-packages', 'embedded_postgres', 'pginstall', 'bin'))[0] ?? {
            absent: 'the package has no pg_dump',
          })
        : pgTools,
  };
}

/** https://github.com/mixxorz/DSLR: ends the sessions, drops the database, creates it from the copy. */
export function dslrTool(program: string, database: DatabaseEnv): Tool {
  const env = { ...database, DATABASE_URL: urlOf(database) };
  return {
    name: 'DSLR',
    save: () => run(program, ['snapshot', '--yes', 'bench'], { env }),
    restore: () => run(program, ['restore', 'bench'], { env }),
  };
}

/**
 * https://github.com/fastmonkeys/stellar: ends the sessions, drops the database, and gives a copy that is ready its name.
 *
 * @param sql asks the cluster
 */
export async function stellarTool(
  program: string,
  database: DatabaseEnv,
  { folder, sql }: { folder: string; sql: (text: string) => Promise<readonly unknown[]> },
): Promise<Tool> {
  await mkdir(folder, { recursive: true });
  const config = {
    project_name: 'bench',
    tracked_databases: [database.PGDATABASE],
    url: urlOf({ ...database, PGDATABASE: 'postgres' }),
    stellar_url: urlOf({ ...database, PGDATABASE: 'stellar_data' }),
    migrate_from_0_3_2: false,
  };
  // JSON is YAML.
  await writeFile(join(folder, 'stellar.yaml'), JSON.stringify(config), { mode: 0o600 });
  const options = { env: { ...database }, cwd: folder };
  return {
    name: 'Stellar',
    save: () => run(program, ['snapshot', 'bench'], options),
    restore: () => run(program, ['restore', 'bench'], options),
    async settle() {
      // The copy, and the one that the next restore takes.
      const look = `SELECT 1 FROM pg_database d WHERE datname LIKE 'stellar\\_%' AND datname <> 'stellar_data'
        AND NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE query ILIKE '%CREATE DATABASE%TEMPLATE%' AND state = 'active' AND pid <> pg_backend_pid())`;
      const deadline = performance.now() + 60_000;
      while ((await sql(look)).length < 2 && performance.now() < deadline)
        await new Promise(resolve => setTimeout(resolve, 50));
    },
  };
}

/** pg_dump -Fc; the database dropped and created; pg_restore with two jobs. What the source document's scripts do, without stopping NetBox. */
export function dumpTool(
  programs: string,
  database: DatabaseEnv,
  { file, sql }: { file: string; sql: (text: string) => Promise<unknown> },
): Tool {
  const env = { ...database };
  const { PGDATABASE: name } = database;
  return {
    name: 'pg_dump, pg_restore',
    save: () => run(join(programs, 'pg_dump'), ['-Fc', '--file', file], { env }),
    async restore() {
      const started = performance.now();
      await sql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await sql(`CREATE DATABASE ${name} OWNER ${database.PGUSER} TEMPLATE template0`);
      const ran = await run(join(programs, 'pg_restore'), ['--jobs=2', `--dbname=${name}`, file], { env });
      return { ...ran, seconds: (performance.now() - started) / 1000 };
    },
  };
}

/** The order of DSLR, as a script has it: one psql after another. */
export function scriptTool(
  programs: string,
  database: DatabaseEnv,
  { copy, from }: { copy: string; from: string },
): Tool {
  const { PGDATABASE: name } = database;
  const env = { ...database, PGDATABASE: 'postgres' };
  const terminate = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`;
  const psql = async (...statements: string[]): Promise<Ran> => {
    let ran: Ran = { exitCode: 0, seconds: 0, stdout: '', stderr: '' };
    for (const statement of statements) {
      const next = await run(join(programs, 'psql'), ['-X', '-v', 'ON_ERROR_STOP=1', '-c', statement], { env });
      ran = { ...next, seconds: ran.seconds + next.seconds };
      if (ran.exitCode !== 0) break;
    }
    return ran;
  };
  return {
    name: 'terminate, drop, create: one psql for each',
    async save() {
      await psql(`DROP DATABASE IF EXISTS ${copy}`);
      return psql(terminate, `CREATE DATABASE ${copy} TEMPLATE ${name}`);
    },
    restore: () => psql(terminate, `DROP DATABASE ${name}`, `CREATE DATABASE ${name} TEMPLATE ${from}`),
  };
}

function urlOf({ PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE }: DatabaseEnv): string {
  return `postgresql://${PGUSER}:${PGPASSWORD}@${PGHOST}:${PGPORT}/${PGDATABASE}`;
}
