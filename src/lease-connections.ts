import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Book } from './adapters/spool/book.ts';
import { openProgress } from './cli/progress.ts';
import { redisOptions, type WorldOptions } from './connections.ts';
import { parseLeaseEvent } from './core/lease.ts';
import type { LeaseQueue, LeaseStore } from './core/lease-queue.ts';

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
  if (release === undefined && waitFor) {
    const { note } = await openProgress(options.screen);
    note('Another worker is at this spool: waiting for its turn.');
  }
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
      progress: await openProgress(options.screen),
      interrupt: options.interrupt,
      pause: (ms, signal) => wait(ms, undefined, { signal }).catch(() => {}),
      newName: randomUUID,
    },
    { wait: isLasting },
  );
}

async function openRedisLeasesNow(options: WorldOptions, onClose: OnClose): Promise<LeaseQueue & LeaseStore> {
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
  return {
    ...queue,
    counts: async () => ({ ...book.counts(), ...reader.unread() }),
    peek: async most => {
      const unread = reader.look().map(({ text }) => parseLeaseEvent(text));
      const entered = book.waiting(most, new Set()).map(({ event }) => event);
      return [...entered, ...unread.filter(event => typeof event !== 'string')].slice(0, most);
    },
  };
}
