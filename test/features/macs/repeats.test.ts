import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Fingerprint,
  fingerprintOfNumber,
  fingerprintOfText,
  openRepeats,
} from '../../../src/features/macs/repeats.ts';

/** The same by plain maps. */
function check(values: readonly (string | number)[], print: (value: never) => Fingerprint): void {
  const repeats = openRepeats();
  const linesOf = new Map<string | number, number[]>();
  values.forEach((value, i) => {
    const lines = linesOf.get(value) ?? [];
    expect(repeats.saw(print(value as never), i + 2)).toBe(lines.length > 0);
    linesOf.set(value, [...lines, i + 2]);
  });
  values.forEach((value, i) => {
    const [first, second] = linesOf.get(value) ?? [];
    expect(repeats.otherLine(print(value as never), i + 2)).toBe(first === i + 2 ? second : first);
  });
}

it('finds what repeats, as a map of everything would', () => {
  fc.assert(fc.property(fc.array(fc.string({ maxLength: 3 })), values => check(values, fingerprintOfText)));
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 31)), values =>
      check(
        values.map(value => value * 65_537),
        fingerprintOfNumber,
      ),
    ),
  );
});

it('goes on finding while it grows', () => {
  const values = Array.from({ length: 20_000 }, (_, i) => i % 15_000);
  check(values, fingerprintOfNumber);
  check(
    values.map(value => `SRV${value}`),
    fingerprintOfText,
  );
});

it('takes numbers apart without loss', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), value => {
      const [high, low] = fingerprintOfNumber(value);
      expect(high * 2 ** 32 + low).toBe(value);
    }),
  );
});

it('has no two texts of a like kind with one fingerprint', () => {
  const seen = new Set<string>();
  for (let i = 0; i < 100_000; i++) seen.add(fingerprintOfText(`cz2d${String(i).padStart(6, '0')}`).join('/'));
  expect(seen.size).toBe(100_000);
});
