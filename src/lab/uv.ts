import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../core/failure.ts';
import type { Step } from '../core/progress.ts';
import { childEnv } from './child-env.ts';
import type { Python } from './python.ts';
import { stopIfInterrupted } from './wait.ts';
import { fetchPinned, type PinnedFile } from './wheel-index.ts';

const version = '0.13.8';

/** The wheels that carry uv's program, from PyPI. */
const wheels: Record<string, PinnedFile> = {
  x64: {
    project: 'uv',
    filename: `uv-${version}-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl`,
    sha256: 'e18a57b8b352eb7c8feb317b9f6f533c8f0ad9673fd6cf34bbe3cf1a9f6a8984',
  },
  arm64: {
    project: 'uv',
    filename: `uv-${version}-py3-none-manylinux_2_28_aarch64.whl`,
    sha256: '5337c30bb893b4f9ce0ceb921ba2da0d13f649da644f40ad3bef84083bef0203',
  },
};

type Wanted = { cacheDir: string; env: NodeJS.ProcessEnv; signal: AbortSignal; step: Step; python: Python | undefined };

/**
 * The path of uv: the pinned one, fetched once into `cacheDir`; where that cannot be had, the one on PATH.
 *
 * Its wheel is unpacked by any Python's zipfile module: Debian's python3 has neither pip nor venv, and needs neither.
 */
export async function findUv(wanted: Wanted): Promise<string> {
  const program = join(wanted.cacheDir, `uv-${version}-${process.arch}`, 'bin', 'uv');
  if (existsSync(program)) return program;
  const { step } = wanted;
  try {
    await installUv(program, wanted);
    return program;
  } catch (error) {
    stopIfInterrupted(wanted.signal);
    const own = await findOwn(wanted.env);
    if (own === undefined) throw noUv(error as Error);
    step.say(`uv ${version} could not be fetched, using the one on PATH`);
    return own;
  }
}

async function installUv(program: string, { cacheDir, env, signal, step, python }: Wanted): Promise<void> {
  const wheel = wheels[process.arch];
  if (wheel === undefined) throw new Error(`there is no pinned uv for ${process.arch}`);
  if (python === undefined) throw new Error('there is no Python 3 that could unpack it');
  step.say(`fetching uv ${version}`);
  const bytes = await fetchPinned(wheel, { env, signal, onBytes: (done, total) => step.at(done, total) });
  const folder = join(cacheDir, `uv-${version}-${process.arch}`);
  const draft = `${folder}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const archive = join(draft, 'uv.whl');
  await writeFile(archive, bytes);
  await execa(python.path, ['-I', '-m', 'zipfile', '-e', archive, draft], { cwd: '/', cancelSignal: signal });
  await rename(join(draft, `uv-${version}.data`, 'scripts'), join(draft, 'bin'));
  // zipfile does not keep modes.
  await chmod(join(draft, 'bin', 'uv'), 0o755);
  await rm(archive);
  await rename(draft, folder).catch(async error => {
    // Another bmtool was faster.
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(program)) throw error;
  });
}

async function findOwn(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { failed } = await execa('uv', ['--version'], { reject: false, env: childEnv(env), extendEnv: false });
  return failed ? undefined : 'uv';
}

function noUv(error: Error): Failure {
  const cause = (error.cause as Error | undefined)?.message;
  return new Failure(
    'lab-offline',
    `uv ${version}, which installs NetBox, could not be fetched: ${error.message}${cause ? ` (${cause})` : ''}.`,
    {
      next: 'Check the network and the proxy (HTTPS_PROXY), or name your package index (UV_DEFAULT_INDEX or PIP_INDEX_URL), or put uv on PATH; then run `bmtool lab up` again.',
      cause: error,
    },
  );
}
