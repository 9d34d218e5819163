import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectRedis } from '../../src/adapters/redis/connection.ts';
import { openHarbour } from '../../src/adapters/redis/harbour.ts';
import { openRedisLeaseQueue } from '../../src/adapters/redis/lease-queue.ts';
import { openBook } from '../../src/adapters/spool/book.ts';
import { openSpoolQueue, openSpoolReader } from '../../src/adapters/spool/queue.ts';
import { openSpool } from '../../src/adapters/spool/spool.ts';
import { type LeaseEvent, leaseEvent } from '../../src/core/lease.ts';
import { noteDecision } from '../../src/core/lease-note.ts';
import type { LeaseQueue, Taken } from '../../src/core/lease-queue.ts';
import type { Mac } from '../../src/core/mac.ts';
import { labEnv } from '../support/lab-env.ts';

/** A queue of its own, with what puts events in and what a restart of its worker is. */
type Rig = {
  queue: LeaseQueue;
  add(...events: readonly LeaseEvent[]): Promise<void>;
  /** The same events for a worker that starts after this one was killed. */
  reopen(): Promise<LeaseQueue>;
  addRaw(text: string): Promise<void>;
  /** Turns the clock on. */
  skip(ms: number): void;
  close(): Promise<void>;
};

const boot = { id: 'b', startedAtMs: 0 };

async function spoolRig(): Promise<Rig> {
  let skipped = 0;
  const folder = await mkdtemp(join(tmpdir(), 'bmtool-queue-'));
  const spool = openSpool(join(folder, 'spool'));
  const closers: (() => void)[] = [];
  const open = () => {
    const book = openBook(join(folder, 'leases.db'), () => new Date(Date.now() + skipped));
    const eventsOf = (record: object) =>
      'event' in record ? { events: [record.event as LeaseEvent] } : { unreadable: 'no' };
    const reader = openSpoolReader({ folder: spool.folder, book, boot, eventsOf });
    closers.push(
      () => reader.close(),
      () => book.close(),
    );
    return openSpoolQueue(reader, book);
  };
  return {
    queue: open(),
    add: async (...events) => spool.append(events),
    addRaw: async text => spool.append([JSON.parse(text)]),
    reopen: async () => open(),
    skip(ms) {
      skipped += ms;
    },
    async close() {
      for (const close of closers) close();
      await rm(folder, { recursive: true });
    },
  };
}

async function redisRig(): Promise<Rig & { told(): Promise<string[]> }> {
  const { REDIS_HOST = '', REDIS_PORT } = labEnv();
  const connection = await connectRedis({ host: REDIS_HOST, port: Number(REDIS_PORT), password: '', timeoutMs: 5000 });
  const key = `test:${randomUUID()}`;
  let skipped = 0;
  const clock = () => Date.now() + skipped;
  const open = (worker: string) => openRedisLeaseQueue({ connection, key, tellOn: [`${key}:told`], worker, clock });
  const opened = [open('one')];
  return {
    queue: opened[0] as LeaseQueue,
    add: async (...events) => {
      if (events.length > 0)
        await connection.ask(client =>
          client.rPush(
            key,
            events.map(event => JSON.stringify(event)),
          ),
        );
    },
    told: () => connection.ask(client => client.lRange(`${key}:told`, 0, -1)),
    addRaw: async text => {
      await connection.ask(client => client.rPush(key, text));
    },
    // A killed worker's key ends by itself; here it is ended at once.
    async reopen() {
      await connection.ask(client => client.del(`${key}:alive:one`));
      const next = open('two');
      opened.push(next);
      return next;
    },
    skip(ms) {
      skipped += ms;
    },
    async close() {
      for (const queue of opened) await queue.close();
      const keys = await connection.ask(client => client.keys(`${key}*`));
      await connection.ask(client => client.del(keys));
      connection.close();
    },
  };
}

const now = { wait: false, signal: new AbortController().signal };
const macOf = (n: number) => `94:40:C9:00:00:${n.toString(16).padStart(2, '0').toUpperCase()}` as Mac;

