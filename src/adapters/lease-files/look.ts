import type { LeaseEvent } from '../../core/lease.ts';
import type { Dialect } from './dialects.ts';
import type { Diary } from './diary.ts';
import { newsOfGone, newsOfRecords, type Sight } from './news.ts';
import { headOf, isAt, type Place, placeIn, readFrom, withFile } from './place.ts';
import { headerOf, type Look, lookAt, readWhole } from './whole.ts';

export type Follow = {
  readonly path: string;
  readonly dialect: Dialect;
  /** What was told; the looks write it on. */
  readonly diary: Diary;
  /** The machine that sees it. */
  readonly host: string;
  readonly clock: () => number;
};

/** What one follower noticed from one look to the next; not worth keeping. */
export type Notice = {
  /** How the file was when all in it was told. */
  done?: Look | undefined;
  /** How it was last, and since when; and since when it keeps changing. Milliseconds since 1970. */
  last?: { readonly look: Look; readonly sinceMs: number; readonly changingMs: number } | undefined;
};

/** `changing`: look again in `settleMs`. Events are told in their order. */
export type Seen = { readonly file: 'read' | 'changing' | 'missing'; readonly events: readonly LeaseEvent[] };

/**
 * How long a file must have been left alone before it is taken for whole. dnsmasq empties its file and writes it again, with a full disk a minute
 * later only; copying a file over another goes through every length.
 */
export const settleMs = 100;
const settleEmptyMs = 1_000;
/** A file that never rests is read all the same after this long; only what is missing in it is not told then. */
const patienceMs = 1_000;
/** Where more than this was added, only the last word about each address is told, as if the file were new. */
const longestBacklog = 4_194_304;

/** Looks at a lease file once: tells what is news since the last look, and notes it in the diary. */
export async function look(follow: Follow, notice: Notice): Promise<Seen> {
  const { path, dialect, diary } = follow;
  const now = await lookAt(path);
  if (now === undefined) return { file: 'missing', events: [] };
  if (isEqual(now, notice.done)) return upToDate(follow, []);
  const added = dialect.appends && diary.place ? await readAdded(follow, path, diary.place) : undefined;
  if (added) {
    notice.done = now;
    notice.last = undefined;
    return upToDate(follow, added);
  }
  const { settled, late } = settle(now, notice, follow.clock());
  if (!settled && !late) return { file: 'changing', events: await drainFormer(follow) };
  const events = await drainFormer(follow);
  const whole = await readWhole(path, dialect, now);
  if (whole === undefined) return { file: 'changing', events };
  const sight = sightOf(follow, now);
  const since = diary.readAt ?? Math.floor(follow.clock() / 1000);
  events.push(...newsOfRecords([...whole.last.values()], diary.told, since, sight));
  if (settled) events.push(...newsOfGone(whole.last, diary.told, sight, dialect.goneIsOver));
  diary.place = dialect.appends ? whole.place : undefined;
  if (!settled && !dialect.appends) return { file: 'changing', events };
  notice.done = now;
  notice.last = undefined;
  return upToDate(follow, events);
}

/** Tells each record that was added since the last look; nothing when this is another file, or too much was added. */
async function readAdded(follow: Follow, path: string, place: Place): Promise<LeaseEvent[] | undefined> {
  const { dialect, diary } = follow;
  const now = await lookAt(path);
  return withFile(path, async file => {
    if (now === undefined || !(await isAt(file, place)) || file.size - place.offset > longestBacklog) return undefined;
    const header = headerOf(await headOf(file, 4096));
    const events: LeaseEvent[] = [];
    const end = await readFrom(file, place.offset, text => {
      const { entries, used } = dialect.read(text, header);
      // Whatever stands behind the place was written since, also where it is over by now.
      events.push(...newsOfRecords(entries, diary.told, 0, sightOf(follow, now)));
      return used;
    });
    if (end !== place.offset) diary.place = await placeIn(file, end);
    return events;
  });
}

/** When another file has taken the place: what was still added to the one before, where that is to be found. */
async function drainFormer(follow: Follow): Promise<LeaseEvent[]> {
  const { dialect, diary, path } = follow;
  for (const former of dialect.formerly(path)) {
    const events = diary.place && (await readAdded(follow, former, diary.place));
    if (events) return events;
  }
  return [];
}

function settle(now: Look, notice: Notice, nowMs: number): { settled: boolean; late: boolean } {
  const before = notice.last;
  const last =
    before && isEqual(now, before.look)
      ? before
      : { look: now, sinceMs: nowMs, changingMs: before?.changingMs ?? nowMs };
  notice.last = last;
  const needMs = now.size === 0 ? settleEmptyMs : settleMs;
  const quietMs = Math.max(nowMs - last.sinceMs, nowMs - Number(now.mtimeNs / 1_000_000n));
  return { settled: quietMs >= needMs, late: nowMs - last.changingMs >= patienceMs };
}

function upToDate({ diary, clock }: Follow, events: readonly LeaseEvent[]): Seen {
  diary.readAt = Math.floor(clock() / 1000);
  return { file: 'read', events };
}

function sightOf({ dialect, host, clock }: Follow, { mtimeNs }: Look): Sight {
  const seenAt = Math.floor(Math.min(Number(mtimeNs / 1_000_000n), clock()) / 1000);
  return { server: dialect.server, host, seenAt: Math.max(seenAt, 0) };
}

function isEqual(a: Look, b: Look | undefined): boolean {
  return b !== undefined && a.identity === b.identity && a.size === b.size && a.mtimeNs === b.mtimeNs;
}
