import { expect, test } from 'vitest';
import { codeOf, waitText, whyUnreachable } from '../../src/core/unreachable.ts';

const place = { host: 'nbx.example', port: 8000, waitedMs: 5_000 };

test.each([
  ['ENOTFOUND', 'no such host: nbx.example'],
  ['EAI_AGAIN', 'the name nbx.example cannot be looked up: the name server does not answer'],
  ['ECONNREFUSED', 'nothing listens on nbx.example:8000'],
  ['UND_ERR_CONNECT_TIMEOUT', 'no answer within 5 s'],
  ['ETIMEDOUT', 'nbx.example does not answer'],
  ['EHOSTUNREACH', 'this machine has no way to nbx.example'],
  ['ECONNRESET', 'the server closed the connection'],
  ['UND_ERR_SOCKET', 'the server closed the connection'],
  ['EPERM', 'this machine lets nobody connect to nbx.example:8000'],
  ['ENOENT', 'there is no socket in nbx.example'],
  ['EWHATEVER', undefined],
  ['constructor', undefined],
])('%s: %s', (code, why) => {
  expect(whyUnreachable(code, place)).toBe(why);
});

test('an IPv6 address has its brackets', () => {
  expect(whyUnreachable('ECONNREFUSED', { ...place, host: '::1' })).toBe('nothing listens on [::1]:8000');
});

test.each([
  [100, '0.1 s'],
  [2_500, '2.5 s'],
  [3_000, '3 s'],
  [110_200, '110 s'],
  [120_000, '2 min'],
])('%i ms are %s', (ms, text) => {
  expect(waitText(ms)).toBe(text);
});

const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });

test.each([
  [refused, 'ECONNREFUSED'],
  [new AggregateError([refused, new Error('other')]), 'ECONNREFUSED'],
  [new Error('outer', { cause: refused }), 'ECONNREFUSED'],
  [new Error('none'), ''],
])('the code of %s', (error, code) => {
  expect(codeOf(error)).toBe(code);
});
