import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { LocalTool, ToolName } from './cli/command.ts';
import { openConfirm } from './cli/confirm.ts';
import { openProgress } from './cli/progress.ts';
import type { Screen } from './cli/screen.ts';
import type { Settings } from './settings.ts';
import type { Toolbox } from './toolbox.ts';
import { userAgent, version } from './version.ts';

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

/** The tools of one run of bmtool: each opened once, when first asked for, and closed last-in-first-out. */
export type World = {
  open<N extends ToolName>(names: readonly N[]): Promise<Pick<Toolbox, N>>;
  close(): Promise<void>;
};

export const localTools: readonly LocalTool[] = ['sheets', 'progress', 'settings', 'clock'];

/** A NetBox that restarts is back within a minute or so; a run in the middle of its work waits that long. */
const defaultPatienceMs = 120_000;
const defaultProbeMs = 5_000;
/** Others' transactions in NetBox's database, before it is copied or exchanged. */
const defaultSessionsMs = 10_000;

type Openers = {
  readonly [K in ToolName]: (
    get: <N extends ToolName>(name: N) => Promise<Toolbox[N]>,
    onClose: (close: () => Promise<void>) => void,
  ) => Promise<Toolbox[K]>;
};

/** How each tool is opened. Imports are lazy: `bmtool --version` and the DHCP hook load neither drivers nor prompts. */
function openersFor(options: WorldOptions): Openers {
  const { settings, screen, interrupt } = options;
  const get = settings.get;
  return {
    settings: async () => settings,
    clock: async () => Date.now,
    interrupt: async () => interrupt,
    progress: async () => openProgress(screen),
    confirm: async () =>
      openConfirm({
        canAsk: options.stdin.isTTY === true && screen.errIsTerminal && !options.json,
        protected: settings.protected,
        signal: interrupt,
      }),
    async sheets(_, onClose) {
      const { openSheets } = await import('./adapters/sheet/sheets.ts');
      const sheets = openSheets(options.stdin);
      onClose(() => sheets.close());
      return sheets;
    },
    async netbox(_, onClose) {
      const netbox = await openNetBoxNow(options);
      onClose(() => netbox.close());
      return netbox;
    },
    async tryNetbox(_, onClose) {
      return async () => {
        const netbox = await openNetBoxNow(options);
        onClose(() => netbox.close());
        return netbox;
      };
    },
    async oui() {
      const { openOuiRegistry } = await import('./adapters/oui/registry.ts');
      return openOuiRegistry();
    },
    async runs() {
      const { openRunStore } = await import('./adapters/runs/store.ts');
      return openRunStore(settings.stateDir);
    },
    async carryOut(tool) {
      const { openCarryOut } = await import('./engine/carry-out.ts');
      return openCarryOut({
        netbox: await tool('netbox'),
        runs: await tool('runs'),
        progress: await tool('progress'),
        interrupt,
      });
    },
    async lab(tool) {
      const { openLab } = await import('./lab/lab.ts');
      return openLab({
        stateDir: settings.stateDir,
        cacheDir: cacheDirOf(options.env),
        progress: await tool('progress'),
        signal: interrupt,
        env: options.env,
      });
    },
    async redis(_, onClose) {
      const redis = await openRedisNow(options);
      onClose(() => redis.close());
      return redis;
    },
    async tryRedis(_, onClose) {
      return async () => {
        const redis = await openRedisNow(options);
        onClose(() => redis.close());
        return redis;
      };
    },
    async takeTurn(tool) {
      const { openTakeTurn } = await import('./engine/take-turn.ts');
      const { isGone, processIdentity } = await import('./adapters/runs/writer.ts');
      return openTakeTurn({
        redis: await tool('redis'),
        queueKey: get('REDIS_QUEUE'),
        me: processIdentity(),
        isGone,
        clock: Date.now,
        progress: await tool('progress'),
        interrupt,
        pause: (ms, signal) => wait(ms, undefined, { signal }).catch(() => {}),
      });
    },
    async snapshots(_, onClose) {
      return openSnapshotsNow(options, onClose);
    },
    async trySnapshots(_, onClose) {
      return () => openSnapshotsNow(options, onClose);
    },
    async recordNow(tool) {
      const { openRecordNow } = await import('./features/phases/record-now.ts');
      return openRecordNow({ tryNetbox: await tool('tryNetbox'), settings });
    },
    async redisProbe() {
      const { openRedisProbe } = await import('./adapters/redis/probe.ts');
      return openRedisProbe(redisOptions(options));
    },
    async postgresProbe() {
      const { openPostgresProbe } = await import('./adapters/postgres/probe.ts');
      return openPostgresProbe(postgresOptions(options));
    },
  };
}

