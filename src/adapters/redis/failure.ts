import { Failure } from '../../core/failure.ts';
import { codeOf, whyUnreachable } from '../../core/unreachable.ts';
import type { RedisOptions } from './connection.ts';
import { RedisRefusal } from './wire.ts';

/** Which Redis, and how long it was waited for. */
export type RedisPlace = Pick<RedisOptions, 'host' | 'port' | 'database' | 'timeoutMs'>;

/** `host:port`, with the number of the database when it is not 0 */
export function whereOf({ host, port, database }: RedisPlace): string {
  return `${host}:${port}${database ? `/${database}` : ''}`;
}

type Meaning = (where: string, reply: string) => Failure;

/**
 * What Redis says no with, by the word that its answer begins with, and what that means to a person. The first that fits counts.
 * https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors; the words are those of Redis's server.c.
 */
const meanings: readonly (readonly [RegExp, Meaning])[] = [
  [
    /^(WRONGPASS|NOAUTH)\b|invalid password/i,
    where =>
      new Failure('redis-password-refused', `Redis at ${where} refuses the password`, { next: 'Set REDIS_PASSWORD.' }),
  ],
  [
    /^NOPERM\b/,
    (where, reply) =>
      new Failure('redis-not-allowed', `Redis at ${where} does not allow it: ${reply}`, {
        next: 'Give this user the right (ACL SETUSER), or set another REDIS_USERNAME and REDIS_PASSWORD.',
      }),
  ],
  // Such an answer quotes the arguments, and those of HELLO and AUTH hold the password.
  [
    /^ERR unknown command/,
    (where, reply) =>
      new Failure(
        'redis-command-missing',
        `Redis at ${where} does not know the command ${/command\W+(\w+)/.exec(reply)?.[1]?.toUpperCase()}`,
        { next: 'bmtool needs Redis 6.0 or newer, with its own commands under their own names.' },
      ),
  ],
  // It runs, and will be of use in a while: the same as being away.
  [/^(LOADING|MASTERDOWN|CLUSTERDOWN|BUSY|TRYAGAIN)\b|max number of clients/, (where, reply) => away(where, reply)],
];

/**
 * What an error of a connection means to a person. Errors of this program itself come back as they are.
 *
 * @param wrongType what it means that the key holds another kind of value
 */
export function plainFailure(error: Error, at: RedisPlace, wrongType?: () => Failure): Error {
  if (error instanceof Failure || error instanceof TypeError) return error;
  const where = whereOf(at);
  if (!(error instanceof RedisRefusal)) return away(where, wordsOf(error, at), error);
  const reply = error.message;
  if (/^WRONGTYPE\b/.test(reply) && wrongType !== undefined) return wrongType();
  const meaning = meanings.find(([pattern]) => pattern.test(reply))?.[1];
  return (
    meaning?.(where, reply) ??
    new Failure('redis-refuses', `Redis at ${where} refuses: ${reply}`, {
      next: 'See to that Redis, then run the same command again.',
      cause: error,
    })
  );
}

export function notAList(key: string): Failure {
  return new Failure('redis-key-taken', `The Redis key ${key} is not a list`, {
    next: 'Another program uses this name: set REDIS_QUEUE.',
  });
}

function away(where: string, why: string, cause?: Error): Failure {
  return new Failure('redis-unreachable', `Cannot reach Redis at ${where}: ${why}`, {
    next: 'Check REDIS_HOST and REDIS_PORT and that Redis runs.',
    cause,
  });
}

/** A name with several addresses fails with an error without words. */
function wordsOf(error: Error, { host, port, timeoutMs }: RedisPlace): string {
  const code = codeOf(error);
  return whyUnreachable(code, { host, port, waitedMs: timeoutMs }) ?? (error.message || code || error.name);
}
