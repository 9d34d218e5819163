import { expect, onTestFinished, test } from 'vitest';
import { connectRedis } from '../../../src/adapters/redis/connection.ts';
import { openNetBoxCache } from '../../../src/adapters/redis/netbox-cache.ts';
import { ownRedis, plainClient } from './support.ts';

/** A cache of the test's own, as NetBox has it: database 1. */
async function openCache() {
  const redis = await ownRedis();
  const client = await plainClient(redis.where);
  await client.select(1);
  const connection = await connectRedis({ ...redis.where, database: 1 });
  onTestFinished(() => connection.close());
  return { client, cache: openNetBoxCache(connection), redis };
}

test('what describes another database goes, and all else stays', async () => {
  const { client, cache } = await openCache();
  const described = [
    ':1:config',
    ':1:config_version',
    ':1:views.decorators.cache.cache_page..GET.0a1b.en-us.UTC',
    ':1:views.decorators.cache.cache_header..0a1b.en-us.UTC',
  ];
  const others = [':1:latest_release', ':1:dashboard_feed', 'config', ':1:config_else', ':2:config', 'x:1:config'];
  for (const key of [...described, ...others]) await client.set(key, 'x');
  expect(await cache.forget()).toBe(described.length);
  expect((await client.keys('*')).sort()).toEqual([...others].sort());
  expect(await cache.forget()).toBe(0);
});

test('of 5,000 pages all go, and other databases of the same Redis are left alone', async () => {
  const { client, cache } = await openCache();
  await client.mSet(
    Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`:1:views.decorators.cache.cache_page.${i}`, 'x'])),
  );
  await client.select(0);
  await client.set(':1:config', 'x');
  expect(await cache.forget()).toBe(5000);
  expect(await client.exists(':1:config')).toBe(1);
});

test('a Redis that is away says so', async () => {
  const { cache, redis } = await openCache();
  await redis.kill();
  await expect(cache.forget()).rejects.toMatchObject({ exit: 5 });
});
