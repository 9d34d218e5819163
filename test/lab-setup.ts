import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';
import { placesOf } from '../src/lab/places.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** NETBOX_URL and the like of the lab that the tests share. */
    lab: Record<string, string>;
  }
}

/** Brings up a lab of the tests' own, beside any other on this machine, and takes it down at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
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
    project.provide('lab', { ...(JSON.parse(stdout) as { result: Record<string, string> }).result, ...env });
  } catch (error) {
    await down();
    throw error;
  }
  return down;
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
