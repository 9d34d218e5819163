import { beforeAll, describe, expect, test } from 'vitest';
import { openNetBox } from '../../src/adapters/netbox/netbox.ts';
import { bmtool } from '../support/bmtool.ts';
import {
  applyAll,
  commentsOf,
  devices,
  journalCount,
  journalEntry,
  openEngine,
  setComments,
} from '../support/engine.ts';
import { type Fault, openFaultProxy, type Seen } from '../support/fault-proxy.ts';
import { labEnv } from '../support/lab-env.ts';
import { changeCount, resetLab } from '../support/netbox.ts';
import { someOf } from '../support/tries.ts';

beforeAll(() => resetLab());

const target = () => labEnv().NETBOX_URL ?? '';
const isWrite = (seen: Seen) => seen.method !== 'GET' && seen.method !== 'OPTIONS' && seen.body !== '[]';

/** Breaks the first write in one way and lets everything after it through. */
async function withFirstWrite(fault: Fault) {
  let writes = 0;
  return openFaultProxy(target(), seen => {
    if (!isWrite(seen)) return { kind: 'pass' };
    writes += 1;
    return writes === 1 ? fault : { kind: 'pass' };
  });
}

const faults: readonly (readonly [string, Fault])[] = [
  ['the connection breaks before NetBox sees the request', { kind: 'drop' }],
  ['the answer is lost after NetBox did it', { kind: 'lose-answer' }],
  ['a proxy says 504 although NetBox did it', { kind: 'lose-answer', answer: 504 }],
  ['502 from a proxy', { kind: 'answer', status: 502 }],
  ['503 with Retry-After', { kind: 'answer', status: 503, headers: { 'retry-after': '1' } }],
  ['429 with Retry-After', { kind: 'answer', status: 429, headers: { 'retry-after': '1' } }],
  [
    'a deadlock that PostgreSQL broke',
    { kind: 'answer', status: 500, body: '{"error":"deadlock detected\\nDETAIL: ...","exception":"OperationalError"}' },
  ],
];

describe('every fault on a write is survived, and nothing is done twice', () => {
  test.for(faults)('updates: %s', async ([name, fault]) => {
    const rows = await devices(4);
    await using proxy = await withFirstWrite(fault);
    await using netbox = await openEngine(proxy.url);
    const before = await changeCount();
    const results = await applyAll(
      netbox,
      rows.map(row => setComments(row, name)),
    );
    expect([...results.values()].map(result => result.state)).toEqual(rows.map(() => 'done'));
    expect(await commentsOf(rows.map(row => row.id))).toEqual(rows.map(() => name));
    expect((await changeCount()) - before).toBe(rows.length);
  });

  test.for(someOf(faults))('creates: %s', async ([name, fault]) => {
    const rows = await devices(4);
    await using proxy = await withFirstWrite(fault);
    await using netbox = await openEngine(proxy.url);
    const before = await journalCount();
    const results = await applyAll(
      netbox,
      rows.map(row => journalEntry(row, name)),
    );
    expect([...results.values()].map(result => result.state)).toEqual(rows.map(() => 'done'));
    expect((await journalCount()) - before).toBe(rows.length);
  });
});

test('Retry-After is waited for', async () => {
  const rows = await devices(3);
  await using proxy = await withFirstWrite({ kind: 'answer', status: 429, headers: { 'retry-after': '2' } });
  await using netbox = await openEngine(proxy.url);
  const startedMs = performance.now();
  await applyAll(
    netbox,
    rows.map(row => setComments(row, 'patient')),
  );
  expect(performance.now() - startedMs).toBeGreaterThan(1900);
});

test('a request body that is too large is sent in smaller ones', async () => {
  const rows = await devices(20);
  const large = 'x'.repeat(200_000);
  await using netbox = await openEngine();
  const results = await applyAll(
    netbox,
    rows.map(row => journalEntry(row, `${large} ${row.id}`)),
  );
  expect([...results.values()].every(result => result.state === 'done')).toBe(true);
});

