import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { hostname } from 'node:os';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { type Held, type Holder, type Lock, unknownHolder } from '../../../src/adapters/redis/lock.ts';
import { eventually } from '../../lab/support.ts';
import { labRedis, listen, open, ownKey, ownRedis, plainClient } from './support.ts';

const me: Holder = {
  user: 'anna',
  host: hostname(),
  pid: process.pid,
  startTime: '1',
  since: '2026-01-02T03:04:05.000Z',
  command: 'snapshot restore a',
};
const other: Holder = { ...me, user: 'ben', pid: 4_000_000, command: 'snapshot restore b' };
const alive = { isGone: () => false };
const gone = { isGone: () => true };

async function openLock() {
  const key = await ownKey();
  return { key, lock: (await open()).lock(key), client: await plainClient() };
}

/** Takes the lock, which must be free. */
async function hold(lock: Lock, options: Parameters<Lock['take']>[1] = alive, who = me): Promise<Held> {
  const taken = await lock.take(who, options);
  if ('busy' in taken) throw new Error(`${taken.busy.command} has it`);
  onTestFinished(() => taken.held.release());
  return taken.held;
}

test('of two takers one gets it, and the other is told who', async () => {
  const { lock, key } = await openLock();
  const theirs = (await open()).lock(key);
  const held = await hold(lock);
  expect(await theirs.take(other, alive)).toEqual({ busy: me });
  expect(await lock.take(me, alive)).toEqual({ busy: me });
  await held.release();
  await hold(theirs, alive, other);
});

test('of many takers at one time exactly one gets it', async () => {
  const { lock, key } = await openLock();
  const theirs = (await open()).lock(key);
  const taken = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? lock : theirs).take(me, alive)));
  const held = taken.flatMap(one => ('held' in one ? [one.held] : []));
  expect(held).toHaveLength(1);
  await held[0]?.release();
});

/** A process that takes the lock of `key`, says so, and does then what `after` says. */
async function startHolder(key: string, ttlMs: number, after = '') {
  const script = `
    import { openRedis } from ${JSON.stringify(new URL('../../../src/adapters/redis/redis.ts', import.meta.url).href)};
    const redis = await openRedis(${JSON.stringify(labRedis())});
    const me = { ...${JSON.stringify(other)}, pid: process.pid };
    await redis.lock(${JSON.stringify(key)}).take(me, { isGone: () => false, ttlMs: ${ttlMs} });
    process.stdout.write('held\\n');
    ${after}`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  await once(createInterface(child.stdout), 'line');
  return { pid: child.pid ?? 0, kill, ended };
}

test('a holder that was killed is followed at once by who knows that it is gone', async () => {
  const { lock, key } = await openLock();
  const holder = await startHolder(key, 600_000);
  const isGone = ({ pid }: Holder) => {
    expect(pid).toBe(holder.pid);
    try {
      return !process.kill(pid, 0);
    } catch {
      return true;
    }
  };
  expect(await lock.take(me, { isGone })).toEqual({ busy: { ...other, pid: holder.pid } });
  await holder.kill();
  await hold(lock, { isGone });
});

test('a holder that was killed loses the lock by itself, and one that lives does not', async () => {
  const { lock, key, client } = await openLock();
  const holder = await startHolder(key, 600);
  let before = await client.pTTL(key);
  await eventually(async () => {
    const now = await client.pTTL(key);
    const isExtended = now > before;
    before = now;
    return isExtended || undefined;
  });
  expect(await lock.take(me, alive)).toHaveProperty('busy');
  await holder.kill();
  await eventually(async () => {
    const taken = await lock.take(me, alive);
    if ('held' in taken) onTestFinished(() => taken.held.release());
    return 'held' in taken || undefined;
  });
});

test('a lock that nobody released does not keep its process from ending', async () => {
  const { ended } = await startHolder(await ownKey(), 600, 'await redis.close();');
  expect(await ended).toEqual([0, null]);
}, 10_000);

