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
  /** Lets the workers finish what they do and begin nothing new. Whoever dies without `resume` holds them up for a minute. */
  pause(patienceMs: number): Promise<Paused>;
  read(): Promise<WaitingJobs>;
  /** Takes away all that wait and puts others in their place. All or nothing. */
  replace(jobs: WaitingJobs): Promise<void>;
};

export const noJobs: WaitingJobs = { queues: {}, scheduled: {}, fields: {} };

const suspended = 'rq:suspended';
const suspendSeconds = 60;
const queueNames = 'rq:queues';
const queuePrefix = 'rq:queue:';
const jobKey = (id: string) => `rq:job:${id}`;

export function openNetBoxJobs(connection: RedisConnection): NetBoxJobs {
  const { ask, where } = connection;
  const read = () => ask(readJobs);
  return {
    where,
    read,
    async pause(patienceMs) {
      // Somebody else's suspension stays theirs.
      const own = await ask(client => client.set(suspended, 'bmtool', { NX: true, EX: suspendSeconds }));
      const deadline = performance.now() + patienceMs;
      let running = await ask(countRunning);
      while (running > 0 && performance.now() < deadline) {
        await pause(20);
        running = await ask(countRunning);
      }
      return {
        running,
        resume: async () => {
          if (own !== null) await ask(client => client.del(suspended)).catch(() => {});
        },
      };
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
        for (const id of Object.keys(there.fields)) all.del(jobKey(id));
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
      Object.fromEntries(
        Object.entries(hashes[index] ?? {}).map(([name, value]) => [name, (value as Buffer).toString('base64')]),
      ),
    ]),
  );
  return { queues, scheduled, fields };
}
