import { setTimeout as wait } from 'node:timers/promises';
import { parseLeaseEvent } from '../../core/lease.ts';
import type { MacNote } from '../../core/lease-note.ts';
import {
  type DeadLetter,
  type LeaseQueue,
  type LeaseStore,
  mostTries,
  pauseBeforeMs,
  type Settled,
  type Taken,
} from '../../core/lease-queue.ts';
import type { Mac } from '../../core/mac.ts';
import type { RedisConnection } from './connection.ts';
import { scripts } from './lease-scripts.ts';

export type RedisLeaseQueueOptions = {
  readonly connection: RedisConnection;
  /** The list that events arrive on: `dhcp_lease`. Everything else is kept in keys that begin with its name. */
  readonly key: string;
  /** Lists that every discovered device is told on. */
  readonly tellOn: readonly string[];
  /** Unlike any other worker's. */
  readonly worker: string;
  readonly clock: () => number;
};

/** A worker that was not heard of for this long is gone: its events go to others. Longer than NetBox takes for a round. */
const aliveMs = 30_000;
/** How long Redis is asked to wait for an event at a time. */
const blockSeconds = 1;
/** When all that waits is in others' hands. */
const busyPauseMs = 100;

/**
 * Lease events in plain Redis lists: `LLEN dhcp_lease` tells what waits, as people are used to, where a stream would answer with an error. What a
 * stream's consumer group would give is made of a list for each worker (what it has in hand), a key that ends when the worker does, and a
 * hash of the MACs and addresses in hand: two workers never decide about one BMC at a time, which a stream cannot promise.
 */
export function openRedisLeaseQueue(options: RedisLeaseQueueOptions): LeaseQueue & Pick<LeaseStore, 'peek'> {
  const { connection, key, tellOn, worker, clock } = options;
  /** By ticket, the entries as they are in Redis. */
  const inHand = new Map<string, string>();
  const run = (script: string, args: readonly string[]): Promise<unknown> =>
    connection.ask(client => client.eval(script, { keys: [key], arguments: [...args] }));
  const alive = () => run(scripts.alive, [worker, String(aliveMs)]);
  const timer = setInterval(() => alive().catch(() => {}), aliveMs / 3);
  timer.unref();

  /** Takes events out of our hands; gives the MACs and addresses that nothing else in our hands is about. */
  const letGo = (all: readonly Taken[]): { entries: string[]; freed: string[] } => {
    const entries = all.map(({ ticket }) => inHand.get(ticket) ?? '');
    for (const { ticket } of all) inHand.delete(ticket);
    const still = new Set([...inHand.values()].flatMap(namesIn));
    return { entries, freed: entries.flatMap(namesIn).filter(name => !still.has(name)) };
  };

  return {
    name: `${key} on ${connection.where}`,
    async take(most, { wait: patient, signal }) {
      for (;;) {
        await alive();
        inHand.clear();
        const found = (await run(scripts.take, [worker, String(most), String(clock())])) as [string, string][];
        const taken: Taken[] = [];
        for (const [i, [entry, tries]] of found.entries()) {
          const event = parseLeaseEvent(entry);
          const ticket = `${clock()}/${i}`;
          if (typeof event === 'string') {
            const letter = JSON.stringify({ at: isoAt(clock()), reason: event, tries: 1, entry });
            await run(scripts.fail, [
              worker,
              JSON.stringify(namesIn(entry)),
              JSON.stringify([{ entry, id: '', letter }]),
            ]);
          } else {
            taken.push({ ticket, event, tries: Number(tries) });
            inHand.set(ticket, entry);
          }
        }
        if (taken.length > 0 || !patient || signal.aborted) return taken;
        await untilOne(connection, key, signal);
      }
    },
    async promise(announcements) {
      if (announcements.length === 0) return;
      await run(
        scripts.promise,
        announcements.flatMap(({ eventId, text }) => [eventId, text]),
      );
    },
    async settle(settled) {
      if (settled.length === 0) return;
      const { entries, freed } = letGo(settled.map(({ taken }) => taken));
      await run(scripts.settle, [
        worker,
        JSON.stringify(tellOn),
        JSON.stringify(freed),
        JSON.stringify(settled.map((one, i) => settlementOf(one, entries[i] ?? ''))),
      ]);
    },
    async giveBack(taken) {
      if (taken.length === 0) return;
      const { entries, freed } = letGo(taken);
      await run(scripts.giveBack, [worker, JSON.stringify(freed), JSON.stringify(entries)]);
    },
    async fail(failed) {
      if (failed.length === 0) return;
      const { entries, freed } = letGo(failed.map(({ taken }) => taken));
      const fates = failed.map(({ taken, reason }, i) => {
        const tries = taken.tries + 1;
        const id = taken.event.id;
        const entry = entries[i] ?? '';
        return tries >= mostTries
          ? { entry, id, letter: JSON.stringify({ at: isoAt(clock()), reason, tries, entry }) }
          : { entry, id, tries, notBefore: clock() + pauseBeforeMs(tries) };
      });
      await run(scripts.fail, [worker, JSON.stringify(freed), JSON.stringify(fates)]);
    },
    notes: {
      async read(macs) {
        if (macs.length === 0) return new Map();
        const found = await connection.ask(client => client.hmGet(`${key}:notes`, [...macs]));
        return new Map(macs.flatMap((mac, i) => noted(mac, found[i])));
      },
      async all() {
        const found = await connection.ask(client => client.hGetAll(`${key}:notes`));
        return new Map(Object.entries(found).flatMap(([mac, text]) => noted(mac as Mac, text)));
      },
    },
    dead: {
      async list() {
        const found = await connection.ask(client => client.lRange(`${key}:dead`, 0, -1));
        return found.flatMap(letterOf);
      },
      retry: async ids => Number(await run(scripts.retry, ids)),
      drop: async ids => Number(await run(scripts.drop, ids)),
    },
    async peek(most) {
      const entries = await connection.ask(client => client.lRange(key, 0, most - 1));
      return entries.map(parseLeaseEvent).filter(event => typeof event !== 'string');
    },
    async counts() {
      const [waiting, later, dead] = await connection.ask(client =>
        Promise.all([client.lLen(key), client.zCard(`${key}:later`), client.lLen(`${key}:dead`)]),
      );
      return { waiting: waiting + later, dead };
    },
    async close() {
      clearInterval(timer);
      await run(scripts.leave, [worker]).catch(() => {});
    },
  };
}

