import { connectRedis, type RedisOptions } from './connection.ts';
import { openQueue } from './queue.ts';

/** What the doctor wants to know of a Redis. */
export type RedisReport = { readonly version: string; readonly queueLength: number };

/** Connects, looks, disconnects. Throws `Failure`: exit 5 not reachable, 4 password refused. */
export type RedisProbe = (queue: string) => Promise<RedisReport>;

export function openRedisProbe(options: RedisOptions): RedisProbe {
  return async queue => {
    const connection = await connectRedis(options);
    try {
      const info = await connection.ask(client => client.info('server'));
      // Valkey says both: its own version, and the Redis version whose protocol it keeps.
      const valkey = /valkey_version:(\S+)/.exec(info)?.[1];
      const redis = /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown';
      return {
        version: valkey ? `Valkey ${valkey}` : `Redis ${redis}`,
        queueLength: await openQueue(connection, queue).length(),
      };
    } finally {
      connection.close();
    }
  };
}
