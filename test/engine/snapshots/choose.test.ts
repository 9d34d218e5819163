import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choose } from '../../../src/engine/snapshots/choose.ts';
import { shelfOf } from '../../../src/engine/snapshots/shelf.ts';
import { aLive, aSnapshot, unreadable } from '../../support/shelves.ts';

const own = [
  aSnapshot('20261121_113012_4f2', { name: '1', number: 1 }),
  aSnapshot('20261121_113500_000', { name: '1', number: 2 }),
  aSnapshot('20261122_080000_aaa', { name: '1', number: 3 }),
  aSnapshot('20261122_080000_bbb', { name: '1', number: 4 }),
  // The clock was put back before this one was saved.
  aSnapshot('20251231_235959_ccc', { name: '1', number: 5 }),
  aSnapshot('20261123_090000_ddd', { name: 'before-upgrade', number: 6 }),
];
const shelf = shelfOf(aLive(), own);

test.each([
  ['the newest of its name', { name: '1' }, 5],
  ['another name', { name: 'before-upgrade' }, 6],
  ['a whole time', { name: '1', timestamp: '20261121-113012' }, 1],
  ['the beginning of a time', { name: '1', timestamp: '20261121-1135' }, 2],
  ['the beginning of another', { name: '1', timestamp: '2025' }, 5],
  ['one of two in a second', { name: '1', timestamp: '20261122-080000-a' }, 3],
])('%s', (_, wish, number) => expect(choose(shelf, wish).manifest.number).toBe(number));

describe('what is not there says what is', () => {
  const all =
    'Of "1" there are 20251231-235959, 20261122-080000-bbb, 20261122-080000-aaa, 20261121-113500, 20261121-113012 (UTC).';
  test.each([
    ['another name', { name: '2' }, 'There is no snapshot "2"', 'There are "before-upgrade", "1".'],
    [
      'a name by its beginning',
      { name: 'before' },
      'There is no snapshot "before"',
      'There are "before-upgrade", "1".',
    ],
    ['another time', { name: '1', timestamp: '2024' }, 'There is no snapshot "1" of 2024', all],
    ['the time of another name', { name: '1', timestamp: '20261123' }, 'There is no snapshot "1" of 20261123', all],
    [
      'a day with several',
      { name: '1', timestamp: '20261121' },
      '2 snapshots "1" are of 20261121',
      'Of "1" there are 20261121-113500, 20261121-113012 (UTC).',
    ],
    [
      'a second with two',
      { name: '1', timestamp: '20261122-080000' },
      '2 snapshots "1" are of 20261122-080000',
      'Of "1" there are 20261122-080000-bbb, 20261122-080000-aaa (UTC).',
    ],
  ])('%s', (_, wish, message, next) => {
    expect(() => choose(shelf, wish)).toThrow(expect.objectContaining({ message, next, exit: 2 }));
  });

  test('an empty shelf', () => {
    expect(() => choose(shelfOf(aLive(), []), { name: '1' })).toThrow(
      expect.objectContaining({ next: 'There are none yet: bmtool snapshot save NAME makes one.', exit: 2 }),
    );
  });

  test('one of another name, and one that cannot be read', () => {
    const here = shelfOf(aLive(), [aSnapshot('20261121_113012_4f2'), unreadable(aSnapshot('20261121_113013_4f2'))]);
    expect(() => choose(here, { name: '2' })).toThrow(
      expect.objectContaining({ next: 'There is "1". 1 more cannot be read: bmtool snapshot list.' }),
    );
  });
});

test('the time that a list shows always means that one', () => {
  const aStamp = fc
    .tuple(fc.integer({ min: 10, max: 13 }), fc.constantFrom('4f2', '4f3', '000'))
    .map(([second, word]) => `20261121_1130${second}_${word}`);
  fc.assert(
    fc.property(fc.uniqueArray(aStamp, { minLength: 1 }), stamps => {
      const here = shelfOf(
        aLive(),
        stamps.map((stamp, number) => aSnapshot(stamp, { number })),
      );
      for (const snapshot of here.snapshots)
        expect(choose(here, { name: '1', timestamp: snapshot.timestamp })).toBe(snapshot);
    }),
  );
});
