import { createClient } from '@redis/client';
import { Failure } from '../../core/failure.ts';

export type RedisOptions = {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly timeoutMs: number;
};

/** What the doctor wants to know of a Redis. */
export type RedisReport = { readonly version: string; readonly queueLength: number };

/** Connects, looks, disconnects. Throws `Failure`: exit 5 not reachable, 4 password refused. */
export type RedisProbe = (queue: string) => Promise<RedisReport>;

export function openRedisProbe({ host, port, password, timeoutMs }: RedisOptions): RedisProbe {
  return async queue => {
    const client = createClient({
      socket: { host, port, connectTimeout: timeoutMs, reconnectStrategy: false },
      ...(password === '' ? {} : { password }),
      disableOfflineQueue: true,
    });
    client.on('error', () => {}); // connect() rejects with the same error
    try {
      await client.connect();
      const info = await client.info('server');
      // Valkey says both: its own version, and the Redis version whose protocol it keeps.
      const valkey = /valkey_version:(\S+)/.exec(info)?.[1];
      const redis = /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown';
      return {
        version: valkey ? `Valkey ${valkey}` : `Redis ${redis}`,
        queueLength: await queueLength(client, queue),
      };
    } catch (error) {
      throw redisFailure(error as Error, host, port);
    } finally {
      client.destroy();
    }
  };
}

async function queueLength(client: { lLen(key: string): Promise<number> }, queue: string): Promise<number> {
  try {
    return await client.lLen(queue);
  } catch (error) {
    if (!/WRONGTYPE/.test(String(error))) throw error;
    throw new Failure(`The Redis key ${queue} is not a list`, {
      next: 'Another program uses this name: set REDIS_QUEUE.',
    });
  }
}

function redisFailure(error: Error, host: string, port: number): Error {
  if (error instanceof Failure) return error;
  if (/WRONGPASS|NOAUTH|invalid password/i.test(error.message)) {
    return new Failure(`Redis at ${host}:${port} refuses the password`, {
      exit: 4,
      next: 'Set REDIS_PASSWORD.',
      cause: error,
    });
  }
  return new Failure(
    `Cannot reach Redis at ${host}:${port}: ${error.message || (error as NodeJS.ErrnoException).code}`,
    {
      exit: 5,
      next: 'Check REDIS_HOST and REDIS_PORT and that Redis runs.',
      cause: error,
    },
  );
}
