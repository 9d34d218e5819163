import { globSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { Failure } from '../../../core/failure.ts';
import { runProgram } from './run-program.ts';

export type ProgramName = 'pg_dump' | 'pg_restore';

/** One of PostgreSQL's own programs on this machine. */
export type Program = {
  readonly path: string;
  /** `18.6` */
  readonly version: string;
  readonly major: number;
};

export type ProgramWish = {
  readonly name: ProgramName;
  /** The oldest that will do. */
  readonly major: number;
  /** Why, for the message: `PostgreSQL at db1:5432 is 18.4`. */
  readonly because: string;
};

/** Where packages put programs of several versions side by side: Debian, PGDG on RHEL, Alpine, Homebrew, Postgres.app. */
const usualPlaces = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/usr/local/pgsql*/bin',
  '/usr/libexec/postgresql*',
  '/opt/homebrew/opt/{libpq,postgresql@*}/bin',
  '/usr/local/opt/{libpq,postgresql@*}/bin',
  '/home/linuxbrew/.linuxbrew/opt/{libpq,postgresql@*}/bin',
  '/Applications/Postgres.app/Contents/Versions/*/bin',
];

/** The folders that may hold PostgreSQL's programs: the one that somebody named alone, or PATH and the usual places. */
export function programFolders(named: string, path: string, glob: (pattern: string) => string[] = globSync): string[] {
  if (named !== '') return [named];
  const onPath = path.split(delimiter).filter(isAbsolute);
  return [...new Set([...onPath, ...usualPlaces.flatMap(place => glob(place).sort())])];
}

/**
 * The oldest that will do: what a newer pg_dump writes only as new a pg_restore can read. An older pg_dump than the server refuses
 * to work at all (https://www.postgresql.org/docs/current/app-pgdump.html, Notes).
 */
export function bestProgram(found: readonly Program[], major: number): Program | undefined {
  return found.filter(program => program.major >= major).sort((a, b) => a.major - b.major)[0];
}

/** Throws `Failure` that names the package. */
export async function findProgram(wish: ProgramWish, named: string, env: NodeJS.ProcessEnv): Promise<Program> {
  const folders = programFolders(named, env.PATH ?? '');
  const looked = await Promise.all(folders.map(folder => readProgram(join(folder, wish.name), env)));
  const found = looked.filter(program => program !== undefined);
  const best = bestProgram(found, wish.major);
  if (best !== undefined) return best;
  throw noProgram(wish, found, named);
}

async function readProgram(path: string, env: NodeJS.ProcessEnv): Promise<Program | undefined> {
  try {
    const { code, stdout } = await runProgram(path, ['--version'], { env });
    return code === 0 ? readVersion(path, stdout) : undefined;
  } catch {
    return undefined;
  }
}

/** `pg_dump (PostgreSQL) 18.6 (Debian 18.6-1.pgdg12+1)`, also `18beta1`. */
export function readVersion(path: string, text: string): Program | undefined {
  const [, version, major] = /\(PostgreSQL\) ((\d+)\S*)/.exec(text) ?? [];
  return version === undefined ? undefined : { path, version, major: Number(major) };
}

export function noProgram({ name, major, because }: ProgramWish, found: readonly Program[], named: string): Failure {
  const place = named === '' ? 'on this machine' : `in BMTOOL_PG_BIN (${named})`;
  const newest = found.toSorted((a, b) => b.major - a.major)[0];
  const have =
    newest === undefined ? `there is none ${place}` : `the newest ${place} is ${newest.version} (${newest.path})`;
  return new Failure(
    'pg-programs-missing',
    `${because}: this takes a ${name} of version ${major} or newer, and ${have}`,
    {
      next: `Nothing was changed. Install postgresql-client-${major} (Debian, Ubuntu: apt.postgresql.org) or postgresql${major} (RHEL: yum.postgresql.org), or set BMTOOL_PG_BIN to the folder that has it.`,
    },
  );
}
