import {
  ClientClosedError,
  ConnectionTimeoutError,
  DisconnectsClientError,
  ErrorReply,
  MultiErrorReply,
  SocketClosedUnexpectedlyError,
} from '@redis/client';
import type { Failure } from '../../core/failure.ts';
import { closedText, silenceText } from '../../core/unreachable.ts';
import { plainFailure, type RedisPlace } from './failure.ts';
import { RedisRefusal } from './wire.ts';

/** What an error of the driver means to a person; see `plainFailure`. */
export function redisFailure(thrown: Error, at: RedisPlace, wrongType?: () => Failure): Error {
  const error = thrown instanceof MultiErrorReply ? (firstOf(thrown) ?? thrown) : thrown;
  if (error instanceof ErrorReply)
    return plainFailure(new RedisRefusal(error.message, { cause: error }), at, wrongType);
  const words = wordsOf(error, at);
  return plainFailure(words === undefined ? error : new Error(words, { cause: error }), at, wrongType);
}

/** What the driver says without a code of the system's. */
function wordsOf(error: Error, { timeoutMs }: RedisPlace): string | undefined {
  if (error instanceof ClientClosedError || error instanceof DisconnectsClientError) return 'the connection was closed';
  if (error instanceof SocketClosedUnexpectedlyError) return closedText;
  return error instanceof ConnectionTimeoutError ? silenceText(timeoutMs) : undefined;
}

function firstOf(error: MultiErrorReply): Error | undefined {
  for (const first of error.errors()) return first;
  return undefined;
}