test('of two that follow the same gone holder one gets it', async () => {
  const { lock, key, client } = await openLock();
  const theirs = (await open()).lock(key);
  await client.set(key, JSON.stringify(other));
  const isGone = ({ pid }: Holder) => pid === other.pid;
  const taken = await Promise.all([lock.take(me, { isGone }), theirs.take(me, { isGone })]);
  const held = taken.flatMap(one => ('held' in one ? [one.held] : []));
  expect(held).toHaveLength(1);
  expect(taken).toContainEqual({ busy: me });
  await held[0]?.release();
});

/** Waits until Redis has run that many scripts more: takes, extensions, releases. */
async function scriptsRun(client: Awaited<ReturnType<typeof plainClient>>, more: number) {
  const count = async () => Number(/^cmdstat_eval:calls=(\d+)/m.exec(await client.info('commandstats'))?.[1]);
  const before = await count();
  await eventually(async () => (await count()) >= before + more || undefined);
}

test('what somebody else got meanwhile is left to them', async () => {
  const redis = await ownRedis();
  const client = await plainClient(redis.where);
  const held = await hold((await open(redis.where)).lock('lock'), { ...alive, ttlMs: 150 });
  const theirs = JSON.stringify(other);
  await client.set('lock', theirs, { PX: 60_000 });
  await scriptsRun(client, 2);
  expect(await client.get('lock')).toBe(theirs);
  await held.release();
  expect(await client.get('lock')).toBe(theirs);
});

test('nothing is extended after the release', async () => {
  const redis = await ownRedis();
  const client = await plainClient(redis.where);
  await hold((await open(redis.where)).lock('clock'), { ...alive, ttlMs: 150 });
  const held = await hold((await open(redis.where)).lock('lock'), { ...alive, ttlMs: 60 });
  await held.release();
  await scriptsRun(client, 3);
  expect(await client.exists('lock')).toBe(0);
});

test.each([
  'text',
  '',
  'null',
  '{"pid":1}',
  JSON.stringify({ ...other, pid: 0 }),
  JSON.stringify({ ...other, since: 'yesterday' }),
  Buffer.from([0xff]),
])('a value that is no lock of ours is somebody’s: %j', async value => {
  const { lock, key, client } = await openLock();
  await client.set(key, value);
  expect(await lock.take(me, gone)).toEqual({ busy: unknownHolder });
  expect(await client.exists(key)).toBe(1);
});

test('a key that is no text says so', async () => {
  const { lock, key, client } = await openLock();
  await client.rPush(key, 'a');
  await expect(lock.take(me, gone)).rejects.toMatchObject({ exit: 1, message: `The Redis key ${key} is not a lock` });
});

/** Stands where a Redis was until somebody has tried to connect twice. */
async function refuseTwice(port: number) {
  const tried = new EventEmitter();
  const refusing = await listen(port, socket => {
    socket.destroy();
    tried.emit('one');
  });
  await once(tried, 'one');
  await once(tried, 'one');
  await refusing.close();
}

test('it is taken again after a restart of Redis, and released from it', async () => {
  const redis = await ownRedis();
  const lock = (await open(redis.where)).lock('lock');
  const held = await hold(lock, { ...alive, ttlMs: 150 });
  await redis.kill();
  await expect(lock.take(me, alive)).rejects.toMatchObject({ exit: 5 });
  await refuseTwice(redis.where.port);
  await redis.start();
  const client = await plainClient(redis.where);
  await eventually(async () => (await client.exists('lock')) === 1 || undefined);
  expect(await lock.take(other, alive)).toEqual({ busy: me });
  await held.release();
  expect(await client.exists('lock')).toBe(0);
});

test('the release does not throw when Redis is away', async () => {
  const redis = await ownRedis();
  const held = await hold((await open(redis.where)).lock('lock'));
  await redis.kill();
  await held.release();
  await held.release();
});