export function openWorld(options: WorldOptions): World {
  const openers = openersFor(options);
  const opened = new Map<ToolName, Promise<unknown>>();
  const closers: (() => Promise<void>)[] = [];
  const get = <N extends ToolName>(name: N): Promise<Toolbox[N]> => {
    const before = opened.get(name) as Promise<Toolbox[N]> | undefined;
    if (before !== undefined) return before;
    const tool = (openers[name] as Openers[N])(get, close => void closers.push(close));
    opened.set(name, tool);
    return tool as Promise<Toolbox[N]>;
  };
  return {
    async open(names) {
      // All settle before the first refusal is thrown: a tool that opens after another failed is closed all the same.
      const tools = await Promise.allSettled(names.map(async name => [name, await get(name)] as const));
      const refused = tools.find(tool => tool.status === 'rejected');
      if (refused) throw refused.reason;
      return Object.fromEntries(tools.flatMap(tool => (tool.status === 'fulfilled' ? [tool.value] : []))) as Pick<
        Toolbox,
        (typeof names)[number]
      >;
    },
    async close() {
      const closed: unknown[] = [];
      for (const close of closers.toReversed()) await close().catch(error => closed.push(error));
      if (closed.length > 0) throw closed[0];
    },
  };
}

function redisOptions({ settings, timeoutMs }: WorldOptions) {
  return {
    host: settings.get('REDIS_HOST'),
    port: Number(settings.get('REDIS_PORT')),
    password: settings.get('REDIS_PASSWORD'),
    timeoutMs: timeoutMs ?? defaultProbeMs,
  };
}

function postgresOptions({ settings, env, timeoutMs }: WorldOptions) {
  return {
    host: settings.get('PGHOST'),
    port: Number(settings.get('PGPORT')),
    user: settings.get('PGUSER'),
    password: postgresPassword(settings, env),
    database: settings.get('PGDATABASE'),
    timeoutMs: timeoutMs ?? defaultProbeMs,
  };
}

async function openSnapshotsNow(
  options: WorldOptions,
  onClose: (close: () => Promise<void>) => void,
): Promise<Toolbox['snapshots']> {
  const [{ openDatabase }, { digestOf }, { openSnapshots }, { processIdentity }] = await Promise.all([
    import('./adapters/postgres/database.ts'),
    import('./adapters/postgres/manifest.ts'),
    import('./engine/snapshots/snapshots.ts'),
    import('./adapters/runs/writer.ts'),
  ]);
  const database = await openDatabase(postgresOptions(options));
  onClose(() => database.close());
  const { user, host, pid } = processIdentity();
  let netbox: Toolbox['netbox'] | undefined;
  return openSnapshots({
    database,
    surroundings: () => openSurroundingsNow(options, onClose),
    async openNetBox() {
      if (netbox !== undefined) return netbox;
      netbox = await openNetBoxNow(options);
      onClose(netbox.close);
      return netbox;
    },
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

async function openRedisNow(options: WorldOptions) {
  const { openRedis } = await import('./adapters/redis/redis.ts');
  return openRedis(redisOptions(options));
}

async function openNetBoxNow({ settings, interrupt, timeoutMs }: WorldOptions) {
  const { openNetBox } = await import('./adapters/netbox/netbox.ts');
  return openNetBox({
    url: settings.netboxUrl,
    token: settings.get('NETBOX_TOKEN'),
    signal: interrupt,
    patienceMs: timeoutMs ?? defaultPatienceMs,
    userAgent,
  });
}

function cacheDirOf(env: NodeJS.ProcessEnv): string {
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
