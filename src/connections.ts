import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Met, NetBoxOptions } from './adapters/netbox/netbox.ts';
import type { Book } from './adapters/spool/book.ts';
import { openProgress } from './cli/progress.ts';
import type { Screen } from './cli/screen.ts';
import type { LeaseQueue, LeaseStore } from './core/lease-queue.ts';
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
  /** `--timeout`, milliseconds: how long a service that does not answer is waited for. */
  readonly timeoutMs: number | undefined;
  readonly json: boolean;
};

/** A NetBox that restarts is back within a minute or so; a run in the middle of its work waits that long. */
const defaultPatienceMs = 120_000;
const defaultProbeMs = 5_000;
/** A NetBox that hangs may be what a snapshot is to mend. */
const defaultHelloMs = 10_000;
/** Others' transactions in NetBox's database, before it is copied or exchanged. */
const defaultSessionsMs = 10_000;

export function redisOptions({ settings, timeoutMs }: WorldOptions) {
  return {
    host: settings.get('REDIS_HOST'),
    port: Number(settings.get('REDIS_PORT')),
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
    progress: openProgress(options.screen),
    interrupt: options.interrupt,
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

/** The list on which lease events travel, as the programs that bmtool replaces have named it. */
const leaseList = 'dhcp_lease';
/** Others listen here for discovered devices, beside REDIS_QUEUE. */
const discoveredList = 'device_discovered';
/** How often a worker that waits for its turn asks. */
const turnEveryMs = 500;

type OnClose = (close: () => Promise<void>) => void;

async function openBookNow({ settings }: WorldOptions, onClose: OnClose) {
  const { openBook } = await import('./adapters/spool/book.ts');
  const book = openBook(join(settings.stateDir, 'leases.db'));
  onClose(async () => book.close());
  return book;
}

async function openReaderNow({ settings }: WorldOptions, book: Book, onClose: OnClose) {
  const [{ openSpoolReader }, { readBoot }, { eventsOfRecord }] = await Promise.all([
    import('./adapters/spool/queue.ts'),
    import('./adapters/spool/boot.ts'),
    import('./features/leases/record.ts'),
  ]);
  const reader = openSpoolReader({
    folder: settings.get('BMTOOL_SPOOL_DIR'),
    book,
    eventsOf: record => eventsOfRecord(record, { host: hostname(), now: Date.now() }),
    boot: readBoot(),
  });
  onClose(async () => reader.close());
  return reader;
}

/** The right to work on this machine's spool; `false` when another process has it and this one does not wait, or was interrupted. */
async function takeTurnAtSpool(options: WorldOptions, onClose: OnClose, waitFor: boolean): Promise<boolean> {
  const { takeSpool } = await import('./adapters/spool/queue.ts');
  const { settings, interrupt } = options;
  const path = join(settings.stateDir, 'leases.lock');
  let release = takeSpool(path);
  if (release === undefined && waitFor)
    openProgress(options.screen).note('Another worker is at this spool: waiting for its turn.');
  while (release === undefined && waitFor && !interrupt.aborted) {
    await wait(turnEveryMs, undefined, { signal: interrupt }).catch(() => {});
    release = takeSpool(path);
  }
  if (release) onClose(async () => release?.());
  return release !== undefined;
}

/** The events of this machine's spool or, `via` Redis, of all machines: then this one's are sent on meanwhile. */
export async function openLeaseQueueNow(
  options: WorldOptions,
  onClose: OnClose,
  wish: { readonly via: string | undefined; readonly wait: boolean },
): Promise<LeaseQueue | undefined> {
  const book = await openBookNow(options, onClose);
  if (wish.via === 'redis') return openQueueViaRedis(options, book, onClose, wish.wait);
  if (!(await takeTurnAtSpool(options, onClose, wish.wait))) return undefined;
  const { openSpoolQueue } = await import('./adapters/spool/queue.ts');
  return openSpoolQueue(await openReaderNow(options, book, onClose), book);
}

async function openQueueViaRedis(options: WorldOptions, book: Book, onClose: OnClose, isLasting: boolean) {
  const queue = await openRedisLeasesNow(options, onClose);
  if (await takeTurnAtSpool(options, onClose, false)) {
    const over = new AbortController();
    const interrupt = AbortSignal.any([options.interrupt, over.signal]);
    const forwarding = forwardNow({ ...options, interrupt }, book, onClose, isLasting);
    if (!isLasting) await forwarding;
    onClose(async () => {
      over.abort();
      await forwarding.catch(() => {});
    });
  }
  return queue;
}

/** Sends what is in this machine's spool on to Redis; until the interruption where `isLasting`. */
async function forwardNow(options: WorldOptions, book: Book, onClose: OnClose, isLasting: boolean): Promise<void> {
  const [{ connectRedis }, { openHarbour }, { forward }] = await Promise.all([
    import('./adapters/redis/connection.ts'),
    import('./adapters/redis/harbour.ts'),
    import('./engine/forward.ts'),
  ]);
  const connection = await connectRedis(redisOptions(options));
  onClose(async () => connection.close());
  await forward(
    {
      reader: await openReaderNow(options, book, onClose),
      book,
      harbour: openHarbour(connection, leaseList, Date.now),
      progress: openProgress(options.screen),
      interrupt: options.interrupt,
      pause: (ms, signal) => wait(ms, undefined, { signal }).catch(() => {}),
      newName: randomUUID,
    },
    { wait: isLasting },
  );
}

async function openRedisLeasesNow(options: WorldOptions, onClose: OnClose): Promise<LeaseQueue> {
  const [{ connectRedis }, { openRedisLeaseQueue }, { processIdentity }] = await Promise.all([
    import('./adapters/redis/connection.ts'),
    import('./adapters/redis/lease-queue.ts'),
    import('./adapters/runs/writer.ts'),
  ]);
  const connection = await connectRedis(redisOptions(options));
  onClose(async () => connection.close());
  const { host, pid, startTime } = processIdentity();
  const queue = openRedisLeaseQueue({
    connection,
    key: leaseList,
    tellOn: [options.settings.get('REDIS_QUEUE'), discoveredList],
    worker: `${host}/${pid}/${startTime}`,
    clock: Date.now,
  });
  onClose(() => queue.close());
  return queue;
}

/** What is known about leases, for those who look: no right to work on them is needed. */
export async function openLeaseStoreNow(
  options: WorldOptions,
  onClose: OnClose,
  via: string | undefined,
): Promise<LeaseStore> {
  if (via === 'redis') return openRedisLeasesNow(options, onClose);
  const book = await openBookNow(options, onClose);
  const reader = await openReaderNow(options, book, onClose);
  const { openSpoolQueue } = await import('./adapters/spool/queue.ts');
  const queue = openSpoolQueue(reader, book);
  return { ...queue, counts: async () => ({ ...book.counts(), ...reader.unread() }) };
}

export async function openRedisNow(options: WorldOptions) {
  const { openRedis } = await import('./adapters/redis/redis.ts');
  return openRedis(redisOptions(options));
}

function netboxOptions({ settings, interrupt, timeoutMs }: WorldOptions): NetBoxOptions {
  return {
    url: settings.netboxUrl,
    token: settings.get('NETBOX_TOKEN'),
    signal: interrupt,
    patienceMs: timeoutMs ?? defaultPatienceMs,
    userAgent,
  };
}

export async function openNetBoxNow(options: WorldOptions) {
  const { openNetBox } = await import('./adapters/netbox/netbox.ts');
  return openNetBox(netboxOptions(options));
}

/** NetBox, for those who can do without. */
export type Meeting = {
  /** Asks NetBox, once for all who want to know; anew after it did not answer. */
  meet(): Promise<Met>;
  /** Nobody waits for an answer any more. */
  end(): Promise<void>;
};

export function openMeeting(options: WorldOptions): Meeting {
  const over = new AbortController();
  let met: Promise<Met> | undefined;
  const ask = async () => {
    const { meetNetBox } = await import('./adapters/netbox/netbox.ts');
    const interrupt = AbortSignal.any([options.interrupt, over.signal]);
    return meetNetBox({ ...netboxOptions({ ...options, interrupt }), helloMs: options.timeoutMs ?? defaultHelloMs });
  };
  return {
    meet() {
      met ??= ask().catch(error => {
        met = undefined;
        throw error;
      });
      return met;
    },
    async end() {
      over.abort();
      await met?.then(({ netbox }) => netbox.close()).catch(() => {});
    },
  };
}

export function cacheDirOf(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'bmtool');
}

/** A password that nobody set gives way to ~/.pgpass, where there is one: `undefined` makes the driver look there. */
function postgresPassword(settings: Settings, env: NodeJS.ProcessEnv): string | undefined {
  const { origin, value } = settings.all.find(setting => setting.name === 'PGPASSWORD') ?? {
    origin: 'default',
    value: '',
  };
  const passfile = env.PGPASSFILE || join(env.HOME || homedir(), '.pgpass');
  return origin === 'default' && existsSync(passfile) ? undefined : value;
}