function event(n: number, second = 0): LeaseEvent {
  const time = new Date(Date.UTC(2026, 10, 21, 10, 0, second)).toISOString();
  return leaseEvent({
    time,
    kind: 'granted',
    mac: macOf(n),
    address: `10.20.0.${n}`,
    leaseSeconds: 60,
    source: { way: 'hook', host: 'h' },
  });
}

const idsOf = (taken: readonly Taken[]) => taken.map(one => one.event.id);

function noteOf({ event: { data, id } }: Taken) {
  return noteDecision(undefined, { lease: data, eventId: id, rule: 'r', act: 'nothing', reason: 'x', at: data.time });
}

const settled = (taken: readonly Taken[]) => taken.map(one => ({ taken: one, note: noteOf(one) }));

describe.each([
  ['the spool', spoolRig],
  ['Redis', redisRig],
] as const)('%s as a queue of lease events', (_, openRig) => {
  const rigged = (name: string, run: (rig: Rig) => Promise<void>) =>
    test(name, async () => {
      const rig = await openRig();
      try {
        await run(rig);
      } finally {
        await rig.close();
      }
    });

  rigged('hands out the oldest first, each once, and notes what was decided', async ({ queue, add }) => {
    const events = [event(1), event(2), event(3)];
    await add(...events);
    const first = await queue.take(2, now);
    expect(idsOf(first)).toEqual([events[0]?.id, events[1]?.id]);
    await queue.settle(settled(first));
    const rest = await queue.take(9, now);
    expect(idsOf(rest)).toEqual([events[2]?.id]);
    await queue.settle(settled(rest));
    expect(await queue.take(9, now)).toEqual([]);
    expect((await queue.notes.read([macOf(1), macOf(9)])).get(macOf(1))?.decided[0]?.eventId).toBe(events[0]?.id);
    expect((await queue.notes.all()).size).toBe(3);
    expect(await queue.counts()).toMatchObject({ waiting: 0, dead: 0 });
  });

  rigged('waits for the first event, and no longer', async ({ queue, add }) => {
    const taking = queue.take(9, { ...now, wait: true });
    await add(event(1));
    expect(idsOf(await taking)).toEqual([event(1).id]);
  });

  rigged('gives back what was not decided, in its order', async ({ queue, add }) => {
    await add(event(1), event(2));
    const taken = await queue.take(9, now);
    await add(event(3));
    await queue.giveBack(taken);
    expect(idsOf(await queue.take(9, now))).toEqual([1, 2, 3].map(n => event(n).id));
  });

  rigged('loses nothing with its worker: what that had in hand goes to the next', async ({ queue, add, reopen }) => {
    await add(event(1), event(2));
    const [done] = await queue.take(2, now);
    await queue.settle(settled([done as Taken]));
    const next = await reopen();
    expect(idsOf(await next.take(9, now))).toEqual([event(2).id]);
  });

  rigged(
    'makes a dead letter of the third failure, which can be tried anew or dropped',
    async ({ queue, add, skip }) => {
      await add(event(1));
      for (const tries of [0, 1, 2]) {
        const [taken] = await queue.take(9, now);
        expect(taken?.tries).toBe(tries);
        await queue.fail([{ taken: taken as Taken, reason: `no ${tries}` }]);
        // It comes again after a while, not at once.
        expect(await queue.take(9, now)).toEqual([]);
        skip(10_000);
      }
      const [letter] = await queue.dead.list();
      expect(letter).toMatchObject({ reason: 'no 2', tries: 3, entry: JSON.stringify(event(1)) });
      expect(await queue.counts()).toMatchObject({ waiting: 0, dead: 1 });
      expect(await queue.dead.retry([letter?.id ?? ''])).toBe(1);
      const [again] = await queue.take(9, now);
      expect(again?.tries).toBe(0);
      await queue.settle(settled([again as Taken]));
      expect(await queue.dead.list()).toEqual([]);
    },
  );

  rigged('puts aside what is no event, and does not stop at it', async ({ queue, add, addRaw }) => {
    await addRaw('{"specversion":"1.0","data":{"mac":"x","address":"y"}}');
    await add(event(1));
    const taken = await queue.take(9, now);
    expect(idsOf(taken)).toEqual([event(1).id]);
    const [letter] = await queue.dead.list();
    expect(await queue.dead.retry([letter?.id ?? 'none'])).toBeLessThanOrEqual(1);
    expect(await queue.dead.drop((await queue.dead.list()).map(({ id }) => id))).toBeLessThanOrEqual(1);
    await queue.settle(settled(taken));
    expect(idsOf(await queue.take(9, now))).toEqual([]);
  });
});

