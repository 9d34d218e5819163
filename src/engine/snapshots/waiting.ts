import type { Waiting } from '../../adapters/postgres/manifest.ts';
import type { NetBoxCache } from '../../adapters/redis/netbox-cache.ts';
import type { NetBoxJobs } from '../../adapters/redis/netbox-jobs.ts';
import type { EventQueue } from '../../adapters/redis/queue.ts';

/** What belongs to a record and is not in its database. */
export type Surroundings = {
  /** The discovery queue. */
  readonly queue: EventQueue;
  readonly cache: NetBoxCache;
  readonly jobs: NetBoxJobs;
};

export async function readWaiting(
  { queue, jobs }: Surroundings,
  digestOf: (entries: readonly string[]) => string,
): Promise<Waiting> {
  const [entries, waitingJobs] = await Promise.all([queue.read(), jobs.read()]);
  return {
    queue: { key: queue.key, entries, digest: digestOf(entries) },
    // Once more as plain data: what is written down is not what the adapter may change.
    jobs: structuredClone(waitingJobs) as Waiting['jobs'],
  };
}

/**
 * Makes the surroundings fit the database that is in place now; done twice, it is the same. Of the queue only those events go that are
 * there at this moment: what arrives from now on is about the new record.
 *
 * @returns how many keys NetBox's cache lost
 */
export async function putWaiting({ queue, cache, jobs }: Surroundings, waiting: Waiting): Promise<number> {
  const [forgotten] = await Promise.all([
    cache.forget(),
    jobs.replace(waiting.jobs),
    queue.read().then(async entries => {
      if (JSON.stringify(entries) === JSON.stringify(waiting.queue.entries)) return;
      await queue.remove(entries);
      await queue.restore(waiting.queue.entries);
    }),
  ]);
  return forgotten;
}

/** Does `work` while NetBox's workers begin nothing new, each after the job that it is at. Tells how many went on all the same. */
export async function whilePaused<T>(
  { jobs }: Surroundings,
  patienceMs: number,
  work: (running: number) => Promise<T>,
): Promise<T> {
  const paused = await jobs.pause(patienceMs);
  try {
    return await work(paused.running);
  } finally {
    await paused.resume();
  }
}
