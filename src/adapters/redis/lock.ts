import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { Failure } from '../../core/failure.ts';
import { asBytes, type RedisConnection } from './connection.ts';

/** The process that has a lock. */
export type Holder = {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** With host and pid its identity: a pid is used again. */
  readonly startTime: string;
  /** ISO 8601 */
  readonly since: string;
  readonly command: string;
};

export type Held = {
  /** Frees the lock, or leaves it where somebody else has it by now. Never throws: where Redis is away, it frees itself. */
  release(): Promise<void>;
};

/** An advisory lock: a Redis key that ends by itself a few seconds after its holder did. */
export type Lock = {
  /**
   * Takes the lock or says who has it, without waiting. Throws what `RedisConnection.ask` throws.
   *
   * Held, it is extended every third of `ttlMs` (15 s), and taken again after a restart of Redis unless somebody was faster. Who
   * holds it is not told of a loss: it takes a Redis, or a process, that stood still for longer than `ttlMs`.
   *
   * @param options.isGone whether a holder surely ended, of which only this machine's can be known; its lock is taken over
   */
  take(
    me: Holder,
    options: { readonly isGone: (holder: Holder) => boolean; readonly ttlMs?: number },
  ): Promise<{ held: Held } | { busy: Holder }>;
};

/** Stands for a value that is not a lock of bmtool. No process has its pid. */
export const unknownHolder: Holder = {
  user: 'unknown',
  host: 'unknown',
  pid: 0,
  startTime: 'unknown',
  since: 'unknown',
  command: 'unknown',
};

/** Sets the key when it is gone or has the value that may be replaced; otherwise gives its value. */
const setUnlessOthers = `
  local there = redis.call('GET', KEYS[1])
  if there and there ~= ARGV[3] then return there end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return false`;

const deleteOwn = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
  return 0`;

export function openLock(connection: RedisConnection, key: string): Lock {
  const set = (mine: string, ttlMs: number, replaced: string | Buffer) =>
    connection.ask(
      async client => {
        const there = await client
          .withTypeMapping(asBytes)
          .eval(setUnlessOthers, { keys: [key], arguments: [mine, String(ttlMs), replaced] });
        return there instanceof Buffer ? there : undefined;
      },
      () => notALock(key),
    );
  return {
    async take(me, { isGone, ttlMs = 15_000 }) {
      // The same process may take twice, and two processes be the same one by name: the token tells them apart.
      const mine = JSON.stringify({ ...me, token: randomUUID() });
      let others = await set(mine, ttlMs, mine);
      while (others !== undefined) {
        const busy = parseHolder(others);
        if (busy === undefined) return { busy: unknownHolder };
        if (!isGone(busy)) return { busy };
        others = await set(mine, ttlMs, others);
      }
      return { held: keep(connection, key, mine, { extend: () => set(mine, ttlMs, mine), everyMs: ttlMs / 3 }) };
    },
  };
}

function keep(
  connection: RedisConnection,
  key: string,
  mine: string,
  { extend, everyMs }: { extend: () => Promise<unknown>; everyMs: number },
): Held {
  // Where Redis is away, the next turn comes soon.
  const timer = setInterval(() => extend().catch(() => {}), everyMs);
  timer.unref();
  return {
    async release() {
      clearInterval(timer);
      // Redis answers in the order of the questions: an extension that is under way does not come after this.
      await connection.ask(client => client.eval(deleteOwn, { keys: [key], arguments: [mine] })).catch(() => {});
    },
  };
}

const holder = v.object({
  user: v.string(),
  host: v.string(),
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  startTime: v.string(),
  since: v.pipe(v.string(), v.isoTimestamp()),
  command: v.string(),
});

function parseHolder(value: Buffer): Holder | undefined {
  try {
    const parsed = v.safeParse(holder, JSON.parse(value.toString()));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

function notALock(key: string): Failure {
  return new Failure('redis-key-taken', `The Redis key ${key} is not a lock`, {
    next: 'Another program uses this name; bmtool needs it.',
  });
}
