import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../../core/failure.ts';
import { waitText } from '../../core/unreachable.ts';
import { type Answer, causeOf, pauseBefore, whyOf } from './answer.ts';
import type { Client, Query, Wish } from './client.ts';
import { can, type Version } from './versions.ts';

export type Row = Readonly<Record<string, unknown>> & { readonly id: number };

export type ReadOptions = {
  /** Only these are fetched (`id` comes along): a device with all its fields costs three times as much. */
  readonly fields: readonly string[];
  readonly query?: Query;
  /** Called after every page with the rows so far. */
  readonly onPage?: (rows: number) => void;
};

/**
 * What every request needs. `patienceMs` bounds how long a NetBox that does not answer is waited for, all tries of one read together; with 0 there is one
 * try, which takes as long as the client lets it.
 */
export type Line = {
  readonly client: Client;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
};

/** What every read needs that is another one in another version. */
export type Reader = Line & { readonly version: Version };

/** NetBox's own ceiling (MAX_PAGE_SIZE); larger limits are clamped without a word. */
const pageSize = 1000;
/** gunicorn refuses request lines over 4,094 bytes; this leaves room for host prefixes and fields. */
const longestQuery = 3000;

/**
 * Every object of a list, by id, whatever happens to it meanwhile: pages by cursor (4.6 and later) or by `id__gt`, both
 * stable when somebody inserts. Never follows `next`: behind a proxy it may name another host.
 */
export async function readList(reader: Reader, path: string, options: ReadOptions): Promise<Row[]> {
  const cursor = can(reader.version, 'cursorPages');
  const rows: Row[] = [];
  for (let from = 0; ; ) {
    const page = await readPage(reader, path, [
      ...(options.query ?? []),
      ['limit', pageSize],
      ...(cursor
        ? ([['start', from]] as const)
        : ([
            ['ordering', 'id'],
            ['id__gte', from],
          ] as const)),
      ['fields', ['id', ...options.fields].join(',')],
      ...(can(reader.version, 'configContextOnRead') ? ([['exclude', 'config_context']] as const) : []),
    ]);
    rows.push(...page.rows);
    options.onPage?.(rows.length);
    const last = page.rows.at(-1);
    if (!page.more || last === undefined) return rows;
    from = last.id + 1;
  }
}

/**
 * The same for a filter with many values (`id`, `serial`, `mac_address`): as many requests as the URL limit wants, a few
 * at a time. An empty list reads nothing; NetBox would answer the whole table (trap 2).
 */
export async function readByValues(
  reader: Reader,
  path: string,
  name: string,
  values: readonly (string | number)[],
  options: ReadOptions,
): Promise<Row[]> {
  const pages = await inTwoLanes(chunksFor(name, values), chunk => {
    const query: Query = [...(options.query ?? []), ...chunk.map(value => [name, value] as const)];
    return readList(reader, path, { ...options, query });
  });
  // A name that a version does not know as a filter gives the whole list each time (trap 2).
  return [...new Map(pages.flat().map(row => [row.id, row])).values()];
}

/**
 * The same, or the whole list where that is fewer requests: then others come along, and the caller picks its own. A page of 1,000 costs
 * NetBox no more than a request with some hundred values (measured on 4.7.3: 350 cables by id 0.39 s, 1,000 of the list 0.41 s).
 *
 * @param options.whole narrows the whole list, where that surely keeps all that are wanted
 */
export async function readAmong(
  reader: Reader,
  path: string,
  name: string,
  values: readonly (string | number)[],
  options: ReadOptions & { readonly whole?: Query },
): Promise<Row[]> {
  const { whole = [], ...wish } = options;
  const query = [...(wish.query ?? []), ...whole];
  const requests = chunksFor(name, values).length;
  if (requests > 1 && Math.ceil((await countList(reader, path, query)) / pageSize) <= requests)
    return readList(reader, path, { ...wish, query });
  return readByValues(reader, path, name, values, wish);
}

async function inTwoLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const waiting = [...items];
  const results: R[] = [];
  const lanes = Array.from({ length: Math.min(2, items.length) }, async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) results.push(await work(item));
  });
  await Promise.all(lanes);
  return results;
}

/** How many objects a list has, without reading it. */
export async function countList(reader: Reader, path: string, query: Query = []): Promise<number> {
  const answer = await get(reader, path, { query: [...query, ['limit', 1], ['fields', 'id']] });
  const count = (answer.body as { count?: unknown }).count;
  if (typeof count !== 'number') throw notNetBox(reader, path);
  return count;
}

