import { ClientClosedError, DisconnectsClientError, ErrorReply, MultiErrorReply } from '@redis/client';
import type { Failure } from '../../core/failure.ts';
import { plainFailure } from './failure.ts';
import { RedisRefusal } from './wire.ts';

/** What an error of the driver means to a person; see `plainFailure`. */
export function redisFailure(thrown: Error, where: string, wrongType?: () => Failure): Error {
  const error = thrown instanceof MultiErrorReply ? (firstOf(thrown) ?? thrown) : thrown;
  if (error instanceof ErrorReply)
    return plainFailure(new RedisRefusal(error.message, { cause: error }), where, wrongType);
  const isClosed = error instanceof ClientClosedError || error instanceof DisconnectsClientError;
  return plainFailure(isClosed ? new Error('the connection was closed', { cause: error }) : error, where, wrongType);
}

function firstOf(error: MultiErrorReply): Error | undefined {
  for (const first of error.errors()) return first;
  return undefined;
}