test('a row that NetBox refuses does not take the others along, whether the answer names it or not', async () => {
  for (const [comments, mangle] of [
    ['named', false],
    ['unnamed', true],
  ] as const) {
    const rows = await devices(16, 20);
    const bad = rows[7];
    // Up to 4.6 a refused PATCH is the bare error of one row, without its id: the same refusal, told in that way.
    await using proxy = await openFaultProxy(target(), seen => {
      const ids = isWrite(seen) ? (JSON.parse(seen.body) as { id: number }[]).map(row => row.id) : [];
      return mangle && ids.includes(bad?.id ?? 0)
        ? { kind: 'answer', status: 400, body: '{"status":["nope is not a valid choice."]}' }
        : { kind: 'pass' };
    });
    await using netbox = await openEngine(proxy.url);
    const changes = rows.map(row => {
      const change = setComments(row, comments);
      return row === bad && !mangle ? { ...change, before: { status: 'offline' }, after: { status: 'nope' } } : change;
    });
    const results = await applyAll(netbox, changes);
    const failed = [...results.values()].filter(result => result.state !== 'done');
    expect(failed).toEqual([
      { key: `comments:${bad?.id}`, state: 'failed', reason: 'status: nope is not a valid choice.' },
    ]);
    const landed = rows.filter(row => row !== bad).map(row => row.id);
    expect(await commentsOf(landed)).toEqual(landed.map(() => comments));
  }
});

test('Ctrl-C: what is in flight is finished, the rest is skipped, every change has one result', async () => {
  const rows = await devices(120);
  const controller = new AbortController();
  await using proxy = await openFaultProxy(target(), seen => {
    if (isWrite(seen)) controller.abort();
    return { kind: 'pass' };
  });
  await using netbox = await openEngine(proxy.url, undefined, controller.signal);
  const results = await applyAll(
    netbox,
    rows.map(row => setComments(row, 'cut')),
  );
  const states = Map.groupBy(results.values(), result => result.state);
  expect(results.size).toBe(rows.length);
  expect(states.get('failed')).toBeUndefined();
  expect(states.get('skipped')?.length).toBeGreaterThan(0);
  const now = await commentsOf(rows.map(row => row.id));
  expect(now.filter(comments => comments === 'cut')).toHaveLength(states.get('done')?.length ?? 0);
});

describe('a NetBox that is silent or away', () => {
  /** The lab, its NetBox behind a proxy. */
  const through = ({ url }: { url: string }) => ({ ...labEnv(), NETBOX_URL: url });

  test.each([
    ['from the beginning', 0],
    ['in the middle of reading', 2],
  ])('is given up after --timeout, %s', async (_, answers) => {
    await using proxy = await openFaultProxy(target(), (_seen, count) => ({
      kind: count > answers ? 'silence' : 'pass',
    }));
    const startedMs = performance.now();
    const ran = await bmtool(['state', 'show', '--timeout', '1'], { env: through(proxy) });
    expect([ran.exitCode, performance.now() - startedMs < 6_000]).toEqual([5, true]);
    expect(ran.stderr).toContain(`error[BM-201]: Cannot reach NetBox at ${proxy.url}: no answer within 1 s\n`);
    expect(ran.stderr).toContain('--timeout SECONDS');
  });

  test('is tried again within --timeout, and who waits is told', async () => {
    let firstLostMs: number | undefined;
    await using proxy = await openFaultProxy(target(), (_seen, count) => {
      if (count <= 2) return { kind: 'pass' };
      firstLostMs ??= performance.now();
      return { kind: performance.now() - firstLostMs < 4_000 ? 'drop' : 'pass' };
    });
    const ran = await bmtool(['state', 'show', '--timeout', '60'], { env: through(proxy) });
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.stderr).toMatch(
      /does not answer \(the server closed the connection\); trying again for \d+ s more\.\n(.*\n)*NetBox answers again\.\n/,
    );
  });

  test('is waited for longer in the middle of writing', async () => {
    const rows = await devices(4);
    let writes = 0;
    await using proxy = await openFaultProxy(target(), seen => {
      if (isWrite(seen)) writes += 1;
      return isWrite(seen) && writes <= 3
        ? { kind: 'answer', status: 503, headers: { 'retry-after': '1' } }
        : { kind: 'pass' };
    });
    const { NETBOX_TOKEN: token = '' } = labEnv();
    const signal = new AbortController().signal;
    const netbox = await openNetBox({
      url: proxy.url,
      token,
      signal,
      patienceMs: 1_000,
      writePatienceMs: 60_000,
      userAgent: 'bmtool-test',
    });
    const results = await applyAll(
      netbox,
      rows.map(row => setComments(row, 'waited for')),
    );
    await netbox.close();
    expect([...results.values()].map(({ state }) => state)).toEqual(rows.map(() => 'done'));
  });
});
