import { setTimeout as pause } from 'node:timers/promises';
import { asBytes, type RedisClient, type RedisConnection } from './connection.ts';

/**
 * Background jobs of NetBox's that have not begun. Their ids are also in NetBox's database (`core_job`): the two belong together.
 *
 * `queues`: job ids by queue, the next one first. `scheduled`: job ids with the second since 1970 at which they are due.
 * `fields`: each job's hash, its values as base64.
 */
export type WaitingJobs = {
  readonly queues: Readonly<Record<string, readonly string[]>>;
  readonly scheduled: Readonly<Record<string, readonly (readonly [string, number])[]>>;
  readonly fields: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

export type Paused = {
  /** Jobs that went on although they were waited for. */
  readonly running: number;
  resume(): Promise<void>;
};

/** The Redis through which NetBox hands jobs to its workers (`REDIS['tasks']`): RQ's keys, https://python-rq.org. */
export type NetBoxJobs = {
  readonly where: string;
  /** Lets the workers finish what they do and begin nothing new until `resume`. Whoever dies without it holds them up for a minute. */
  pause(patienceMs: number): Promise<Paused>;
  read(): Promise<WaitingJobs>;
  /** Takes away all that wait and puts others in their place. All or nothing. */
  replace(jobs: WaitingJobs): Promise<void>;
};

export const noJobs: WaitingJobs = { queues: {}, scheduled: {}, fields: {} };

const suspended = 'rq:suspended';
const suspendMs = 60_000;
const ours = 'bmtool';
const queueNames = 'rq:queues';
const queuePrefix = 'rq:queue:';
const jobKey = (id: string) => `rq:job:${id}`;

/** @param ttlMs how long a suspension lasts that nobody extends or takes back */
export function openNetBoxJobs(connection: RedisConnection, ttlMs = suspendMs): NetBoxJobs {
  const { ask, where } = connection;
  const read = () => ask(readJobs);
  return {
    where,
    read,
    async pause(patienceMs) {
      const own = await ask(client => suspend(client, ttlMs));
      const say = (script: string) =>
        ask(client => client.eval(script, { keys: [suspended], arguments: [ours, String(ttlMs)] })).catch(() => {});
      // The copy of a large database takes longer than that.
      const extending = own ? setInterval(() => void say(extendOurs), ttlMs / 3).unref() : undefined;
      const resume = async () => {
        clearInterval(extending);
        if (own) await say(removeOurs);
      };
      try {
        return { running: await waitForRunning(ask, patienceMs), resume };
      } catch (error) {
        await resume();
        throw error;
      }
    },
    async replace(wanted) {
      const there = await read();
      await ask(client => {
        const all = client.multi();
        for (const name of Object.keys(there.queues)) all.del(`${queuePrefix}${name}`);
        for (const [name, due] of Object.entries(there.scheduled)) {
          if (due.length > 0)
            all.zRem(
              `rq:scheduled:${name}`,
              due.map(([id]) => id),
            );
        }
        // Also of those that come back: one that was done meanwhile has a result, and a time at which it expires.
        for (const id of new Set([...Object.keys(there.fields), ...Object.keys(wanted.fields)])) all.del(jobKey(id));
        for (const [id, fields] of Object.entries(wanted.fields)) {
          const pairs = Object.entries(fields).map(([name, value]) => [name, Buffer.from(value, 'base64')] as const);
          if (pairs.length > 0) all.hSet(jobKey(id), new Map(pairs));
        }
        for (const [name, ids] of Object.entries(wanted.queues)) {
          all.sAdd(queueNames, `${queuePrefix}${name}`);
          if (ids.length > 0) all.rPush(`${queuePrefix}${name}`, [...ids]);
        }
        for (const [name, due] of Object.entries(wanted.scheduled)) {
          if (due.length > 0)
            all.zAdd(
              `rq:scheduled:${name}`,
              due.map(([value, score]) => ({ value, score })),
            );
        }
        return all.exec();
      });
    },
  };
}

const ifOurs = (command: string) => `return redis.call('get', KEYS[1]) == ARGV[1] and redis.call(${command}) or 0`;
const extendOurs = ifOurs("'pexpire', KEYS[1], ARGV[2]");
const removeOurs = ifOurs("'del', KEYS[1]");

/** Somebody else's suspension stays theirs; that of a bmtool that was killed is taken over. */
async function suspend(client: RedisClient, ttlMs: number): Promise<boolean> {
  const isNew = await client.set(suspended, ours, { NX: true, PX: ttlMs });
  if (isNew !== null) return true;
  if ((await client.get(suspended)) !== ours) return false;
  await client.set(suspended, ours, { PX: ttlMs });
  return true;
}

/** Waits for the jobs that are being done, and gives how many went on all the same. */
async function waitForRunning(ask: RedisConnection['ask'], patienceMs: number): Promise<number> {
  const deadline = performance.now() + patienceMs;
  let running = await ask(countRunning);
  while (running > 0 && performance.now() < deadline) {
    await pause(20);
    running = await ask(countRunning);
  }
  return running;
}

/** A worker that died leaves its job here until the second that the entry names. */
async function countRunning(client: RedisClient): Promise<number> {
  const names = await readNames(client);
  const now = Math.floor(Date.now() / 1000);
  const counts = await Promise.all(names.map(name => client.zCount(`rq:wip:${name}`, now, '+inf')));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function readNames(client: RedisClient): Promise<string[]> {
  const keys = await client.sMembers(queueNames);
  // NetBox's own, which exist from the first job on, and a queue may hold scheduled jobs alone.
  const names = keys.filter(key => key.startsWith(queuePrefix)).map(key => key.slice(queuePrefix.length));
  return [...new Set([...names, 'high', 'default', 'low'])].sort();
}

async function readJobs(client: RedisClient): Promise<WaitingJobs> {
  const names = await readNames(client);
  const queues: Record<string, string[]> = {};
  const scheduled: Record<string, [string, number][]> = {};
  await Promise.all(
    names.map(async name => {
      const [ids, due] = await Promise.all([
        client.lRange(`${queuePrefix}${name}`, 0, -1),
        client.zRangeWithScores(`rq:scheduled:${name}`, 0, -1),
      ]);
      if (ids.length > 0) queues[name] = ids;
      if (due.length > 0) scheduled[name] = due.map(({ value, score }) => [value, score]);
    }),
  );
  const ids = [...Object.values(queues).flat(), ...Object.values(scheduled).flatMap(due => due.map(([id]) => id))];
  const bytes = client.withTypeMapping(asBytes);
  const hashes = await Promise.all(ids.map(id => bytes.hGetAll(jobKey(id))));
  const fields = Object.fromEntries(
    ids.map((id, index) => [
      id,
      Object.fromEntries([...(hashes[index] ?? [])].map(([name, value]) => [name, value.toString('base64')])),
    ]),
  );
  return { queues, scheduled, fields };
}
