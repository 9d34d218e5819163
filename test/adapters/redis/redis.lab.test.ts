import { expect, test } from 'vitest';
import { openRedisProbe } from '../../../src/adapters/redis/probe.ts';
import { openRedis } from '../../../src/adapters/redis/redis.ts';
import { findFreePort } from '../../../src/lab/ports.ts';
import { labRedis, listen, open, openLine, ownRedis, plainClient } from './support.ts';

const away = (where: { host: string; port: number }) => ({
  exit: 5,
  message: expect.stringMatching(new RegExp(`^Cannot reach Redis at ${where.host}:${where.port}: .`)),
  next: 'Check REDIS_HOST and REDIS_PORT and that Redis runs.',
});

test('it says where it is', async () => {
  const { host, port } = labRedis();
  expect((await open()).where).toBe(`${host}:${port}`);
  expect(await openRedisProbe(labRedis())('bmtool-test:none')).toEqual({
    version: expect.stringMatching(/^(Valkey|Redis) \d+\.\d+/),
    queueLength: 0,
  });
});

test('where nobody listens it is not reachable', async () => {
  const where = { ...labRedis(), port: await findFreePort() };
  await expect(openRedis(where)).rejects.toMatchObject(away(where));
  await expect(openRedisProbe(where)('queue')).rejects.toMatchObject(away(where));
});

test('a restart costs the questions that are asked meanwhile, and no more', async () => {
  const redis = await ownRedis();
  const queue = (await open(redis.where)).queue('queue');
  await queue.restore(['a']);
  await redis.kill();
  await expect(queue.length()).rejects.toMatchObject(away(redis.where));
  await expect(queue.read()).rejects.toMatchObject(away(redis.where));
  await expect(queue.remove(['a'])).rejects.toMatchObject(away(redis.where));
  await expect(queue.restore(['a'])).rejects.toMatchObject(away(redis.where));
  await redis.start();
  expect(await Promise.all([queue.length(), queue.read(), queue.length()])).toEqual([0, [], 0]);
});

test('a question that is under way when Redis goes is told', async () => {
  const redis = await ownRedis();
  const queue = (await open(redis.where)).queue('queue');
  redis.freeze();
  const asked = expect(queue.remove(Array(5000).fill('a'))).rejects.toMatchObject(away(redis.where));
  await redis.kill();
  await asked;
});

test('a Redis that is silent is away, and of use again when it speaks', async () => {
  const redis = await ownRedis();
  const where = { ...redis.where, timeoutMs: 200 };
  const queue = (await open(where)).queue('queue');
  redis.freeze();
  const silent = { ...away(where), message: expect.stringContaining('no answer within 0.2 s') };
  await expect(queue.length()).rejects.toMatchObject(silent);
  await expect(queue.length()).rejects.toMatchObject(silent);
  await expect(openRedis(where)).rejects.toMatchObject(silent);
  redis.thaw();
  await expect.poll(() => queue.length().catch(() => 'away')).toBe(0);
});

test('a connection that went dead without a word is replaced', async () => {
  const line = await openLine(labRedis());
  const where = { ...line.where, timeoutMs: 200 };
  const queue = (await open(where)).queue('bmtool-test:none');
  expect(await queue.length()).toBe(0);
  line.silence();
  await expect(queue.length()).rejects.toMatchObject(away(where));
  expect(await queue.length()).toBe(0);
});

test('what is no Redis is not reachable', async () => {
  const where = { ...labRedis(), host: '127.0.0.1', port: await findFreePort(), timeoutMs: 500 };
  await listen(where.port, socket => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await expect(openRedis(where)).rejects.toMatchObject(away(where));
});

test('a password that is wrong or missing is not allowed', async () => {
  const { where } = await ownRedis('--requirepass', 'hunter2');
  const refused = { exit: 4, message: expect.stringContaining('refuses the password'), next: 'Set REDIS_PASSWORD.' };
  await expect(openRedis(where)).rejects.toMatchObject(refused);
  await expect(openRedis({ ...where, password: 'hunter3' })).rejects.toMatchObject(refused);
  await expect(openRedisProbe({ ...where, password: 'hunter3' })('queue')).rejects.toMatchObject(refused);
  expect(await (await open({ ...where, password: 'hunter2' })).queue('queue').length()).toBe(0);
});

test('what the user may not do is not allowed', async () => {
  const { where } = await ownRedis();
  const queue = (await open(where)).queue('queue');
  await (await plainClient(where)).sendCommand(['ACL', 'SETUSER', 'default', '-lpush']);
  const refused = {
    exit: 4,
    message: expect.stringContaining("'lpush'"),
    next: expect.stringContaining('ACL SETUSER'),
  };
  await expect(queue.restore(['a'])).rejects.toMatchObject(refused);
});

test('an answer that quotes the password does not give it away', async () => {
  const { where } = await ownRedis('--rename-command', 'HELLO', '');
  const asked = openRedis({ ...where, password: 'hunter2' });
  await expect(asked).rejects.toMatchObject({ message: expect.stringContaining('HELLO') });
  const failure = await asked.catch((error: Error) => error);
  expect(JSON.stringify([String(failure), failure, String((failure as Error).cause)])).not.toContain('hunter2');
});

test('a Redis that refuses to write says what it said', async () => {
  const { where } = await ownRedis('--maxmemory', '1', '--maxmemory-policy', 'noeviction');
  const queue = (await open(where)).queue('queue');
  await expect(queue.restore(['a'])).rejects.toMatchObject({ exit: 1, message: expect.stringContaining('OOM') });
  expect(await queue.length()).toBe(0);
});

test('a closed connection answers no more', async () => {
  const redis = await open();
  const asked = expect(redis.queue('queue').length()).rejects.toMatchObject({ exit: 5 });
  await redis.close();
  await asked;
  await expect(redis.queue('queue').length()).rejects.toMatchObject({ exit: 5 });
});
