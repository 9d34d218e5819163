import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createClient } from '@redis/client';
import { execa } from 'execa';
import type { PostgresConnection } from '../../src/adapters/postgres/connect.ts';
import { readOwnName } from '../../src/adapters/postgres/own-databases.ts';
import { quoted } from '../../src/adapters/postgres/swap.ts';
import { silent } from '../../src/core/progress.ts';
import { ensureEnvironment } from '../../src/lab/environment.ts';
import { findFreePort } from '../../src/lab/ports.ts';
import { findRedis } from '../../src/lab/redis-service.ts';
import { cacheDir, eventually, newStateDir } from '../lab/support.ts';
import { startOwnPostgres } from './postgres.ts';
import { program } from './program.ts';

/** The tables of NetBox's that bmtool looks at, with a device, and one that says which record this is. */
const tables = `
  CREATE TABLE django_migrations (id int PRIMARY KEY, app text, name text, applied timestamptz DEFAULT now());
  INSERT INTO django_migrations VALUES (1, 'dcim', '0001_initial'), (2, 'ipam', '0001_initial');
  CREATE TABLE django_content_type (id int PRIMARY KEY, app_label text, model text);
  INSERT INTO django_content_type VALUES (1, 'dcim', 'device'), (2, 'dcim', 'interface');
  CREATE TABLE dcim_device (id int PRIMARY KEY, name text, serial text, device_type_id int, role_id int);
  INSERT INTO dcim_device SELECT n, 'server-' || n, 'S' || n, 1, 1 FROM generate_series(1, 50) n;
  CREATE TABLE dcim_interface (id int PRIMARY KEY, device_id int, name text);
  INSERT INTO dcim_interface SELECT n, n, 'iLO' FROM generate_series(1, 50) n;
  CREATE TABLE dcim_macaddress (id int PRIMARY KEY, mac_address text, assigned_object_type_id int, assigned_object_id int);
  CREATE TABLE record (word text);
  INSERT INTO record VALUES ('first');`;

const [command, ...before] = program;
const queueKey = 'netbox:bmc:discovered';

export type Ran = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };
export type SmallNetBox = Awaited<ReturnType<typeof startSmallNetBox>>;

/**
 * A PostgreSQL and a Redis of a test's own, and in them as much of NetBox as bmtool's snapshots see: small, so that everything can be done to it
 * hundreds of times. NetBox itself is away: its address is a port that nobody listens on.
 *
 * @param source the name of its database
 * @param settings and `prepare` see `startOwnPostgres`
 */
