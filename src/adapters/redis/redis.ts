import { connectRedis, type RedisOptions } from './connection.ts';
import { type Lock, openLock } from './lock.ts';
import { type EventQueue, openQueue } from './queue.ts';

/** A Redis, over one connection that outlives a restart of it. */
export type Redis = {
  /** `host:port` */
  readonly where: string;
  queue(key: string): EventQueue;
  lock(key: string): Lock;
  /** Locks that are held are not released by it. */
  close(): Promise<void>;
};

/** Throws `Failure`: exit 5 not reachable, 4 password refused. */
export async function openRedis(options: RedisOptions): Promise<Redis> {
  const connection = await connectRedis(options);
  return {
    where: connection.where,
    queue: key => openQueue(connection, key),
    lock: key => openLock(connection, key),
    async close() {
      connection.close();
    },
  };
}
