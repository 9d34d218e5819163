import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Met, NetBoxOptions } from './adapters/netbox/netbox.ts';
import { openProgress } from './cli/progress.ts';
import type { Screen } from './cli/screen.ts';
import type { LastWords } from './core/last-words.ts';
import { homeOf } from './files/home.ts';
import type { Settings } from './settings.ts';
import type { Toolbox } from './toolbox.ts';
import { userAgent, version } from './version.ts';

/** What everything outside is reached by. */
export type WorldOptions = {
  readonly settings: Settings;
  readonly screen: Screen;
  readonly stdin: NodeJS.ReadStream;
  readonly env: NodeJS.ProcessEnv;
  readonly interrupt: AbortSignal;
  readonly lastWords: LastWords;
  /** `--timeout`, milliseconds: how long a service that does not answer is waited for. */
  readonly timeoutMs: number | undefined;
  readonly json: boolean;
};

/** A NetBox that restarts is back within a minute or so; a run in the middle of its work waits that long, whatever `--timeout` says. */
const defaultPatienceMs = 120_000;
const defaultProbeMs = 5_000;
/** A NetBox that hangs may be what a snapshot is to mend. */
export const defaultHelloMs = 10_000;
/** Others' transactions in NetBox's database, before it is copied or exchanged. */
const defaultSessionsMs = 10_000;

export function redisOptions({ settings, timeoutMs }: WorldOptions) {
  return {
    host: settings.get('REDIS_HOST'),
    port: Number(settings.get('REDIS_PORT')),
    username: settings.get('REDIS_USERNAME'),
    password: settings.get('REDIS_PASSWORD'),
    timeoutMs: timeoutMs ?? defaultProbeMs,
  };
}

export function postgresOptions({ settings, env, timeoutMs }: WorldOptions) {
  return {
    host: settings.get('PGHOST'),
    port: Number(settings.get('PGPORT')),
    user: settings.get('PGUSER'),
    password: postgresPassword(settings, env),
    database: settings.get('PGDATABASE'),
    timeoutMs: timeoutMs ?? defaultProbeMs,
  };
}

export async function openSnapshotsNow(
  options: WorldOptions,
  files: Toolbox['snapshotFiles'],
  meeting: Meeting,
  onClose: (close: () => Promise<void>) => void,
): Promise<Toolbox['snapshots']> {
  const [{ openDatabase }, { openDumps }, { digestOf }, { openSnapshots }, { processIdentity }] = await Promise.all([
    import('./adapters/postgres/database.ts'),
    import('./adapters/postgres/dump/dumps.ts'),
    import('./adapters/postgres/manifest.ts'),
    import('./engine/snapshots/snapshots.ts'),
    import('./adapters/runs/writer.ts'),
  ]);
  const database = await openDatabase(postgresOptions(options));
  onClose(() => database.close());
  onClose(meeting.end);
  const { user, host, pid } = processIdentity();
  const { settings, env } = options;
  return openSnapshots({
    database,
    dumps: openDumps({ ...postgresOptions(options), env, programs: settings.get('BMTOOL_PG_BIN') }),
    files,
    surroundings: () => openSurroundingsNow(options, onClose),
    meetNetBox: meeting.meet,
    progress: await openProgress(options.screen),
    interrupt: options.interrupt,
    lastWords: options.lastWords,
    clock: Date.now,
    pause: (ms, signal) => wait(ms, undefined, { signal }).catch(() => {}),
    who: `${user}@${host}`,
    process: `${user}@${host}, process ${pid}`,
    version,
    timeoutMs: options.timeoutMs ?? defaultSessionsMs,
    digestOf,
  });
}

