import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { databases } from '../src/lab/database.ts';
import { placesOf } from '../src/lab/places.ts';
import { smallFleet } from './support/lab-env.ts';
import { program } from './support/program.ts';

const [command, ...before] = program;

declare module 'vitest' {
  export interface ProvidedContext {
    /** Each worker's; see support/lab-env.ts. */
    labs: readonly Readonly<Record<string, string>>[];
  }
}

/** As large as that of 601 servers. */
const usualNetwork = `UPDATE ipam_prefix SET prefix = '10.20.0.0/22' WHERE prefix << '10.20.0.0/16';
  UPDATE ipam_ipaddress SET address = '10.20.0.1/22' WHERE host(address) = '10.20.0.1'`;

type Lab = { readonly env: Record<string, string>; down(): Promise<void> };

/**
 * Brings up a lab for each worker of the tests, beside any other on this machine, and takes them down at the end. All at once: who installs NetBox keeps
 * the others waiting, and who finds his port taken chooses another.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const wanted = Array.from({ length: project.config.maxWorkers }, () => startLab(project.name === 'full'));
  const started = await Promise.allSettled(wanted);
  const labs = started.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []));
  const down = async () => void (await Promise.all(labs.map(lab => lab.down())));
  const failed = started.find(one => one.status === 'rejected');
  if (failed !== undefined) {
    await down();
    throw failed.reason;
  }
  project.provide(
    'labs',
    labs.map(({ env }) => env),
  );
  return down;
}

/** Every bmtool that looks at the fleet reads all of it: where 601 servers are not the point, a tenth of them does. */
async function startLab(whole: boolean): Promise<Lab> {
  const stateDir = await mkdtemp(join(tmpdir(), 'bmtool-test-'));
  const freeMemory = await keepInMemory(dirname(placesOf(stateDir, tmpdir()).postgresData));
  const env = { BMTOOL_STATE_DIR: stateDir, LAB_PORTS: 'auto' };
  const bmtool = (...args: string[]) => execa(command, [...before, ...args], { env, stderr: ['pipe', 'inherit'] });
  const down = async () => {
    await bmtool('lab', 'down', '--purge');
    await rm(stateDir, { recursive: true, force: true });
    await freeMemory();
  };
  try {
    await bmtool('lab', 'up', ...(whole ? [] : ['--servers', String(smallFleet.servers)]));
    const { stdout } = await bmtool('lab', 'env', '--json');
    const { result } = JSON.parse(stdout) as { result: Record<string, string> };
    if (!whole) await widenNetwork(result.DATABASE_URL ?? '');
    return { env: { ...result, ...env }, down };
  } catch (error) {
    await down();
    throw error;
  }
}

/** In the base, of which every reset makes a copy. */
async function widenNetwork(live: string): Promise<void> {
  const client = new Client({ connectionString: live.replace(/[^/]*$/, databases.base) });
  await client.connect();
  await client.query(usualNetwork);
  await client.end();
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
