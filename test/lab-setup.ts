import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';
import { placesOf } from '../src/lab/places.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Each worker's; see support/lab-env.ts. */
    labs: readonly Readonly<Record<string, string>>[];
  }
}

type Lab = { readonly env: Record<string, string>; down(): Promise<void> };

/**
 * Brings up a lab for each worker of the tests, beside any other on this machine, and takes them down at the end. One after the other: the first may have
 * to install NetBox, and two at once might choose the same port.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const labs: Lab[] = [];
  const down = async () => void (await Promise.all(labs.map(lab => lab.down())));
  try {
    while (labs.length < project.config.maxWorkers) labs.push(await startLab());
  } catch (error) {
    await down();
    throw error;
  }
  project.provide(
    'labs',
    labs.map(({ env }) => env),
  );
  return down;
}

async function startLab(): Promise<Lab> {
  const stateDir = await mkdtemp(join(tmpdir(), 'bmtool-test-'));
  const freeMemory = await keepInMemory(dirname(placesOf(stateDir, tmpdir()).postgresData));
  const env = { BMTOOL_STATE_DIR: stateDir, LAB_PORTS: 'auto' };
  const bmtool = (...args: string[]) => execa('node', ['bin/bmtool.js', ...args], { env, stderr: ['pipe', 'inherit'] });
  const down = async () => {
    await bmtool('lab', 'down', '--purge');
    await rm(stateDir, { recursive: true, force: true });
    await freeMemory();
  };
  try {
    await bmtool('lab', 'up');
    const { stdout } = await bmtool('lab', 'env', '--json');
    return { env: { ...(JSON.parse(stdout) as { result: Record<string, string> }).result, ...env }, down };
  } catch (error) {
    await down();
    throw error;
  }
}

/**
 * Has the databases, which tests make and drop by the hundred, in memory where that is easy: see `inMemory` in support/postgres.ts. As root alone,
 * whose PostgreSQL has a folder to itself.
 *
 * @returns what gives the memory back
 */
async function keepInMemory(folder: string): Promise<() => Promise<void>> {
  if (process.getuid?.() !== 0 || !existsSync('/dev/shm')) return async () => {};
  const memory = await mkdtemp('/dev/shm/bmtool-test-');
  await mkdir(dirname(folder), { recursive: true });
  await symlink(memory, folder);
  return async () => {
    await rm(folder, { force: true });
    await rm(memory, { recursive: true, force: true });
  };
}
