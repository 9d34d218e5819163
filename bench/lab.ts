import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { PostgresConnection } from '../src/adapters/postgres/connect.ts';
import { endSessions } from '../src/adapters/postgres/sessions.ts';
import {
  allowConnections,
  blockConnections,
  cloneDatabase,
  dropDatabase,
  recoverSwap,
  replaceDatabase,
} from '../src/adapters/postgres/swap.ts';
import { silent } from '../src/core/progress.ts';
import { connectAdmin, databases } from '../src/lab/database.ts';
import { waitForRegistration } from '../src/lab/netbox-service.ts';
import { placesOf } from '../src/lab/places.ts';
import { askRedis } from '../src/lab/redis-wire.ts';
import { databaseAccount } from '../src/lab/running.ts';
import { readState } from '../src/lab/state.ts';
import { pauseWorker, resumeWorker } from '../src/lab/stop.ts';
import { waitFor } from '../src/lab/wait.ts';

export const program = new URL('../bin/bmtool.js', import.meta.url).pathname;
export const manifest = new URL('../fixtures/manifests/servers-601.csv', import.meta.url).pathname;

export type BenchLab = Copies & {
  /** Environment that leads any program to the lab. */
  readonly env: Record<string, string>;
  readonly folder: string;
  readonly servers: number;
  reset(): Promise<void>;
  sql<T>(query: string): Promise<T[]>;
  down(): Promise<void>;
};

/** `keep` and `back` leave NetBox as `lab reset` does: Redis empty, no background job left over, the worker started afresh. */
type Copies = {
  /** Copies the database as it is now. A copy that had the name is replaced. */
  keep(name: string): Promise<void>;
  /** Puts a copy in the place of the database. */
  back(name: string): Promise<void>;
  /**
   * Waits until NetBox's worker has nothing to do. It indexes for the search what a run wrote, for a while after its end, and takes CPU
   * from whatever is measured then.
   */
  quiet(): Promise<void>;
};

/** A lab of the bench's own, with a fleet of so many servers, on free ports. */
export async function openBenchLab(servers: number): Promise<BenchLab> {
  const folder = await mkdtemp(join(tmpdir(), 'bmtool-bench-'));
  const own = { BMTOOL_STATE_DIR: folder, LAB_PORTS: 'auto' };
  const bmtool = (...args: string[]) => execa('node', [program, ...args], { env: own, stderr: 'pipe' });
  await bmtool('lab', 'up', '--servers', String(servers), '--seed', '1');
  const { result } = JSON.parse((await bmtool('lab', 'env', '--json')).stdout) as { result: Record<string, string> };
  const env = { ...result, ...own };
  return {
    env,
    folder,
    servers,
    ...openCopies(folder),
    reset: async () => void (await bmtool('lab', 'reset')),
    async sql<T>(query: string) {
      const { Client } = await import('pg');
      const client = new Client({ connectionString: result.DATABASE_URL });
      await client.connect();
      try {
        return (await client.query(query)).rows as T[];
      } finally {
        await client.end();
      }
    },
    async down() {
      await bmtool('lab', 'down', '--purge');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** How long the worker may take for what one run left it, and how often in a row it must be found idle: a job that it is just taking is in no list. */
const quietTimeoutMs = 900_000;
const idleLooks = 3;

function openCopies(folder: string): Copies {
  const { ports, secrets, services } = readState(folder) ?? {};
  const worker = services?.worker;
  if (!ports || !secrets || !worker) throw new Error(`no lab runs in ${folder}`);
  const { signal } = new AbortController();
  const lab = { places: placesOf(folder, folder), env: {}, progress: silent, signal };
  const withoutWorker = async (act: (admin: PostgresConnection) => Promise<void>) => {
    await using admin = await connectAdmin({ port: ports.postgres, password: secrets.postgresPassword });
    try {
      await pauseWorker(lab, worker);
      await act(admin);
      await askRedis(ports.redis, 'FLUSHALL');
    } finally {
      resumeWorker(worker);
    }
    await waitForRegistration(ports.redis, signal);
  };
  return {
    keep: name => withoutWorker(admin => keepLive(admin, `bench_${name}`)),
    back: name => withoutWorker(admin => putBack(admin, `bench_${name}`)),
    quiet: () => waitUntilIdle(ports.redis, signal),
  };
}

/** PostgreSQL copies a database only while nobody is in it. */
async function keepLive(admin: PostgresConnection, copy: string): Promise<void> {
  const { live } = databases;
  await dropDatabase(admin, copy);
  try {
    await blockConnections(admin, live);
    await endSessions(admin, live, 5000);
    await cloneDatabase(admin, { source: live, copy, owner: databaseAccount.user });
  } finally {
    await allowConnections(admin, live);
  }
}

async function putBack(admin: PostgresConnection, copy: string): Promise<void> {
  await recoverSwap(admin, databases);
  await cloneDatabase(admin, { source: copy, copy: databases.next, owner: databaseAccount.user });
  await replaceDatabase(admin, databases);
}

/** NetBox's jobs are in the database 0 of Redis (`tasks` in its configuration), all in rq's queue `default`. */
async function waitUntilIdle(redisPort: number, signal: AbortSignal): Promise<void> {
  let idle = 0;
  const look = async () => {
    const waiting = await askRedis(redisPort, 'LLEN rq:queue:default');
    const running = await askRedis(redisPort, 'ZCARD rq:wip:default');
    idle = waiting === 0 && running === 0 ? idle + 1 : 0;
    return idle >= idleLooks ? true : undefined;
  };
  if (await waitFor(look, { timeoutMs: quietTimeoutMs, everyMs: 200, signal })) return;
  throw new Error(`NetBox's worker is still at work after ${quietTimeoutMs / 1000} s`);
}
