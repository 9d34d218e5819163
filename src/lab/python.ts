import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { childEnv } from './child-env.ts';
import { pythonCandidates } from './python-candidates.ts';

export type Python = { readonly path: string; readonly version: string };

/** What was found while looking for a Python, for the message when none is good enough. */
export type PythonSearch = {
  readonly good: Python | undefined;
  readonly any: Python | undefined;
  readonly seen: readonly string[];
};

/** NetBox 4.7 needs 3.12 (its settings.py refuses older ones); of 3.15 on there are no wheels yet. */
export const pythonRange = { from: [3, 12], below: [3, 15] } as const;

/** Prints its version, and fails where a wheel for CPython on glibc would not work or a module was left out of the build. */
const question = `
import ctypes, ssl, sys, sysconfig, zlib
assert sys.implementation.name == 'cpython' and not sysconfig.get_config_var('Py_GIL_DISABLED')
print('.'.join(map(str, sys.version_info[:3])), getattr(sys, '_base_executable', None) or sys.executable)
`;

/**
 * Looks for a Python that NetBox runs on. Each candidate is run: a name on PATH may be a shim that leads nowhere.
 *
 * `any` is some Python 3, for work that needs no particular one.
 */
export async function findPython(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<PythonSearch> {
  const seen: string[] = [];
  let any: Python | undefined;
  for (const path of pythonCandidates(env).filter(candidate => existsSync(candidate))) {
    const found = await ask(path, env, signal);
    seen.push(found === undefined ? `${path} (does not run)` : `${path} (${found.version})`);
    if (found === undefined) continue;
    any ??= found;
    if (isGoodEnough(found.version)) return { good: found, any, seen };
  }
  return { good: undefined, any, seen };
}

export function isGoodEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const { from, below } = pythonRange;
  return major === from[0] && minor >= from[1] && minor < below[1];
}

async function ask(path: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Python | undefined> {
  const { stdout, failed } = await execa(path, ['-I', '-c', question], {
    reject: false,
    timeout: 10_000,
    cwd: '/',
    env: childEnv(env),
    extendEnv: false,
    cancelSignal: signal,
  });
  const [version, executable] = failed ? [] : stdout.trim().split(' ');
  // The interpreter behind a virtual environment, which may be deleted tomorrow.
  return version === undefined || !version.startsWith('3.') ? undefined : { path: executable ?? path, version };
}
