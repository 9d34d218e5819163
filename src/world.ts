import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { openAsk } from './cli/ask.ts';
import type { LocalTool, ToolName } from './cli/command.ts';
import { openConfirm } from './cli/confirm.ts';
import { openProgress } from './cli/progress.ts';
import {
  openMeeting,
  openNetBoxAt,
  openNetBoxNow,
  openRedisNow,
  openSnapshotsNow,
  type WorldOptions,
} from './connections.ts';
import { openProbes } from './doctor-connections.ts';
import { cacheDirOf } from './files/home.ts';
import type { Toolbox } from './toolbox.ts';

/** The tools of one run of bmtool: each opened once, when first asked for, and closed last-in-first-out. */
export type World = {
  open<N extends ToolName>(names: readonly N[]): Promise<Pick<Toolbox, N>>;
  close(): Promise<void>;
};

export const localTools: readonly LocalTool[] = ['sheets', 'snapshotFiles', 'progress', 'settings', 'clock', 'ask'];

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
  const meeting = openMeeting(options);
  return {
    settings: async () => settings,
    clock: async () => Date.now,
    interrupt: async () => interrupt,
    progress: () => openProgress(screen),
    ask: async () =>
      openAsk({
        canAsk: options.stdin.isTTY === true && screen.errIsTerminal && !options.json,
        signal: interrupt,
        columns: () => screen.columns,
        plain: screen.plain || options.env.TERM === 'dumb' ? { from: options.stdin, to: screen.err } : undefined,
      }),
    async manual() {
      const { openManual } = await import('./manual.ts');
      return openManual();
    },
    async liveValues() {
      const { openLiveValues } = await import('./live-values.ts');
      return openLiveValues(options);
    },
    async confirm(tool) {
      return openConfirm({ ask: await tool('ask'), protected: settings.protected });
    },
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
    async netboxAt(_, onClose) {
      return async (url, token) => {
        const netbox = await openNetBoxAt(options, url, token);
        onClose(() => netbox.close());
        return netbox;
      };
    },
    async netboxAhead(_, onClose) {
      onClose(meeting.end);
      // Whoever needs the answer is told why there is none.
      meeting.meet().catch(() => {});
      return undefined;
    },
    async spool() {
      const { openSpool } = await import('./adapters/spool/spool.ts');
      return openSpool(get('BMTOOL_SPOOL_DIR'));
    },
    async leaseQueue(_, onClose) {
      const { openLeaseQueueNow } = await import('./lease-connections.ts');
      return async wish => openLeaseQueueNow(options, onClose, wish);
    },
    async leaseStore(_, onClose) {
      const { openLeaseStoreNow } = await import('./lease-connections.ts');
      return async via => openLeaseStoreNow(options, onClose, via);
    },
    async fleetLeases(tool) {
      const { openFleetLeases } = await import('./features/phases/fleet-leases.ts');
      return openFleetLeases({ netbox: await tool('netbox'), settings });
    },
    async playLeases(tool) {
      const { openPlayLeases } = await import('./features/leases/play.ts');
      const { bmcInterfaces, statusMap } = settings;
      return openPlayLeases({
        netbox: await tool('netbox'),
        oui: await tool('oui'),
        carryOut: await tool('carryOut'),
        awaitLanding: await tool('awaitLanding'),
        progress: await tool('progress'),
        spool: await tool('spool'),
        host: await tool('hostName'),
        leaseQueue: await tool('leaseQueue'),
        leaseStore: await tool('leaseStore'),
        pause: await tool('pause'),
        clock: Date.now,
        interrupt,
        bmcInterfaces,
        statusMap,
      });
    },
    hostName: async () => hostname(),
    pause: async () => (ms, signal) => wait(ms, undefined, { signal }).catch(() => {}),
    async leaseFiles(tool) {
      const [{ openLeaseFiles }, { hostname }] = await Promise.all([
        import('./adapters/lease-files/lease-files.ts'),
        import('node:os'),
      ]);
      const { note } = await tool('progress');
      return openLeaseFiles({
        stateDir: settings.stateDir,
        host: hostname(),
        clock: Date.now,
        signal: interrupt,
        note,
      });
    },
    async capture(_, onClose) {
      const [{ openCapture }, { hostname }] = await Promise.all([
        import('./adapters/capture/capture.ts'),
        import('node:os'),
      ]);
      const capture = openCapture({ host: hostname(), path: options.env.PATH ?? '', interrupt });
      onClose(() => capture.close());
      return capture;
    },
    async machine() {
      const { openMachine } = await import('./adapters/machine/machine.ts');
      return openMachine(interrupt);
    },
    async schemas() {
      const { readPublishedSchemas } = await import('./shipped/schemas.ts');
      return readPublishedSchemas;
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
        lastWords: options.lastWords,
      });
    },
    async awaitLanding(tool) {
      const { openAwaitLanding } = await import('./engine/landing.ts');
      return openAwaitLanding({
        netbox: await tool('netbox'),
        runs: await tool('runs'),
        progress: await tool('progress'),
        interrupt,
        clock: Date.now,
        pause: (ms, signal) => wait(ms, undefined, { signal }).catch(() => {}),
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
    async snapshotFiles(tool, onClose) {
      const { openSnapshotFiles } = await import('./adapters/postgres/file/files.ts');
      const files = openSnapshotFiles({ progress: await tool('progress'), interrupt });
      onClose(() => files.close());
      return files;
    },
    snapshots: async (tool, onClose) => openSnapshotsNow(options, await tool('snapshotFiles'), meeting, onClose),
    trySnapshots: async (tool, onClose) => async () =>
      openSnapshotsNow(options, await tool('snapshotFiles'), meeting, onClose),
    async recordNow(_, onClose) {
      const { openRecordNow } = await import('./features/phases/record-now.ts');
      onClose(meeting.end);
      return openRecordNow({ meetNetBox: meeting.last, settings });
    },
    ...openProbes(options),
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
