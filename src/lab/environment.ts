import { createHash } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../core/failure.ts';
import type { Progress, Step } from '../core/progress.ts';
import { readShipped } from '../shipped/shipped.ts';
import { childEnv } from './child-env.ts';
import { takeLock } from './lock.ts';
import { findPython, type Python, type PythonSearch } from './python.ts';
import { adviceFor } from './service.ts';
import { findUv } from './uv.ts';
import { stopIfInterrupted } from './wait.ts';

const readLock = () => readShipped('src/lab/python/requirements.lock');

/** The Python that uv fetches where the machine has none that is new enough. */
const fetchedPython = '3.12';

type Wanted = { cacheDir: string; env: NodeJS.ProcessEnv; progress: Progress; signal: AbortSignal };

/** The NetBox version that the lock installs. */
export function lockedNetbox(): string {
  const version = /^netbox==([^\s\\]+)/m.exec(readLock().toString())?.[1];
  if (version === undefined) throw new Error('the lock has no netbox');
  return version;
}

/**
 * The folder of a Python environment with exactly what the lock names. Made once per lock and shared by all labs of this user;
 * two that want it at the same time make it once.
 */
export async function ensureEnvironment(wanted: Wanted): Promise<string> {
  const lock = readLock();
  const name = `netbox-${lockedNetbox()}-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`;
  const ready = findReady(wanted.cacheDir, name);
  if (ready !== undefined) return ready;
  const step = wanted.progress.step('Installing NetBox');
  try {
    const release = await takeLock(join(wanted.cacheDir, `${name}.lock`), {
      work: 'installing NetBox',
      signal: wanted.signal,
      onWait: holder => step.say(`another bmtool (pid ${holder.pid}) installs it`),
    });
    try {
      const folder = findReady(wanted.cacheDir, name) ?? (await install(join(wanted.cacheDir, name), wanted, step));
      step.done(`NetBox ${lockedNetbox()} installed`);
      return folder;
    } finally {
      release();
    }
  } catch (error) {
    step.fail();
    throw error;
  }
}

function findReady(cacheDir: string, name: string): string | undefined {
  const folders = existsSync(cacheDir) ? readdirSync(cacheDir).filter(entry => entry.startsWith(`${name}-py`)) : [];
  // bin/python is a link: it leads nowhere when its Python has been removed.
  return folders
    .map(entry => join(cacheDir, entry))
    .find(folder => existsSync(marker(folder)) && existsSync(join(folder, 'bin', 'python')));
}

async function install(prefix: string, wanted: Wanted, step: Step): Promise<string> {
  step.say('looking for Python');
  await mkdir(wanted.cacheDir, { recursive: true });
  const search = await findPython(wanted.env, wanted.signal);
  const uv = await findUv({ ...wanted, step, python: search.any });
  const run = (args: readonly string[], input = '') => runUv(uv, args, input, wanted);
  const python = search.good ?? (await fetchPython(run, search, step));
  const folder = `${prefix}-py${python.version.split('.').slice(0, 2).join('.')}`;
  await rm(folder, { recursive: true, force: true });
  step.say(`environment with Python ${python.version}`);
  await orFail(run(['venv', '--python', python.path, folder]), 'The Python environment could not be made');
  step.say('fetching and installing 79 Python packages');
  await orFail(
    run(
      [
        'pip',
        'install',
        '--python',
        join(folder, 'bin', 'python'),
        '--no-deps',
        '--require-hashes',
        '--only-binary',
        ':all:',
        '-r',
        '-',
      ],
      readLock().toString(),
    ),
    'NetBox could not be installed',
  );
  writeFileSync(marker(folder), `${new Date().toISOString()}\n`);
  return folder;
}

type UvRun = { failed: boolean; all: string };

async function runUv(uv: string, args: readonly string[], input: string, wanted: Wanted): Promise<UvRun> {
  const { PIP_INDEX_URL, UV_DEFAULT_INDEX, UV_INDEX_URL } = wanted.env;
  const index = PIP_INDEX_URL && !UV_DEFAULT_INDEX && !UV_INDEX_URL ? { UV_DEFAULT_INDEX: PIP_INDEX_URL } : undefined;
  const result = await execa(uv, ['--no-progress', ...args], {
    // Elsewhere uv would read the settings of whatever project the user stands in.
    cwd: wanted.cacheDir,
    env: childEnv(wanted.env, index),
    extendEnv: false,
    input,
    reject: false,
    all: true,
    cancelSignal: wanted.signal,
  });
  stopIfInterrupted(wanted.signal);
  return { failed: result.failed, all: result.all ?? '' };
}

async function fetchPython(
  run: (args: readonly string[]) => Promise<UvRun>,
  search: PythonSearch,
  step: Step,
): Promise<Python> {
  step.say(`fetching Python ${fetchedPython}`);
  const { failed, all } = await run(['python', 'install', fetchedPython]);
  if (!failed) return { path: fetchedPython, version: fetchedPython };
  const looked = search.seen.length === 0 ? 'none was found' : `found ${search.seen.slice(0, 12).join(', ')}`;
  throw new Failure(
    'lab-python-missing',
    `NetBox needs Python 3.12, 3.13 or 3.14: ${looked}; and uv could not fetch one: ${lastLine(all)}`,
    {
      next: 'Install Python 3.12 or newer (for instance `apt install python3.12`, or with pyenv), or set LAB_PYTHON to its path.',
    },
  );
}

async function orFail(running: Promise<UvRun>, what: string): Promise<void> {
  const { failed, all } = await running;
  if (!failed) return;
  const lines = all.trim().split('\n').slice(-10);
  const offline = /error sending request|dns error|connect|timed out|Failed to fetch/i.test(all);
  throw new Failure(
    offline ? 'lab-offline' : 'lab-install-failed',
    `${what}:\n${lines.map(line => `  ${line}`).join('\n')}`,
    {
      next:
        adviceFor(lines) ??
        (offline
          ? 'Check the network and the proxy (HTTPS_PROXY), or name your package index (UV_DEFAULT_INDEX); then run `bmtool lab up` again.'
          : 'Run `bmtool lab up` again; what is done already is kept.'),
    },
  );
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}

function marker(folder: string): string {
  return join(folder, '.complete');
}
