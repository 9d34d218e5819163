import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LiveDatabase, OwnDatabase } from '../../../src/adapters/postgres/cluster.ts';
import { type Mend, mendsOf } from '../../../src/engine/snapshots/mend.ts';
import { aLive, aNext, anUndo, aSnapshot, aWarm, unreadable } from '../../support/shelves.ts';
import { nothingWaiting } from '../../support/snapshots.ts';

const [first, second, third] = ['20261121_113012_4f2', '20261121_113013_000', '20261121_113014_zzz'];
const older = aSnapshot(first, { number: 1 });
const newer = aSnapshot(second, { number: 2 });
const restored = { doing: 'restored', comment: '', waiting: nothingWaiting } as const;

const short = (mends: readonly Mend[]) =>
  mends.map(mend => ('database' in mend ? `${mend.do} ${mend.database}` : mend.do));

describe('whole', () => {
  test.each<[string, LiveDatabase | undefined, OwnDatabase[]]>([
    ['nothing but the live database', aLive(), []],
    ['nothing at all', undefined, []],
    ['a database that its owner closed himself', { ...aLive(), blocked: true }, [newer]],
    [
      'snapshots, a ready copy of the newest and an undo copy',
      aLive(),
      [older, newer, aWarm(third, newer.name), anUndo(first, 1)],
    ],
    ['a snapshot that cannot be read', aLive(), [unreadable(older), newer]],
    ['an undo copy that cannot be read', aLive(), [unreadable(anUndo(first, 1))]],
    ['an undo copy of a newer bmtool, beside our own', aLive(), [unreadable(anUndo(third, 9)), anUndo(first, 1)]],
    [
      'the newest one has the earlier stamp',
      aLive(),
      [aSnapshot(first, { number: 2 }), aSnapshot(second, { number: 1 }), aWarm(third, older.name)],
    ],
  ])('%s', (_, live, own) => expect(mendsOf(live, own)).toEqual([]));
});

describe('to be put right', () => {
  test.each<[string, LiveDatabase | undefined, OwnDatabase[], string[]]>([
    ['clients are kept out', aLive({ doing: 'blocked' }), [], ['let in']],
    ['a restore that was cut short after its exchange', aLive(restored), [], ['finish']],
    ['a copy that is not finished', aLive(), [newer, aNext(third)], [`drop next-${third}`]],
    ['the same without a live database', undefined, [newer, aNext(third)], [`drop next-${third}`]],
    ['an undo copy too many', aLive(), [anUndo(first, 1), anUndo(second, 2)], [`drop undo-${first}`]],
    ['the same, the clock put back', aLive(), [anUndo(third, 1), anUndo(first, 2)], [`drop undo-${third}`]],
    ['a ready copy of an older snapshot', aLive(), [older, newer, aWarm(third, older.name)], [`drop warm-${third}`]],
    ['a ready copy of a snapshot that is gone', aLive(), [aWarm(third, older.name)], [`drop warm-${third}`]],
    [
      'a ready copy of nobody knows what',
      aLive(),
      [newer, unreadable(aWarm(third, newer.name))],
      [`drop warm-${third}`],
    ],
    [
      'two ready copies of the newest',
      aLive(),
      [newer, aWarm(first, newer.name), aWarm(third, newer.name)],
      [`drop warm-${third}`],
    ],
    [
      'a ready copy of the newest, behind one of an older',
      aLive(),
      [older, newer, aWarm(first, older.name), aWarm(third, newer.name)],
      [`drop warm-${first}`],
    ],
    ['a snapshot that takes clients', aLive(), [aSnapshot(first, {}, true)], [`close snapshot-${first}`]],
    [
      'one that cannot be read, and takes clients',
      aLive(),
      [unreadable(aSnapshot(first, {}, true))],
      [`close snapshot-${first}`],
    ],
    ['an undo copy that takes clients', aLive(), [anUndo(first, 1, true)], [`close undo-${first}`]],
    ['a copy that is only to go is not closed first', aLive(), [aWarm(first, 'x', true)], [`drop warm-${first}`]],
  ])('%s', (_, live, own, mends) => expect(short(mendsOf(live, own))).toEqual(mends));

  test('the restore that is finished gets what belongs to it', () => {
    expect(mendsOf(aLive(restored), [])).toMatchObject([{ do: 'finish', waiting: nothingWaiting }]);
  });
});

