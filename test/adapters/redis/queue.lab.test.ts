import { RESP_TYPES } from '@redis/client';
import { expect, test } from 'vitest';
import { openRedisProbe } from '../../../src/adapters/redis/probe.ts';
import { labRedis, open, ownKey, plainClient } from './support.ts';

async function openQueueOf(...entries: (string | Buffer)[]) {
  const key = await ownKey();
  const client = await plainClient();
  if (entries.length > 0) await client.rPush(key, entries);
  return { queue: (await open()).queue(key), client, key };
}

test('the queue of a key that is not there is empty', async () => {
  const { queue, client, key } = await openQueueOf();
  expect(await queue.length()).toBe(0);
  expect(await queue.read()).toEqual([]);
  expect(await queue.remove(['a'])).toBe(0);
  await queue.restore([]);
  expect(await client.exists(key)).toBe(0);
});

test('the queue keeps what arrived after it was read', async () => {
  const { queue, client } = await openQueueOf('a', 'b', 'c');
  const seen = await queue.read();
  await client.rPush(queue.key, ['d', 'a']);
  expect(await queue.remove(seen)).toBe(3);
  expect(await queue.read()).toEqual(['d', 'a']);
});

test('the queue tells how many of the removed were there, each once and from the head', async () => {
  const { queue } = await openQueueOf('a', 'b', 'a', 'c', 'a');
  expect(await queue.remove(['a', 'x', 'a'])).toBe(2);
  expect(await queue.read()).toEqual(['b', 'c', 'a']);
  expect(await queue.length()).toBe(3);
});

test('the queue takes entries back before what arrived since, in their order', async () => {
  const { queue, client } = await openQueueOf('a', 'b', 'a');
  const seen = await queue.read();
  await queue.remove(seen);
  await client.rPush(queue.key, 'later');
  await queue.restore(seen);
  expect(await queue.read()).toEqual(['a', 'b', 'a', 'later']);
});

test('the queue loses no byte', async () => {
  const bytes = [Buffer.from([0, 255, 13, 10]), Buffer.from('base64:AA=='), Buffer.from('Grüße'), Buffer.alloc(0)];
  const { queue, client, key } = await openQueueOf(...bytes);
  const raw = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const seen = await queue.read();
  expect(seen).toEqual(['base64:AP8NCg==', 'base64:YmFzZTY0OkFBPT0=', 'Grüße', '']);
  expect(await queue.remove(seen)).toBe(4);
  await queue.restore(seen);
  expect(await raw.lRange(key, 0, -1)).toEqual(bytes);
});

test('the queue of 10,000 entries takes well under a second, each way', async () => {
  const { queue } = await openQueueOf();
  const entries = Array.from({ length: 10_000 }, (_, i) =>
    JSON.stringify({ mac: i, event: 'lease', at: 'x'.repeat(150) }),
  );
  const took: Record<string, number> = {};
  const measured = async <T>(what: string, work: Promise<T>): Promise<T> => {
    const began = performance.now();
    const done = await work;
    took[what] = performance.now() - began;
    return done;
  };
  await measured('restore', queue.restore(entries));
  expect(await measured('read', queue.read())).toEqual(entries);
  await queue.restore(['new']);
  expect(await measured('remove', queue.remove(entries))).toBe(10_000);
  expect(await queue.read()).toEqual(['new']);
  for (const ms of Object.values(took)) expect(ms).toBeLessThan(1000);
});

test('the queue is read as it is at one moment, while others take from it and add to it', async () => {
  const numbers = Array.from({ length: 5000 }, (_, i) => i);
  const { queue, client } = await openQueueOf(...numbers.map(String));
  const end = new AbortController();
  const others = (async () => {
    for (let next = 5000; !end.signal.aborted; next++)
      await Promise.all([client.lPop(queue.key), client.rPush(queue.key, String(next))]);
  })();
  try {
    for (let turn = 0; turn < 20; turn++) {
      const seen = (await queue.read()).map(Number);
      expect(seen.length).toBeGreaterThan(4990);
      expect(seen).toEqual(seen.map((_, i) => (seen[0] ?? 0) + i));
    }
  } finally {
    end.abort();
    await others;
  }
});

test('the queue of a key that is something else says so, whatever is asked', async () => {
  const { queue, client, key } = await openQueueOf();
  await client.set(key, 'text');
  const failure = {
    exit: 1,
    message: `The Redis key ${key} is not a list`,
    next: expect.stringContaining('REDIS_QUEUE'),
  };
  await expect(queue.length()).rejects.toMatchObject(failure);
  await expect(queue.read()).rejects.toMatchObject(failure);
  await expect(queue.remove(['a'])).rejects.toMatchObject(failure);
  await expect(queue.restore(['a'])).rejects.toMatchObject(failure);
  await expect(openRedisProbe(labRedis())(key)).rejects.toMatchObject(failure);
});
