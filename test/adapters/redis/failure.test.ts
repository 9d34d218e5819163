import { ClientClosedError, ConnectionTimeoutError, SocketClosedUnexpectedlyError } from '@redis/client';
import { expect, test } from 'vitest';
import { redisFailure } from '../../../src/adapters/redis/driver-failure.ts';

const at = { host: 'queue', port: 6380, timeoutMs: 5_000 };
const coded = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

test.each([
  [coded('ECONNREFUSED'), 'nothing listens on queue:6380'],
  [new AggregateError([coded('ECONNREFUSED')], ''), 'nothing listens on queue:6380'],
  [coded('EAI_AGAIN'), 'the name queue cannot be looked up: the name server does not answer'],
  [coded('EODD'), 'connect EODD'],
  [new SocketClosedUnexpectedlyError(), 'the server closed the connection'],
  [new ConnectionTimeoutError(), 'no answer within 5 s'],
  [new ClientClosedError(), 'the connection was closed'],
])('%s', (error, why) => {
  expect(redisFailure(error, at)).toMatchObject({
    kind: 'redis-unreachable',
    message: `Cannot reach Redis at queue:6380: ${why}`,
  });
  expect(redisFailure(error, { ...at, database: 1 }).message).toContain('queue:6380/1: ');
});
