import { readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Lists a folder; empty when there is none. */
export type ListFolder = (path: string) => string[];

/** The Python versions that NetBox 4.7 runs on and that have wheels for what it needs, best tried first. */
const versions = ['3.12', '3.13', '3.14'] as const;

/** Folders of version managers: each has one folder per installed Python, with `bin/python3` in it. */
function managerFolders(env: NodeJS.ProcessEnv): string[] {
  const home = env.HOME ?? '/nonexistent';
  const data = env.XDG_DATA_HOME || join(home, '.local', 'share');
  return [
    join(env.PYENV_ROOT || join(home, '.pyenv'), 'versions'),
    join(env.ASDF_DATA_DIR || join(home, '.asdf'), 'installs', 'python'),
    join(env.MISE_DATA_DIR || join(data, 'mise'), 'installs', 'python'),
    join(env.RYE_HOME || join(home, '.rye'), 'py'),
    env.UV_PYTHON_INSTALL_DIR || join(data, 'uv', 'python'),
    '/usr/local/uv/python',
  ];
}

/** Folders that are a Python installation themselves. */
function singleFolders(env: NodeJS.ProcessEnv, list: ListFolder): string[] {
  const home = env.HOME ?? '/nonexistent';
  const condas = ['miniconda3', 'anaconda3', 'miniforge3', 'mambaforge'].flatMap(name => [
    join(home, name),
    join('/opt', name),
  ]);
  const environments = condas.flatMap(conda => [
    conda,
    ...list(join(conda, 'envs')).map(name => join(conda, 'envs', name)),
  ]);
  const inOpt = list('/opt').filter(name => /^python/i.test(name));
  const opt = inOpt.flatMap(name => [
    join('/opt', name),
    ...list(join('/opt', name)).map(inner => join('/opt', name, inner)),
  ]);
  const brews = ['/home/linuxbrew/.linuxbrew', join(home, '.linuxbrew')];
  return [...environments, ...brews, ...opt, '/usr/local', '/usr'];
}

/**
 * Where a Python may be, in the order in which to try: what the user's PATH gives, then what version managers have put where
 * PATH does not look. Many of these files do not exist, and some that do (pyenv's shims) fail when they are run.
 */
export function pythonCandidates(env: NodeJS.ProcessEnv, list: ListFolder = listFolder): string[] {
  const names = ['python3', ...versions.map(version => `python${version}`), 'python'];
  const path = (env.PATH ?? '').split(delimiter).filter(folder => folder.startsWith('/'));
  const onPath = names.flatMap(name => path.map(folder => join(folder, name)));
  const managed = managerFolders(env).flatMap(folder =>
    list(folder)
      .toSorted(byVersion)
      .map(name => join(folder, name, 'bin', 'python3')),
  );
  const single = singleFolders(env, list).flatMap(folder =>
    versions.map(version => join(folder, 'bin', `python${version}`)),
  );
  const wanted = env.LAB_PYTHON ? [env.LAB_PYTHON] : [];
  // Shims are scripts that choose a Python by the folder they are run in, slowly, and may choose none.
  const isShim = (path: string) => path.includes('/shims/');
  const direct = onPath.filter(candidate => !isShim(candidate));
  return [...new Set([...wanted, ...direct, ...managed, ...single, ...onPath.filter(isShim)])];
}

/** `3.12.1`, `cpython-3.12.1-linux-…`: the versions in the order of `versions`, the newest patch first, then the rest. */
function byVersion(a: string, b: string): number {
  return rank(a) - rank(b) || b.localeCompare(a, 'en', { numeric: true });
}

function rank(name: string): number {
  const index = versions.findIndex(version =>
    new RegExp(`(^|[^\\d])${version.replace('.', '\\.')}([^\\d]|$)`).test(name),
  );
  return index < 0 ? versions.length : index;
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
