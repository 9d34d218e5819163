import { createClient, RESP_TYPES } from '@redis/client';
import type { Failure } from '../../core/failure.ts';
import { silenceText } from '../../core/unreachable.ts';
import { redisFailure } from './driver-failure.ts';
import { whereOf } from './failure.ts';

export type RedisOptions = {
  readonly host: string;
  readonly port: number;
  /** Redis's own `default` when it is not said. */
  readonly username?: string;
  readonly password: string;
  /** Number of the database; 0 when it is not said. */
  readonly database?: number;
  /** How long Redis may take to connect, and how long for the answer to one question. */
  readonly timeoutMs: number;
};

export type RedisClient = ReturnType<typeof newClient>;

/** One connection that outlives a restart of its Redis. */
export type RedisConnection = {
  /** `host:port`, with the number of the database when it is not 0 */
  readonly where: string;
  /**
   * Asks over the connection, and connects anew first where it is lost. Throws `Failure`: exit 5 when Redis is away or
   * silent (what was asked may have happened all the same), 4 when it does not allow it, 1 for what else it refuses.
   *
   * @param wrongType what to throw when the key holds another kind of value than was asked for
   */
  ask<T>(question: (client: RedisClient) => Promise<T>, wrongType?: () => Failure): Promise<T>;
  /** Ends the connection at once; later questions fail. */
  close(): void;
};

/** For `withTypeMapping`: strings come as the bytes that they are, and hashes as Maps: an object loses a field named `__proto__`. */
export const asBytes = { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.MAP]: Map } as const;

/** Connects. Throws `Failure`: exit 5 not reachable, 4 password refused. */
export async function connectRedis(options: RedisOptions): Promise<RedisConnection> {
  const where = whereOf(options);
  let client: RedisClient | undefined;
  let connecting: Promise<RedisClient> | undefined;
  let isClosed = false;
  const live = async (): Promise<RedisClient> => {
    if (isClosed) throw new Error('the connection was closed');
    if (client?.isReady) return client;
    connecting ??= connectAnew().finally(() => {
      connecting = undefined;
    });
    return connecting;
  };
  const connectAnew = async () => {
    client?.destroy();
    client = newClient(options);
    return answerOf(client, fresh => fresh.connect(), options.timeoutMs);
  };
  const connection: RedisConnection = {
    where,
    async ask(question, wrongType) {
      try {
        const ready = await live();
        return await answerOf(ready, question, options.timeoutMs);
      } catch (error) {
        throw redisFailure(error as Error, options, wrongType);
      }
    },
    close() {
      isClosed = true;
      client?.destroy();
    },
  };
  await connection.ask(async () => {});
  return connection;
}

/** Never connected. The driver builds a class of some hundred commands for each set of options, in 25 ms; a duplicate has the class of its pattern. */
const pattern = createClient({ name: 'bmtool', disableOfflineQueue: true });

/**
 * The driver does not reconnect by itself: it would try for as long as the run lasts, with pauses that grow, and a question
 * asked right after Redis came back would still fail. `ask` connects when there is something to ask.
 */
function newClient({ host, port, username, password, database, timeoutMs }: RedisOptions) {
  const client = pattern.duplicate({
    socket: { host, port, connectTimeout: timeoutMs, reconnectStrategy: false },
    ...(username ? { username } : {}),
    ...(password === '' ? {} : { password }),
    ...(database === undefined ? {} : { database }),
  });
  // Unheard, it would end this program. Whoever asks is told: what is under way rejects with the same error.
  client.on('error', () => {});
  return client;
}

/**
 * The driver's own timeouts end with the TCP connection, which the kernel also makes for a process that is stopped. A client that
 * waited in vain is of no more use: it is ended, and what else waits on it with it.
 */
async function answerOf<T>(
  client: RedisClient,
  question: (client: RedisClient) => Promise<T>,
  timeoutMs: number,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(silenceText(timeoutMs)));
      client.destroy();
    }, timeoutMs);
  });
  try {
    return await Promise.race([question(client), silence]);
  } finally {
    clearTimeout(timer);
  }
}
