import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectRedis } from '../../../src/adapters/redis/connection.ts';
import { noJobs, openNetBoxJobs, type WaitingJobs } from '../../../src/adapters/redis/netbox-jobs.ts';
import { eventually } from '../../lab/support.ts';
import { resetLab, servers, sql } from '../../support/netbox.ts';
import { patch } from '../../support/phases.ts';
import { isThorough, tries } from '../../support/tries.ts';
import { labRedis, ownRedis, plainClient } from './support.ts';

async function openJobs(ttlMs?: number) {
  const redis = await ownRedis();
  const connection = await connectRedis(redis.where);
  onTestFinished(() => connection.close());
  return { client: await plainClient(redis.where), jobs: openNetBoxJobs(connection, ttlMs), redis };
}

/** A pickled call, packed as RQ does it: no UTF-8. */
const pickled = Buffer.from('789c6b604a2d7f00ff80c3280a', 'hex');

/** Two jobs in a queue and one that is due later, as RQ writes them. */
async function withThree(client: Awaited<ReturnType<typeof plainClient>>) {
  await client.sAdd('rq:queues', ['rq:queue:default', 'rq:queue:high']);
  await client.rPush('rq:queue:default', ['a', 'b']);
  await client.zAdd('rq:scheduled:low', { value: 'c', score: 1_800_000_000.25 });
  for (const id of ['a', 'b', 'c']) {
    await client.hSet(`rq:job:${id}`, { status: 'queued', description: `job ${id}` });
    await client.sendCommand(['HSET', `rq:job:${id}`, 'data', pickled]);
  }
}

const fieldsOf = (id: string) => ({
  status: Buffer.from('queued').toString('base64'),
  description: Buffer.from(`job ${id}`).toString('base64'),
  data: pickled.toString('base64'),
});
const three: WaitingJobs = {
  queues: { default: ['a', 'b'] },
  scheduled: { low: [['c', 1_800_000_000.25]] },
  fields: { a: fieldsOf('a'), b: fieldsOf('b'), c: fieldsOf('c') },
};

describe('what waits', () => {
  test('nothing', async () => expect(await (await openJobs()).jobs.read()).toEqual(noJobs));

  test('jobs in their order, those for later, and every byte of them', async () => {
    const { client, jobs } = await openJobs();
    await withThree(client);
    expect(await jobs.read()).toEqual(three);
  });

  test('a job whose description has expired', async () => {
    const { client, jobs } = await openJobs();
    await client.rPush('rq:queue:default', 'gone');
    expect(await jobs.read()).toEqual({ ...noJobs, queues: { default: ['gone'] }, fields: { gone: {} } });
  });
});

