import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { connectPostgres } from '../adapters/postgres/connect.ts';
import { Failure } from '../core/failure.ts';
import { childEnv } from './child-env.ts';
import { identify } from './identity.ts';
import type { Account, Places } from './places.ts';
import { loopback } from './running.ts';
import { adviceFor, startService, stopService, waitUntilReady } from './service.ts';
import type { ServiceRecord } from './state.ts';
import { waitFor } from './wait.ts';

/** The cluster's own superuser; NetBox's account is another. */
export const superuser = 'postgres';

/**
 * Speed before safety: the lab's data can be made anew. No Unix socket: it would leave files in /tmp, and its path may
 * be at most 107 bytes long.
 */
const options = {
  listen_addresses: loopback,
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  checkpoint_timeout: '30min',
  // Postgres would wait for a minute and give up; the lab has its own idea of how long that takes.
  logging_collector: 'off',
};

/** Makes the data directory, if there is none. Whole or not at all: it appears under its name when initdb is through. */
export async function createCluster(
  places: Places,
  how: { bin: string; password: string; env: NodeJS.ProcessEnv },
): Promise<void> {
  const { postgresData: data, postgresAccount: account } = places;
  const { bin, password, env } = how;
  if (existsSync(join(data, 'PG_VERSION'))) return checkMajor(data, bin);
  const draft = `${data}.new`;
  const passwordFile = `${data}.password`;
  await rm(draft, { recursive: true, force: true });
  await openFolder(places);
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account) await chown(passwordFile, account.uid, account.gid);
  try {
    await runInitdb(draft, { bin, passwordFile, env, account });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(draft, data);
}

async function runInitdb(
  folder: string,
  how: { bin: string; passwordFile: string; env: NodeJS.ProcessEnv; account: Account | undefined },
): Promise<void> {
  const { account } = how;
  // C collation for all but what NetBox itself collates by ICU: the same order of names on every machine.
  const text = '--encoding=UTF8 --locale=C --auth=scram-sha-256 --no-sync --no-instructions'.split(' ');
  const args = [`--pgdata=${folder}`, `--username=${superuser}`, `--pwfile=${how.passwordFile}`, ...text];
  const { failed, stderr, stdout } = await execa(join(how.bin, 'initdb'), args, {
    reject: false,
    cwd: '/',
    env: childEnv(how.env),
    extendEnv: false,
    ...(account && { uid: account.uid, gid: account.gid }),
  });
  if (!failed) return;
  const lines = `${stdout}\n${stderr}`.trim().split('\n').slice(-10);
  const said = lines.map(line => `  ${line}`).join('\n');
  throw new Failure('lab-service-failed', `PostgreSQL could not make its data directory ${folder}:\n${said}`, {
    next: adviceFor(lines) ?? `Look at ${dirname(folder)}, then run \`bmtool lab up\` again.`,
  });
}

/** A data directory serves the major version that made it, and no other. */
async function checkMajor(data: string, bin: string): Promise<void> {
  const made = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  const { stdout } = await execa(join(bin, 'postgres'), ['--version'], { cwd: '/', reject: false });
  const major = /\b(\d+)[.\d]*/.exec(stdout ?? '')?.[1];
  if (major === made) return;
  throw new Failure(
    'lab-data-of-another-postgres',
    `The lab's data was made by PostgreSQL ${made}, and ${bin} is PostgreSQL ${major ?? '?'}.`,
    {
      next: 'Use PostgreSQL of the same version (LAB_PG_BIN), or discard the data: bmtool lab down --purge && bmtool lab up',
    },
  );
}

/** Starts the server and gives its record when it answers and has proved to be the one that was started. */
export async function startPostgres(
  places: Places,
  start: {
    bin: string;
    port: number;
    password: string;
    env: NodeJS.ProcessEnv;
    signal: AbortSignal;
    onStart: (service: ServiceRecord) => void;
  },
): Promise<ServiceRecord> {
  const log = join(places.logs, 'postgres.log');
  await freeCluster(places.postgresData, start.signal);
  const settings = Object.entries({ ...options, port: String(start.port) }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const identity = await startService({
    name: 'postgres',
    command: join(start.bin, 'postgres'),
    args: ['-D', places.postgresData, ...settings],
    env: childEnv(start.env),
    log,
    account: places.postgresAccount,
  });
  const version = readFileSync(join(places.postgresData, 'PG_VERSION'), 'utf8').trim();
  start.onStart({ ...identity, port: start.port, version, log });
  const service = { name: 'postgres', identity, log } as const;
  const exact = await waitUntilReady(service, () => askVersion(start, places.postgresData), {
    timeoutMs: 60_000,
    signal: start.signal,
  });
  return { ...identity, port: start.port, version: exact, log };
}

/** The version of the server at the port, provided that it serves this data directory. */
async function askVersion(at: { port: number; password: string }, data: string): Promise<string | undefined> {
  try {
    await using client = await connectPostgres({
      host: loopback,
      port: at.port,
      user: superuser,
      password: at.password,
      database: 'postgres',
    });
    const { rows } = await client.query<{ data: string; version: string }>(
      `SELECT current_setting('data_directory') AS data, current_setting('server_version') AS version`,
    );
    return rows[0]?.data === data ? rows[0].version : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes sure that nobody serves the data directory. What does so is the lab's own, left by a bmtool that was killed: it is
 * stopped. PostgreSQL also refuses to start when postmaster.pid names a process of its own account, whichever program
 * that is by now; after kill -9 or a reboot the number may belong to anybody.
 */
async function freeCluster(data: string, signal: AbortSignal): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  const postmaster = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8').split('\n')[0]) : 0;
  const left = usersOf(data);
  const found = left.find(pid => pid === postmaster);
  const identity = found === undefined ? undefined : identify(found);
  if (identity !== undefined) await stopService(identity, { first: 'SIGINT', graceMs: 5000 });
  // The processes of a server that was killed end by themselves within milliseconds.
  const free = await waitFor(() => (usersOf(data).length === 0 ? true : undefined), { timeoutMs: 10_000, signal });
  if (!free) {
    throw new Failure('lab-data-in-use', `PostgreSQL processes (${usersOf(data).join(', ')}) still use ${data}.`, {
      next: 'Stop them, then run `bmtool lab up` again.',
    });
  }
  await rm(pidFile, { force: true });
}

/** Every process of a PostgreSQL server has its data directory as current folder. */
function usersOf(data: string): number[] {
  return readdirSync('/proc').flatMap(name => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`) === data ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

async function openFolder(places: Places): Promise<void> {
  const folder = dirname(places.postgresData);
  await mkdir(folder, { recursive: true, mode: places.postgresAccount ? 0o755 : 0o700 });
  if (!places.postgresAccount) return;
  await chmod(dirname(folder), 0o755);
  await chmod(folder, 0o700);
  await chown(folder, places.postgresAccount.uid, places.postgresAccount.gid);
}