describe('events of several machines in Redis', () => {
  test('two workers never have one MAC or one address in hand, and the order of a MAC is kept', async () => {
    const rig = await redisRig();
    try {
      await rig.add(event(1, 0), event(2), event(1, 30));
      const [one] = await rig.queue.take(1, now);
      const { REDIS_HOST = '', REDIS_PORT } = labEnv();
      const connection = await connectRedis({
        host: REDIS_HOST,
        port: Number(REDIS_PORT),
        password: '',
        timeoutMs: 5000,
      });
      const key = rig.queue.name.split(' ')[0] ?? '';
      const other = openRedisLeaseQueue({ connection, key, tellOn: [], worker: 'other', clock: Date.now });
      expect(idsOf(await other.take(9, now))).toEqual([event(2).id]);
      await rig.queue.settle(settled([one as Taken]));
      await other.close();
      expect(idsOf(await rig.queue.take(9, now))).toEqual([event(2).id, event(1, 30).id]);
      connection.close();
    } finally {
      await rig.close();
    }
  });

  test('what was promised is told once, also by a worker that finds it done', async () => {
    const rig = await redisRig();
    try {
      await rig.add(event(1));
      await rig.queue.take(9, now);
      await rig.queue.promise([{ eventId: event(1).id, text: 'discovered' }]);
      const next = await rig.reopen();
      const taken = await next.take(9, now);
      expect(await rig.told()).toEqual([]);
      await next.settle(settled(taken));
      expect(await rig.told()).toEqual(['discovered']);
    } finally {
      await rig.close();
    }
  });

  test('what was promised of an event that then failed is not told', async () => {
    const rig = await redisRig();
    try {
      await rig.add(event(1));
      const [taken] = await rig.queue.take(9, now);
      await rig.queue.promise([{ eventId: event(1).id, text: 'discovered' }]);
      await rig.queue.fail([{ taken: taken as Taken, reason: 'refused' }]);
      rig.skip(10_000);
      await rig.queue.settle(settled(await rig.queue.take(9, now)));
      expect(await rig.told()).toEqual([]);
    } finally {
      await rig.close();
    }
  });

  test('a shipment whose answer was lost arrives once', async () => {
    const { REDIS_HOST = '', REDIS_PORT } = labEnv();
    const connection = await connectRedis({
      host: REDIS_HOST,
      port: Number(REDIS_PORT),
      password: '',
      timeoutMs: 5000,
    });
    const key = `test:${randomUUID()}`;
    const harbour = openHarbour(connection, key, Date.now);
    const ship = (before: string, name: string, text: string) =>
      harbour.ship({ spool: 's', before, name, cursor: `{"at":"${name}"}`, entries: [{ text }] });
    try {
      expect(await ship('', 'a', '1')).toEqual({ name: 'a', cursor: '{"at":"a"}' });
      // The answer is lost: its machine sends the same page, under another name, with what came meanwhile.
      expect(await ship('', 'b', '1')).toEqual({ name: 'a', cursor: '{"at":"a"}' });
      expect(await ship('a', 'c', '2')).toEqual({ name: 'c', cursor: '{"at":"c"}' });
      expect(await connection.ask(client => client.lRange(key, 0, -1))).toEqual(['1', '2']);
    } finally {
      await connection.ask(async client => client.del(await client.keys(`${key}*`)));
      connection.close();
    }
  });
});