describe('put back', () => {
  test('it is as it was, whatever came since; twice is the same', async () => {
    const { client, jobs } = await openJobs();
    await withThree(client);
    const before = await jobs.read();
    await client.lPush('rq:queue:default', ['new']);
    await client.rPush('rq:queue:webhooks', ['newer']);
    await client.sAdd('rq:queues', 'rq:queue:webhooks');
    await client.zAdd('rq:scheduled:low', { value: 'later', score: 1 });
    for (const id of ['new', 'newer', 'later']) await client.hSet(`rq:job:${id}`, { status: 'queued' });
    await client.hSet('rq:job:a', { status: 'changed', data: 'changed', retries: '1' });
    await client.lRem('rq:queue:default', 1, 'b');
    for (const _ of [1, 2]) {
      await jobs.replace(before);
      expect(await jobs.read()).toEqual(before);
      expect((await client.keys('rq:*')).sort()).toEqual([
        'rq:job:a',
        'rq:job:b',
        'rq:job:c',
        'rq:queue:default',
        'rq:queues',
        'rq:scheduled:low',
      ]);
    }
  });

  test('a job that was done meanwhile waits again as if it had never been: with no result and no end', async () => {
    const { client, jobs } = await openJobs();
    await withThree(client);
    const before = await jobs.read();
    await client.lPop('rq:queue:default');
    await client.hSet('rq:job:a', { status: 'finished', ended_at: '2026-11-21T11:30:12Z' });
    await client.expire('rq:job:a', 500);
    await jobs.replace(before);
    expect(await jobs.read()).toEqual(before);
    expect(await client.ttl('rq:job:a')).toBe(-1);
  });

  test('no jobs: those that wait go, and what is no job of theirs stays', async () => {
    const { client, jobs } = await openJobs();
    await withThree(client);
    await client.hSet('rq:job:running', { status: 'started' });
    await client.zAdd('rq:wip:default', { value: 'running', score: 4_000_000_000 });
    await client.set('netbox:bmc:discovered', 'x');
    await jobs.replace(noJobs);
    expect(await jobs.read()).toEqual(noJobs);
    expect((await client.keys('*')).sort()).toEqual([
      'netbox:bmc:discovered',
      'rq:job:running',
      'rq:queues',
      'rq:wip:default',
    ]);
  });

  test('a field that JavaScript has a meaning for is a field', async () => {
    const { jobs } = await openJobs();
    const odd = { queues: { low: ['a'] }, scheduled: {}, fields: { a: { ['__proto__']: 'eA==', constructor: '' } } };
    await jobs.replace(odd);
    expect(Object.entries((await jobs.read()).fields.a ?? {}).sort()).toEqual([
      ['__proto__', 'eA=='],
      ['constructor', ''],
    ]);
  });

  test('whatever waited comes back', async () => {
    const { client, jobs } = await openJobs();
    const anId = fc.uuid();
    const aHash = fc.dictionary(
      fc.stringMatching(/^[a-z_]{1,12}$/),
      fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes).toString('base64')),
      { minKeys: 1 },
    );
    const someJobs = fc
      .tuple(fc.uniqueArray(anId, { maxLength: 8 }), fc.array(aHash, { minLength: 8, maxLength: 8 }), fc.nat(8))
      .map(([ids, hashes, inQueue]): WaitingJobs => {
        const [queued, later] = [ids.slice(0, inQueue), ids.slice(inQueue)];
        return {
          queues: queued.length > 0 ? { 'own:queue': queued } : {},
          scheduled: later.length > 0 ? { low: later.sort().map((id, i) => [id, i + 0.5]) } : {},
          fields: Object.fromEntries(ids.map((id, i) => [id, hashes[i] ?? {}])),
        };
      });
    await fc.assert(
      fc.asyncProperty(someJobs, someJobs, async (first, second) => {
        await jobs.replace(first);
        await jobs.replace(second);
        expect(await jobs.read()).toEqual(second);
      }),
      { numRuns: tries(50) },
    );
    await jobs.replace(noJobs);
    expect(await client.keys('rq:job:*')).toEqual([]);
  });
});