export async function startSmallNetBox(
  source = 'netbox',
  settings: readonly string[] = [],
  prepare?: (folder: string) => Promise<void>,
) {
  await using closers = new AsyncDisposableStack();
  const postgres = closers.use(await startOwnPostgres(settings, prepare));
  const redis = closers.use(await startRedis());
  const stateDir = newStateDir();
  const env = {
    HOME: stateDir,
    NO_COLOR: '1',
    BMTOOL_STATE_DIR: stateDir,
    // It is started hundreds of times.
    NODE_COMPILE_CACHE: `${stateDir}/compiled`,
    NETBOX_URL: 'http://127.0.0.1:9',
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(redis.port),
    PGHOST: '127.0.0.1',
    PGPORT: String(postgres.port),
    PGUSER: 'ordinary',
    PGPASSWORD: postgres.password,
    PGDATABASE: source,
  };
  await make(postgres, source);
  const owned = closers.move();
  return {
    source,
    postgres,
    redis,
    env,
    start: (args: readonly string[], more: Record<string, string> = {}) => start(args, { ...env, ...more }),
    run: (args: readonly string[], more: Record<string, string> = {}) => run(args, { ...env, ...more }),
    ...recordOf(postgres, redis, source),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function make(postgres: Awaited<ReturnType<typeof startOwnPostgres>>, source: string): Promise<void> {
  await using admin = await postgres.connect('postgres');
  await admin.query(`CREATE DATABASE ${quoted(source)}`);
  await using live = await postgres.connect(source);
  await live.query(tables);
}

/** What a test does to the record and asks of it, past bmtool. */
function recordOf(
  postgres: Awaited<ReturnType<typeof startOwnPostgres>>,
  redis: Awaited<ReturnType<typeof startRedis>>,
  source: string,
) {
  const beside = async <T>(work: (admin: PostgresConnection) => Promise<T>): Promise<T> => {
    await using admin = await postgres.asSuperuser('postgres');
    return await work(admin);
  };
  const wordIn = async (database: string) => {
    await using connection = await postgres.connect(database);
    const { rows } = await connection.query<{ word: string; whole: string }>(
      `SELECT (SELECT word FROM record) AS word, (SELECT count(*) FROM dcim_device) || ' ' || (SELECT count(*) FROM dcim_interface) AS whole`,
    );
    return rows[0]?.whole === '50 50' ? rows[0].word : `damaged: ${rows[0]?.whole}`;
  };
  return {
    /** Statements beside the databases, as a superuser. */
    beside,
    /** Makes it another record, with its own event in the queue, and a cache that NetBox made from it. */
    async become(word: string) {
      await using live = await postgres.connect(source);
      await live.query('UPDATE record SET word = $1', [word]);
      await redis.queue.del(queueKey);
      await redis.queue.rPush(queueKey, `event of ${word}`);
      await redis.cache.set(':1:config', word);
    },
    /** Which record it is, by a client that connects now; `queue` and `cache` as they fit it. */
    async now() {
      return {
        word: await wordIn(source),
        queue: await redis.queue.lRange(queueKey, 0, -1),
        cache: await redis.cache.get(':1:config'),
      };
    },
    wordIn,
    /** A look into a database that takes no clients. */
    lookInto: (database: string) =>
      beside(async admin => {
        await admin.query(`ALTER DATABASE ${quoted(database)} WITH ALLOW_CONNECTIONS true`);
        try {
          return await wordIn(database);
        } finally {
          await admin.query(`ALTER DATABASE ${quoted(database)} WITH ALLOW_CONNECTIONS false`);
        }
      }),
    /** All databases of bmtool's: their role, name, and whether they take clients. */
    own: () =>
      beside(async admin => {
        const { rows } = await admin.query<{ name: string; open: boolean }>(
          "SELECT datname AS name, datallowconn AS open FROM pg_database WHERE datname LIKE 'bmtool\\_%' ORDER BY 1",
        );
        return rows.map(row => ({ ...row, role: readOwnName(source, row.name)?.role }));
      }),
    comment: () =>
      beside(async admin => {
        const { rows } = await admin.query<{ comment: string | null; open: boolean }>(
          "SELECT shobj_description(oid, 'pg_database') AS comment, datallowconn AS open FROM pg_database WHERE datname = $1",
          [source],
        );
        return rows[0];
      }),
  };
}

function start(args: readonly string[], env: Record<string, string>) {
  const child = spawn(command, [...before, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', chunk => {
    stdout += chunk;
  });
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  const ended = once(child, 'close').then(([exitCode]): Ran => ({ exitCode, stdout, stderr }));
  return { child, ended, stderr: () => stderr };
}

async function run(args: readonly string[], env: Record<string, string>): Promise<Ran> {
  const ran = await execa(command, [...before, ...args], {
    env,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
  return { exitCode: ran.exitCode ?? null, stdout: String(ran.stdout), stderr: String(ran.stderr) };
}

/** The same program as the lab's, on a port of its own, with nothing kept on disk. */
async function startRedis() {
  const signal = new AbortController().signal;
  const environment = await ensureEnvironment({ cacheDir, env: process.env, progress: silent, signal });
  const port = await findFreePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child: ChildProcess = spawn(findRedis(environment, process.env), args, { stdio: 'ignore' });
  const open = async (database: number) => {
    const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false }, database });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const queue = await eventually(() => open(0).catch(() => undefined));
  const cache = await open(1);
  return {
    port,
    queue,
    cache,
    async [Symbol.asyncDispose]() {
      queue.destroy();
      cache.destroy();
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