describe('whatever is found', () => {
  const aStamp = fc
    .integer({ min: 0, max: 46_655 })
    .map(word => `20261121_113012_${word.toString(36).padStart(3, '0')}`);
  const aNumber = fc.integer({ min: 1, max: 4 });
  const anOwn = fc
    .tuple(fc.constantFrom('snapshot', 'warm', 'undo', 'next'), aStamp, aNumber, fc.boolean(), fc.boolean(), fc.nat(5))
    .map(([role, stamp, number, open, readable, of]) => {
      const made = (): OwnDatabase => {
        if (role === 'snapshot') return aSnapshot(stamp, { number }, open);
        if (role === 'undo') return anUndo(stamp, number, open);
        return role === 'warm' ? aWarm(stamp, String(of), open) : aNext(stamp, open);
      };
      return { own: readable || role === 'next' ? made() : unreadable(made()), of };
    });
  /** Ready copies are of something that is there, or of something that is gone. */
  const ownDatabases = fc.uniqueArray(anOwn, { selector: ({ own }) => own.stamp, maxLength: 10 }).map(all => {
    const snapshots = all.filter(({ own }) => own.role === 'snapshot');
    return all.map(
      ({ own, of }): OwnDatabase =>
        own.role === 'warm' && !('unreadable' in own.about)
          ? { ...own, about: { format: 1, of: snapshots[of]?.own.name ?? 'gone' } }
          : own,
    );
  });
  const aState = fc.record({
    live: fc.constantFrom<(LiveDatabase | undefined)[]>(
      undefined,
      aLive(),
      aLive({ doing: 'blocked' }),
      aLive(restored),
    ),
    own: ownDatabases,
  });

  test('one round puts all of it right', () => {
    fc.assert(
      fc.property(aState, state => {
        const whole = mendsOf(state.live, state.own).reduce(done, state);
        expect(mendsOf(whole.live, whole.own)).toEqual([]);
        expect(whole.own.filter(({ open }) => open)).toEqual([]);
        expect(whole.live?.note).toBeUndefined();
      }),
    );
  });

  test('cut short anywhere, the next round does the rest', () => {
    fc.assert(
      fc.property(aState, fc.nat(10), (state, steps) => {
        const whole = (from: State) => mendsOf(from.live, from.own).reduce(done, from);
        const halfway = mendsOf(state.live, state.own).slice(0, steps).reduce(done, state);
        expect(whole(halfway)).toEqual(whole(state));
      }),
    );
  });

  test('no snapshot goes, nor the newest undo copy, nor a note that a newer bmtool left, nor a ready copy of the newest', () => {
    fc.assert(
      fc.property(aState, ({ live, own }) => {
        const dropped = new Set(mendsOf(live, own).flatMap(mend => (mend.do === 'drop' ? [mend.database] : [])));
        const kept = own.filter(({ name }) => !dropped.has(name));
        const all = (role: string, among: readonly OwnDatabase[]) => among.filter(one => one.role === role);
        expect(all('snapshot', kept)).toEqual(all('snapshot', own));
        expect(highest(kept, 'undo')).toBe(highest(own, 'undo'));
        expect(all('undo', kept).filter(isUnreadable)).toEqual(all('undo', own).filter(isUnreadable));
        const readyFor = (among: readonly OwnDatabase[]) =>
          among.some(one => one.role === 'warm' && !('unreadable' in one.about) && one.about.of === newestOf(own));
        expect(readyFor(kept)).toBe(readyFor(own));
      }),
    );
  });
});

type State = { readonly live: LiveDatabase | undefined; readonly own: readonly OwnDatabase[] };

/** What a mend does to a cluster. */
function done({ live, own }: State, mend: Mend): State {
  if (mend.do === 'drop') return { live, own: own.filter(({ name }) => name !== mend.database) };
  if (mend.do === 'close')
    return { live, own: own.map(one => (one.name === mend.database ? { ...one, open: false } : one)) };
  return { live: live && { ...live, note: undefined, blocked: false }, own };
}

function isUnreadable(own: OwnDatabase): boolean {
  return 'about' in own && 'unreadable' in own.about;
}

function highest(own: readonly OwnDatabase[], role: 'undo' | 'snapshot'): number {
  const numbers = own.flatMap(one => (one.role === role && !('unreadable' in one.about) ? [one.about.number] : []));
  return Math.max(0, ...numbers);
}

function newestOf(own: readonly OwnDatabase[]): string | undefined {
  const number = highest(own, 'snapshot');
  return own
    .flatMap(one =>
      one.role === 'snapshot' && !('unreadable' in one.about) && one.about.number === number ? [one.name] : [],
    )
    .sort()
    .at(-1);
}