describe('while workers pause', () => {
  const suspended = 'rq:suspended';

  test('they are told to begin nothing, for a minute at most; afterwards they go on', async () => {
    const { client, jobs } = await openJobs();
    const paused = await jobs.pause(1000);
    expect(paused.running).toBe(0);
    expect(await client.exists(suspended)).toBe(1);
    expect(await client.ttl(suspended)).toBeGreaterThan(0);
    expect(await client.ttl(suspended)).toBeLessThanOrEqual(60);
    await paused.resume();
    expect(await client.exists(suspended)).toBe(0);
  });

  test('a pause that lasts longer is extended, and ends all the same', async () => {
    const { client, jobs } = await openJobs(600);
    const paused = await jobs.pause(0);
    let before = await client.pTTL(suspended);
    await eventually(async () => {
      const now = await client.pTTL(suspended);
      const isExtended = now > before;
      before = now;
      return isExtended || undefined;
    });
    await paused.resume();
    expect(await client.exists(suspended)).toBe(0);
  });

  test('the suspension of a bmtool that was killed is taken over', async () => {
    const { client, jobs } = await openJobs();
    await jobs.pause(0);
    await client.pExpire(suspended, 5000);
    const paused = await jobs.pause(0);
    expect(await client.pTTL(suspended)).toBeGreaterThan(5000);
    await paused.resume();
    expect(await client.exists(suspended)).toBe(0);
  });

  test('a Redis that fails while jobs are waited for leaves nobody suspended', async () => {
    const { client, jobs } = await openJobs();
    await client.set('rq:wip:default', 'no sorted set');
    await expect(jobs.pause(0)).rejects.toMatchObject({ exit: 1 });
    expect(await client.exists(suspended)).toBe(0);
  });

  test("somebody else's suspension stays", async () => {
    const { client, jobs } = await openJobs();
    await client.set(suspended, '1');
    const paused = await jobs.pause(0);
    await paused.resume();
    expect(await client.get(suspended)).toBe('1');
    expect(await client.ttl(suspended)).toBe(-1);
  });

  test('a suspension that somebody made meanwhile stays, too', async () => {
    const { client, jobs } = await openJobs();
    const paused = await jobs.pause(0);
    await client.set(suspended, '1');
    await paused.resume();
    expect(await client.get(suspended)).toBe('1');
  });

  test('a job that goes on is waited for until it is done', async () => {
    const { client, jobs } = await openJobs();
    await client.zAdd('rq:wip:default', { value: 'a', score: Date.now() / 1000 + 300 });
    const paused = jobs.pause(60_000);
    await seen(client);
    await client.del('rq:wip:default');
    expect((await paused).running).toBe(0);
  });

  test('one that goes on for too long is told', async () => {
    const { client, jobs } = await openJobs();
    await client.zAdd('rq:wip:default', [
      { value: 'a', score: Date.now() / 1000 + 300 },
      { value: 'b', score: Number.POSITIVE_INFINITY },
    ]);
    expect((await jobs.pause(50)).running).toBe(2);
  });

  test('one of a worker that died is nothing to wait for', async () => {
    const { client, jobs } = await openJobs();
    await client.zAdd('rq:wip:default', { value: 'a', score: Date.now() / 1000 - 5 });
    const started = performance.now();
    expect((await jobs.pause(60_000)).running).toBe(0);
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  test('a Redis that is gone when they are to go on throws nothing', async () => {
    const { jobs, redis } = await openJobs();
    const paused = await jobs.pause(0);
    await redis.kill();
    await paused.resume();
  });
});

/** Returns when the running jobs were counted. */
async function seen(client: Awaited<ReturnType<typeof plainClient>>): Promise<void> {
  for (;;) {
    const stats = await client.info('commandstats');
    if (/cmdstat_zcount:calls=[1-9]/.test(stats)) return;
  }
}

test.runIf(isThorough)(
  "NetBox's own worker begins nothing while it is paused, and does afterwards what was put back",
  async () => {
    await resetLab({ indexing: true });
    const connection = await connectRedis(labRedis());
    onTestFinished(() => connection.close());
    const jobs = openNetBoxJobs(connection);
    const paused = await jobs.pause(60_000);
    onTestFinished(() => paused.resume());
    const some = await servers(5);
    for (const { deviceId } of some) await patch(`dcim/devices/${deviceId}/`, { comments: `for a job, ${Date.now()}` });
    // A worker that was waiting for a job already takes one all the same: RQ looks for a suspension only between two.
    const waiting = await eventually(async () => {
      const read = await jobs.read();
      return Object.keys(read.fields).length >= some.length - 1 ? read : undefined;
    });
    const ids = Object.values(waiting.queues).flat();
    const statuses = async () => {
      const rows = await sql<{ status: string }>('SELECT status FROM core_job WHERE job_id::text = ANY($1)', [ids]);
      return rows.map(({ status }) => status);
    };
    await jobs.replace(noJobs);
    expect((await jobs.read()).queues).toEqual({});
    await jobs.replace(waiting);
    expect(await jobs.read()).toEqual(waiting);
    expect(await statuses()).toEqual(ids.map(() => 'pending'));
    await paused.resume();
    await eventually(async () => (await statuses()).every(status => status === 'completed') || undefined, 60_000);
    expect(await statuses()).toHaveLength(ids.length);
  },
);