/** How many objects a filter with many values finds. No object may fit two of the values. */
export async function countByValues(
  reader: Reader,
  path: string,
  name: string,
  values: readonly (string | number)[],
  query: Query = [],
): Promise<number> {
  const counts = await inTwoLanes(chunksFor(name, values), chunk =>
    countList(reader, path, [...query, ...chunk.map(value => [name, value] as const)]),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The last try of many gets this long at least: NetBox needs some time for any answer. */
const leastTryMs = 1_000;

/** A GET that is tried again while NetBox is away, until `patienceMs`. Throws `Failure` for everything but 2xx. */
export async function get(line: Line, path: string, wish: Wish = {}): Promise<Extract<Answer, { kind: 'answered' }>> {
  const { client, signal, patienceMs } = line;
  const startedAt = Date.now();
  const leftMs = () => startedAt + patienceMs - Date.now();
  for (let pauseMs = 200; ; pauseMs = Math.min(pauseMs * 2, 5000)) {
    const tryMs = patienceMs === 0 ? undefined : Math.max(leftMs(), Math.min(leastTryMs, patienceMs));
    const answer = await client.send('GET', path, { signal, ...wish, timeoutMs: wish.timeoutMs ?? tryMs });
    if (answer.kind === 'answered' && answer.status >= 200 && answer.status < 300) return answer;
    if (signal.aborted) throw new Failure('interrupted', 'Interrupted');
    const cause = causeOf(answer);
    const isOver = !passing.has(cause.cause) || pauseMs > leftMs();
    if (isOver) throw readFailure(line, path, answer, Date.now() - startedAt);
    client.vigil.again(whyOf(answer), leftMs());
    const toldMs = cause.cause === 'busy' ? cause.waitMs : undefined;
    await wait(pauseBefore(toldMs, pauseMs, leftMs()), undefined, { signal }).catch(() => {});
  }
}

const checkThatItRuns =
  'Check NETBOX_URL and that NetBox runs. For a NetBox of your own on this machine: bmtool lab up';
const moreTime =
  'It takes connections: see whether it is stuck or overloaded. More time for a slow one: --timeout SECONDS.';

const passing: ReadonlySet<string> = new Set(['down', 'busy', 'lost', 'rolledBack']);

/**
 * The end of the road for a read, in words and with the right exit code.
 *
 * @param triedMs how long it was tried
 */
export function readFailure(reader: { client: Client }, path: string, answer: Answer, triedMs = 0): Failure {
  const where = reader.client.url;
  if (answer.kind !== 'answered' || passing.has(causeOf(answer).cause)) {
    const isSilent = answer.kind === 'lost' && answer.timedOut;
    const tried = triedMs < 1000 || isSilent ? '' : ` (tried for ${waitText(triedMs)})`;
    return new Failure('netbox-unreachable', `Cannot reach NetBox at ${where}: ${whyOf(answer)}${tried}`, {
      next: (answer.kind === 'unsent' && answer.next) || (isSilent ? moreTime : checkThatItRuns),
    });
  }
  if (answer.status === 403 || answer.status === 401) {
    return new Failure('token-may-not-read', `NetBox at ${where} refuses to show ${path}: ${whyOf(answer)}`, {
      next: 'Check the token in NETBOX_TOKEN and its permissions: bmtool doctor',
    });
  }
  if (answer.status >= 300 && answer.status < 400 && answer.headers.location) {
    return new Failure('netbox-redirects', `${where} redirects to ${answer.headers.location}`, {
      next: 'Set NETBOX_URL to where it redirects to (often https instead of http).',
    });
  }
  return new Failure('netbox-refuses', `NetBox at ${where} answered ${answer.status} for ${path}: ${whyOf(answer)}`, {
    next: "NetBox's own log says more of it.",
  });
}

async function readPage(reader: Reader, path: string, query: Query): Promise<{ rows: Row[]; more: boolean }> {
  const { body } = await get(reader, path, { query });
  const { results, next } = (body ?? {}) as { results?: unknown; next?: unknown };
  if (!Array.isArray(results) || !results.every(row => typeof row?.id === 'number')) throw notNetBox(reader, path);
  return { rows: results as Row[], more: typeof next === 'string' };
}

function notNetBox(reader: Reader, path: string): Failure {
  return new Failure('not-netbox', `${reader.client.url} answers, but not like NetBox (${path})`, {
    next: 'Check NETBOX_URL: it should be the address of the NetBox page, without /api.',
  });
}

function chunksFor(name: string, values: readonly (string | number)[]): (string | number)[][] {
  const chunks: (string | number)[][] = [];
  let room = 0;
  for (const value of values) {
    const length = name.length + 2 + encodeURIComponent(value).length;
    if (room < length) {
      chunks.push([]);
      room = longestQuery;
    }
    chunks.at(-1)?.push(value);
    room -= length;
  }
  return chunks;
}
