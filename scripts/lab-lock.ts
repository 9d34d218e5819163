import { rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { findPython, pythonRange } from '../src/lab/python.ts';
import { findUv } from '../src/lab/uv.ts';

/**
 * `npm run lab:lock`: resolves src/lab/python/requirements.in anew and writes requirements.lock, which holds for every Python that
 * the lab takes and for x64 and arm64. To move to another NetBox, change its version in requirements.in first.
 */
const folder = fileURLToPath(new URL('../src/lab/python/', import.meta.url));
const cacheDir = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'bmtool');
const signal = new AbortController().signal;
const step = { at() {}, say: (text: string) => process.stderr.write(`${text}\n`), lane() {}, done() {}, fail() {} };

const { any } = await findPython(process.env, signal);
const uv = await findUv({ cacheDir, env: process.env, signal, step, python: any });
const draft = join(folder, 'requirements.lock.new');
const args = [
  ['pip', 'compile', 'requirements.in', '--output-file', draft],
  ['--overrides', 'overrides.txt'],
  ['--universal', '--python-version', pythonRange.from.join('.')],
  ['--generate-hashes', '--no-header', '--no-annotate', '--quiet'],
];
try {
  await execa(uv, args.flat(), { cwd: folder, stdio: 'inherit' });
  await rename(draft, join(folder, 'requirements.lock'));
} finally {
  await rm(draft, { force: true });
}