/** The discovery queue, and NetBox's own two Redis databases: by default they are all in one Redis, as NetBox's own numbers have it. */
async function openSurroundingsNow(options: WorldOptions, onClose: (close: () => Promise<void>) => void) {
  const [{ connectRedis }, { openQueue }, { openNetBoxCache }, { openNetBoxJobs }] = await Promise.all([
    import('./adapters/redis/connection.ts'),
    import('./adapters/redis/queue.ts'),
    import('./adapters/redis/netbox-cache.ts'),
    import('./adapters/redis/netbox-jobs.ts'),
  ]);
  const { settings } = options;
  const queueRedis = redisOptions(options);
  const at = (name: 'NETBOX_TASKS_URL' | 'NETBOX_CACHE_URL', database: number) => ({
    ...queueRedis,
    database,
    ...settings.redisAt(name),
  });
  const open = async (redis: Parameters<typeof connectRedis>[0]) => {
    const connection = await connectRedis(redis);
    onClose(async () => connection.close());
    return connection;
  };
  const [queue, cache, jobs] = await Promise.all([
    open(queueRedis),
    open(at('NETBOX_CACHE_URL', 1)),
    open(at('NETBOX_TASKS_URL', 0)),
  ]);
  return {
    queue: openQueue(queue, settings.get('REDIS_QUEUE')),
    cache: openNetBoxCache(cache),
    jobs: openNetBoxJobs(jobs),
  };
}

export async function openRedisNow(options: WorldOptions) {
  const { openRedis } = await import('./adapters/redis/redis.ts');
  return openRedis(redisOptions(options));
}

export function netboxOptions({ settings, interrupt, timeoutMs, screen }: WorldOptions): NetBoxOptions {
  return {
    url: settings.netboxUrl,
    token: settings.get('NETBOX_TOKEN'),
    signal: interrupt,
    patienceMs: timeoutMs ?? defaultPatienceMs,
    writePatienceMs: Math.max(timeoutMs ?? 0, defaultPatienceMs),
    connectTimeoutMs: timeoutMs ?? defaultProbeMs,
    userAgent,
    note: text => void openProgress(screen).then(({ note }) => note(text)),
  };
}

export async function openNetBoxNow(options: WorldOptions) {
  const { openNetBox } = await import('./adapters/netbox/netbox.ts');
  return openNetBox(netboxOptions(options));
}

/** A NetBox that somebody has just typed: who waits for it is looking at the screen. */
export async function openNetBoxAt(options: WorldOptions, url: string, token: string) {
  const { openNetBox } = await import('./adapters/netbox/netbox.ts');
  return openNetBox({ ...netboxOptions(options), url, token, patienceMs: options.timeoutMs ?? defaultHelloMs });
}

/** NetBox, for those who can do without. */
export type Meeting = {
  /** Asks NetBox, once for all who want to know; anew after it did not answer. */
  meet(): Promise<Met>;
  /** What came of it when NetBox was asked last, so that nobody waits twice for one that is silent; asks where nobody has. */
  last(): Promise<Met>;
  /** Nobody waits for an answer any more. */
  end(): Promise<void>;
};

export function openMeeting(options: WorldOptions): Meeting {
  const over = new AbortController();
  let met: Promise<Met> | undefined;
  let last: Promise<Met> | undefined;
  const ask = async () => {
    const { meetNetBox } = await import('./adapters/netbox/netbox.ts');
    const interrupt = AbortSignal.any([options.interrupt, over.signal]);
    return meetNetBox({ ...netboxOptions({ ...options, interrupt }), helloMs: options.timeoutMs ?? defaultHelloMs });
  };
  const meet = () => {
    last = met ??= ask().catch(error => {
      met = undefined;
      throw error;
    });
    return met;
  };
  return {
    meet,
    last: () => last ?? meet(),
    async end() {
      over.abort();
      await met?.then(({ netbox }) => netbox.close()).catch(() => {});
    },
  };
}

/** A password that nobody set gives way to ~/.pgpass, where there is one: `undefined` makes the driver look there. */
function postgresPassword(settings: Settings, env: NodeJS.ProcessEnv): string | undefined {
  const { origin, value } = settings.all.find(setting => setting.name === 'PGPASSWORD') ?? {
    origin: 'default',
    value: '',
  };
  const passfile = env.PGPASSFILE || join(homeOf(env), '.pgpass');
  return origin === 'default' && existsSync(passfile) ? undefined : value;
}
