import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Name } from './adapters/completion-cache/completion-cache.ts';
import type { LiveValues } from './cli/arguments.ts';
import { openNetBoxNow, postgresOptions, type WorldOptions } from './connections.ts';
import { cacheDirOf } from './files/home.ts';

type Source = {
  /** How long names are good for; nothing where looking is quick. */
  readonly maxAgeMs?: number;
  readonly look: (options: WorldOptions) => Promise<readonly Name[]>;
};

/** Nobody waits longer for a key that was pressed. */
const patienceMs = 1_500;
const mostNames = 2_000;

/** Where names come from, by what they are of. The others are the manual's, or the shell's own to know. */
const sources: Readonly<Partial<Record<LiveValues, Source>>> = {
  runs: { look: runNames },
  snapshots: { maxAgeMs: 15_000, look: snapshotNames },
  servers: { maxAgeMs: 120_000, look: serverNames },
};

/** Names of what there is now, for a shell: never an error, never a wait of more than a moment. */
export function openLiveValues(options: WorldOptions): (of: LiveValues) => Promise<readonly Name[]> {
  return async of => {
    const { maxAgeMs, look } = sources[of] ?? { look: async () => [] };
    const quick = { ...options, timeoutMs: options.timeoutMs ?? patienceMs };
    const looking = () => Promise.race([look(quick), wait(patienceMs, [], { ref: false })]).catch(() => []);
    if (maxAgeMs === undefined) return looking();
    const { openCompletionCache } = await import('./adapters/completion-cache/completion-cache.ts');
    const cache = openCompletionCache(join(cacheDirOf(options.env), 'names'), Date.now);
    const { netboxUrl, get } = options.settings;
    const key = [of, netboxUrl, get('PGHOST'), get('PGPORT'), get('PGDATABASE')].join(' ');
    const known = cache.read(key, maxAgeMs);
    if (known !== undefined) return known;
    const names = await looking();
    if (names.length > 0) cache.keep(key, names);
    return names;
  };
}

async function runNames({ settings }: WorldOptions): Promise<Name[]> {
  const { openRunStore } = await import('./adapters/runs/store.ts');
  return openRunStore(settings.stateDir)
    .heads(50)
    .map(({ header, state }) => ({ value: header.id, says: `${header.command} (${state})` }));
}

async function serverNames(options: WorldOptions): Promise<Name[]> {
  const netbox = await openNetBoxNow(options);
  try {
    const { servers } = await netbox.fleet.serverNames(options.settings.get('BMTOOL_SERVER_ROLE'));
    return servers.slice(0, mostNames).map(({ name }) => ({ value: name, says: '' }));
  } finally {
    await netbox.close();
  }
}

async function snapshotNames(options: WorldOptions): Promise<Name[]> {
  const { openDatabase } = await import('./adapters/postgres/database.ts');
  const { lookAt } = await import('./engine/snapshots/shelf.ts');
  const database = await openDatabase(postgresOptions(options));
  try {
    const { snapshots } = await lookAt(database);
    return snapshots.map(({ manifest, timestamp }) => ({
      value: manifest.name,
      says: `${timestamp}${manifest.note ? ` ${manifest.note}` : ''}`,
    }));
  } finally {
    await database.close();
  }
}
