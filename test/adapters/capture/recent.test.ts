import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openRecent } from '../../../src/adapters/capture/recent.ts';
import { tries } from '../../support/tries.ts';

const places = 8;
const key = fc.record({
  mac: fc.constantFrom(1, 2, 0x9440c9000001, 0xffffffffffff, 3 * 2 ** 48 + 1),
  transaction: fc.constantFrom(0, 7, 0xffffffff),
  third: fc.constantFrom(1, 3),
});
const acts = fc.array(fc.record({ act: fc.constantFrom('put', 'find'), key, timeMs: fc.nat(200) }), { maxLength: 300 });

/** The same with lists and texts. */
function plainly(ageMs: number) {
  const kept = Array.from({ length: places }, () => ({ key: '', timeMs: 0 }));
  let oldest = 0;
  return {
    find: (text: string, timeMs: number) =>
      kept.findIndex(one => one.key === text && Math.abs(one.timeMs - timeMs) <= ageMs),
    put(text: string, timeMs: number) {
      const own = kept.findIndex(one => one.key === text);
      const place = own >= 0 ? own : oldest;
      if (own < 0) oldest = (oldest + 1) % places;
      kept[place] = { key: text, timeMs };
      return place;
    },
  };
}

test('what is remembered is what a plain list of the latest would remember', () => {
  fc.assert(
    fc.property(acts, all => {
      const [recent, plain] = [openRecent(places, 50), plainly(50)];
      for (const {
        act,
        key: { mac, transaction, third },
        timeMs,
      } of all) {
        const text = `${mac}/${transaction}/${third}`;
        const place = recent[act](mac, transaction, third, timeMs);
        expect(place).toBe(plain[act](text, timeMs));
      }
    }),
    { numRuns: tries(500) },
  );
});
