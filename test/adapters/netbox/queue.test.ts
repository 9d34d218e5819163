import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openQueue } from '../../../src/adapters/netbox/queue.ts';
import type { Change, ChangeKey, ChangeResult } from '../../../src/core/change.ts';
import { create, keysOf, remove, update } from '../../core/changes.ts';
import { tries } from '../../support/tries.ts';

const hungry = { hungry: true };
const makers = [create, update, remove] as const;

/** Plans of any shape: needs point backwards, a few subjects, kinds and verbs mixed, some with a version. */
const plans = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat(), { maxLength: 3 }),
      subject: fc.nat(5),
      verb: fc.nat(2),
      kind: fc.constantFrom('dcim.device', 'dcim.interface'),
      versioned: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map(list =>
    list.map(({ needs, subject, verb, kind, versioned }, i): Change => {
      const about = {
        kind,
        subject: `s${subject}`,
        needs: i === 0 ? [] : [...new Set(needs.map(need => `c${need % i}`))],
      } as const;
      return (makers[verb] ?? create)(`c${i}`, { ...about, ...(versioned && verb > 0 ? { version: 'v' } : {}) });
    }),
  );

type Flight = { readonly batch: readonly Change[] };

/** Drives a queue with up to `lanes` batches in flight; `land` chooses which one comes back next. */
function drive(changes: readonly Change[], lanes: number, choice: () => number, fails: (change: Change) => boolean) {
  const queue = openQueue(changes);
  const inFlight: Flight[] = [];
  const done = new Set<ChangeKey>();
  const results: ChangeResult[] = [];
  const sent: ChangeKey[] = [];
  for (;;) {
    while (inFlight.length < lanes) {
      const batch = queue.take(() => 1 + (choice() % 4), { hungry: inFlight.length === 0 });
      if (batch === undefined) break;
      checkBatch(batch, inFlight, done);
      sent.push(...keysOf(batch));
      inFlight.push({ batch });
    }
    const [landed] = inFlight.splice(choice() % Math.max(1, inFlight.length), 1);
    if (landed === undefined) break;
    for (const change of landed.batch) {
      const result: ChangeResult = fails(change)
        ? { key: change.key, state: 'failed', reason: 'no' }
        : { key: change.key, state: 'done', id: 1 };
      if (result.state === 'done') done.add(change.key);
      results.push(result, ...queue.settle(change, result));
    }
  }
  return { queue, results, sent };
}

function checkBatch(batch: readonly Change[], inFlight: readonly Flight[], done: ReadonlySet<ChangeKey>): void {
  expect(batch.length).toBeGreaterThan(0);
  expect(
    new Set(
      batch.map(change => `${change.kind} ${change.op} ${change.op !== 'create' && change.version !== undefined}`),
    ).size,
  ).toBe(1);
  for (const change of batch)
    expect(
      (change.needs ?? []).filter(need => !done.has(need)),
      `${change.key} before its needs`,
    ).toEqual([]);
  const others = new Set(inFlight.flatMap(flight => flight.batch.map(change => change.subject)));
  expect(
    batch.filter(change => others.has(change.subject)),
    'a subject in two batches at a time',
  ).toEqual([]);
}

function choices(numbers: readonly number[]): () => number {
  let at = 0;
  return () => numbers[at++ % numbers.length] ?? 0;
}

