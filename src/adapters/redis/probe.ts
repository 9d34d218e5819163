import type { RedisOptions } from './connection.ts';
import { notAList, plainFailure } from './failure.ts';
import { askPlainly } from './wire.ts';

/** What the doctor wants to know of a Redis. */
export type RedisReport = { readonly version: string; readonly queueLength: number };

/** Connects, looks, disconnects. Throws `Failure`: exit 5 not reachable, 4 password refused. */
export type RedisProbe = (queue: string) => Promise<RedisReport>;

export function openRedisProbe(options: RedisOptions): RedisProbe {
  return async queue => {
    const failure = (error: Error) => plainFailure(error, options, () => notAList(queue));
    const replies = await askPlainly(options, [
      ['INFO', 'server'],
      ['LLEN', queue],
    ]).catch(error => {
      throw failure(error as Error);
    });
    const refused = replies.find(reply => reply instanceof Error);
    if (refused) throw failure(refused);
    const [info, queueLength] = replies;
    return { version: versionIn(String(info)), queueLength: Number(queueLength) };
  };
}

/** Valkey says both: its own version, and the Redis version whose protocol it keeps. */
function versionIn(info: string): string {
  const valkey = /valkey_version:(\S+)/.exec(info)?.[1];
  const redis = /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown';
  return valkey ? `Valkey ${valkey}` : `Redis ${redis}`;
}
