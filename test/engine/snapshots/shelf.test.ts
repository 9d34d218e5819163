import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOfNothing, shelfOf, undosOf } from '../../../src/engine/snapshots/shelf.ts';
import { aLive, aNext, anUndo, aSnapshot, aWarm, unreadable } from '../../support/shelves.ts';

const [first, second, third] = ['20261121_113012_4f2', '20261121_113013_000', '20261121_113014_zzz'];

test('an empty shelf', () => {
  expect(shelfOf(undefined, [])).toEqual({
    live: undefined,
    snapshots: [],
    damaged: [],
    warm: undefined,
    undo: undefined,
  });
});

test('each database stands where its role says', () => {
  const own = [aSnapshot(first), aWarm(second, `snapshot-${first}`), anUndo(third, 4), aNext(third)];
  expect(shelfOf(aLive(), own)).toMatchObject({
    live: { owner: 'netbox' },
    snapshots: [{ timestamp: '20261121-113012', database: `snapshot-${first}`, bytes: 1000, manifest: { name: '1' } }],
    damaged: [],
    warm: { database: `warm-${second}`, bytes: 10, of: `snapshot-${first}` },
    undo: { database: `undo-${third}`, bytes: 100, note: { number: 4 } },
  });
});

test('what cannot be read is shown with its reason, and never taken for something', () => {
  const own = [
    unreadable(aSnapshot(first), 'gone'),
    unreadable(aWarm(second, 'x')),
    unreadable(anUndo(third, 1), 'newer'),
  ];
  expect(shelfOf(aLive(), own)).toMatchObject({
    snapshots: [],
    damaged: [
      { timestamp: '20261121-113012-4f2', database: `snapshot-${first}`, unreadable: 'gone' },
      { timestamp: '20261121-113014-zzz', database: `undo-${third}`, unreadable: 'newer' },
    ],
    warm: undefined,
    undo: undefined,
  });
});

describe('the newest', () => {
  test('is the one with the highest number, also when the clock went backwards', () => {
    const own = [aSnapshot(third, { number: 1 }), aSnapshot(first, { number: 3 }), aSnapshot(second, { number: 2 })];
    expect(shelfOf(aLive(), own).snapshots.map(({ manifest }) => manifest.number)).toEqual([3, 2, 1]);
  });

  test('of two with one number, the one with the later stamp', () => {
    const own = [aSnapshot(second), aSnapshot(first), aSnapshot(third)];
    expect(shelfOf(aLive(), own).snapshots.map(({ database }) => database)).toEqual(
      [third, second, first].map(stamp => `snapshot-${stamp}`),
    );
  });

  test('of undo copies goes by number, too, and only readable ones count', () => {
    const own = [anUndo(third, 1), anUndo(first, 3), unreadable(anUndo(second, 9))];
    expect(undosOf(own).map(({ note }) => note.number)).toEqual([3, 1]);
    expect(shelfOf(aLive(), own).undo?.database).toBe(`undo-${first}`);
  });
});

test('the order in which PostgreSQL lists them changes nothing', () => {
  const own = [
    ...[1, 2, 3].map(number => aSnapshot(`20261121_11301${number}_4f2`, { number })),
    anUndo(first, 1),
    anUndo(second, 2),
    aWarm(first, 'snapshot-20261121_113013_4f2'),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(own, { minLength: own.length }), shuffled => {
      expect(shelfOf(aLive(), shuffled)).toEqual(shelfOf(aLive(), own));
    }),
  );
});

test('times are as short as they can be, and no two are the same', () => {
  const aStamp = fc
    .tuple(fc.constantFrom('113012', '113013'), fc.integer({ min: 0, max: 46_655 }))
    .map(([time, word]) => `20261121_${time}_${word.toString(36).padStart(3, '0')}`);
  fc.assert(
    fc.property(fc.uniqueArray(aStamp, { maxLength: 6 }), stamps => {
      const times = shelfOf(
        aLive(),
        stamps.map(stamp => aSnapshot(stamp)),
      ).snapshots.map(({ timestamp }) => timestamp);
      expect(new Set(times).size).toBe(stamps.length);
      for (const time of times) {
        const alone = stamps.filter(stamp => stamp.startsWith(time.slice(0, 15).replaceAll('-', '_'))).length === 1;
        expect(time.length).toBe(alone ? 15 : 19);
      }
    }),
  );
});

test.each([
  ['nothing at all', undefined, [], true],
  ['the live one alone', aLive(), [], false],
  ['a snapshot of one that is gone', undefined, [aSnapshot('20261121_113012_4f2')], false],
  ['a damaged one', undefined, [unreadable(aSnapshot('20261121_113012_4f2'))], false],
  ['what the last restore put out', undefined, [anUndo('20261121_113012_4f2', 1)], false],
])('whether a name stands for anything: %s', (_, live, own, nothing) => {
  expect(isOfNothing(shelfOf(live, own))).toBe(nothing);
});