describe('the queue', () => {
  it('hands every change out exactly once, never before its needs, never two batches with one subject', () => {
    fc.assert(
      fc.property(
        plans,
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.nat(), { minLength: 1 }),
        (changes, lanes, numbers) => {
          const { queue, results, sent } = drive(changes, lanes, choices(numbers), () => false);
          expect(sent.toSorted()).toEqual(keysOf(changes).sort());
          expect(results).toHaveLength(changes.length);
          expect(queue.remaining()).toEqual([]);
        },
      ),
      { numRuns: tries(300) },
    );
  });

  it('gives one result to every change, and skips just what needs a failure, however far', () => {
    fc.assert(
      fc.property(
        plans,
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.nat(), { minLength: 1 }),
        fc.array(fc.nat(39), { maxLength: 5 }),
        (changes, lanes, numbers, unlucky) => {
          const failing = new Set(unlucky.map(i => `c${i}`));
          const { results } = drive(changes, lanes, choices(numbers), change => failing.has(change.key));
          expect(keysOf(changes).sort()).toEqual(results.map(result => result.key).sort());
          const doomed = new Set<ChangeKey>();
          for (const { key, needs = [] } of changes)
            if (needs.some(need => doomed.has(need) || failing.has(need))) doomed.add(key);
          for (const { key, state } of results)
            expect(state).toBe(doomed.has(key) ? 'skipped' : failing.has(key) ? 'failed' : 'done');
        },
      ),
      { numRuns: tries(300) },
    );
  });

  it('says why something was skipped', () => {
    const mac = create('mac', { label: 'MAC x on srv-1 iLO' });
    const queue = openQueue([mac, update('primary', { needs: ['mac'] }), create('entry', { needs: ['primary'] })]);
    queue.take(() => 1, hungry);
    expect(queue.settle(mac, { key: 'mac', state: 'failed', reason: 'no such interface' })).toEqual([
      { key: 'primary', state: 'skipped', reason: 'MAC x on srv-1 iLO failed: no such interface' },
      { key: 'entry', state: 'skipped', reason: 'MAC x on srv-1 iLO failed: no such interface' },
    ]);
  });

  it('finishes what was begun before it begins more', () => {
    const rows = [1, 2, 3].flatMap(i => [
      create(`mac${i}`, { subject: `d${i}` }),
      update(`primary${i}`, { subject: `d${i}`, needs: [`mac${i}`] }),
    ]);
    const queue = openQueue(rows);
    const [first] = queue.take(() => 1, hungry) ?? [];
    if (first) queue.settle(first, { key: first.key, state: 'done', id: 1 });
    expect(keysOf(queue.take(() => 1, hungry) ?? [])).toEqual(['primary1']);
  });

  it('lets a batch fill up while something is in flight, and takes what there is when nothing is', () => {
    const rows = [1, 2].flatMap(i => [
      create(`mac${i}`, { subject: `d${i}` }),
      update(`primary${i}`, { subject: `d${i}`, needs: [`mac${i}`] }),
    ]);
    const queue = openQueue(rows);
    const macs = [queue.take(() => 1, hungry), queue.take(() => 1, hungry)];
    const [first] = macs[0] ?? [];
    if (first) queue.settle(first, { key: first.key, state: 'done', id: 1 });
    expect(queue.take(() => 2, { hungry: false })).toBeUndefined();
    expect(keysOf(queue.take(() => 2, hungry) ?? [])).toEqual(['primary1']);
  });

  it('asks how large a batch may be with how many are still to be sent, and how many of them now', () => {
    const queue = openQueue([
      create('a', { subject: 's' }),
      create('b', { subject: 's' }),
      create('c', { subject: 't' }),
      create('d', { needs: ['a'] }),
    ]);
    const asked: unknown[] = [];
    const sizeFor = (_: unknown, counts: unknown) => {
      asked.push(counts);
      return 1;
    };
    expect(keysOf(queue.take(sizeFor, hungry) ?? [])).toEqual(['a']);
    expect(keysOf(queue.take(sizeFor, hungry) ?? [])).toEqual(['c']);
    expect(asked).toEqual([
      { left: 4, ready: 3 },
      { left: 3, ready: 1 },
    ]);
  });

  it('hands out first, and never two at a time, what NetBox makes one after another', () => {
    const address = (key: string) => create(key, { kind: 'ipam.ipaddress' });
    const rows = [create('mac'), update('primary', { needs: ['mac'] }), address('a'), address('b')];
    const queue = openQueue(rows, ({ kind }) => kind === 'ipam.ipaddress');
    const first = queue.take(() => 1, hungry) ?? [];
    expect(keysOf(first)).toEqual(['a']);
    expect(keysOf(queue.take(() => 1, hungry) ?? [])).toEqual(['mac']);
    expect(queue.take(() => 1, hungry)).toBeUndefined();
    for (const change of first) queue.settle(change, { key: change.key, state: 'failed', reason: 'taken' });
    expect(keysOf(queue.take(() => 1, hungry) ?? [])).toEqual(['b']);
  });

  it('does not mix what is guarded by an earlier change with what nobody guards', () => {
    const out = update('out', { kind: 'dcim.cable', version: 'v1' });
    const back = update('back', { kind: 'dcim.cable', needs: ['out'], follows: 'out' });
    const loose = update('loose', { kind: 'dcim.cable', needs: ['out'], id: 2 });
    const queue = openQueue([out, back, loose]);
    queue.take(() => 9, hungry);
    queue.settle(out, { key: 'out', state: 'done', id: 1, version: 'v2' });
    expect(queue.take(() => 9, hungry)).toHaveLength(1);
  });
});