/** What `take` marked as busy for an entry, as it is written there. */
function namesIn(entry: string): string[] {
  const { mac, address } =
    (parseJson(entry) as { data?: { mac?: unknown; address?: unknown } } | undefined)?.data ?? {};
  return [mac, address].filter(name => typeof name === 'string');
}

function settlementOf({ taken, note }: Settled, entry: string) {
  return { entry, id: taken.event.id, ...(note ? { mac: taken.event.data.mac, note: JSON.stringify(note) } : {}) };
}

/** Blocks in Redis until there is an event: the head of the list is moved to where it is. */
async function untilOne(connection: RedisConnection, key: string, signal: AbortSignal): Promise<void> {
  const waiting = await connection.ask(client => client.lLen(key));
  if (waiting > 0) await wait(busyPauseMs, undefined, { signal }).catch(() => {});
  else await connection.ask(client => client.blMove(key, key, 'LEFT', 'LEFT', blockSeconds));
}

function isoAt(ms: number): string {
  return new Date(ms).toISOString();
}

/** Redis is not bmtool's alone: what is no note counts for nothing. */
function noted(mac: Mac, text: string | null | undefined): (readonly [Mac, MacNote])[] {
  const note = parseJson(text) as MacNote | undefined;
  return note?.format === 1 && Array.isArray(note.decided) ? [[mac, note]] : [];
}

function letterOf(text: string): DeadLetter[] {
  const letter = parseJson(text) as Partial<DeadLetter> | undefined;
  const { id, at = '', reason = '', tries = 0, entry = '' } = letter ?? {};
  return typeof id === 'string'
    ? [{ id, at: String(at), reason: String(reason), tries: Number(tries), entry: String(entry) }]
    : [];
}

function parseJson(text: string | null | undefined): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
