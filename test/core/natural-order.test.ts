import fc from 'fast-check';
import { expect, test } from 'vitest';
import { naturalOrder } from '../../src/core/natural-order.ts';

test('numbers in names count as numbers', () => {
  const names = ['srv-r10-u1', 'srv-r2-u19', 'srv-r2-u3', 'srv-r1-u1', 'eno10', 'eno2'];
  expect(names.toSorted(naturalOrder)).toEqual(['eno2', 'eno10', 'srv-r1-u1', 'srv-r2-u3', 'srv-r2-u19', 'srv-r10-u1']);
});

test('it is a total order: whatever order things were read in, they come out in one', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.nat(), (names, turn) => {
      const turned = [...names.slice(turn % (names.length + 1)), ...names.slice(0, turn % (names.length + 1))];
      expect(turned.toSorted(naturalOrder)).toEqual(names.toSorted(naturalOrder));
    }),
  );
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => (naturalOrder(a, b) === 0) === (a === b)));
});
