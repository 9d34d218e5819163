import { expect, test } from 'vitest';
import { postgresFailure } from '../../../src/adapters/postgres/failure.ts';

const asked = { host: 'db', port: 5432, user: 'netbox', database: 'netbox', timeoutMs: 5_000 };
const coded = (code: string, message: string) => Object.assign(new Error(message), { code });

test.each([
  [coded('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:5432'), 'nothing listens on db:5432'],
  // What Node gives for a name with several addresses: no words of its own.
  [new AggregateError([coded('ECONNREFUSED', 'x')], ''), 'nothing listens on db:5432'],
  [coded('ENOTFOUND', 'getaddrinfo ENOTFOUND db'), 'no such host: db'],
  // As long as PostgreSQL's own codes.
  [coded('EPIPE', 'write EPIPE'), 'the server closed the connection'],
  [new Error('Connection terminated unexpectedly'), 'the server closed the connection'],
  [new Error('timeout expired'), 'no answer within 5 s'],
  [new Error('Query read timeout'), 'no answer within 5 s'],
  [new Error('something else'), 'something else'],
  [coded('57P03', 'the database system is starting up'), 'the database system is starting up'],
])('%s', (error, why) => {
  expect(postgresFailure(error, asked)).toMatchObject({
    kind: 'postgres-unreachable',
    message: `Cannot reach PostgreSQL at db:5432: ${why}`,
    cause: error,
  });
});
