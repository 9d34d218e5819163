import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Mac, macNumber, ouiOf, parseMac } from '../../src/core/mac.ts';

const hex = (byte: number) => byte.toString(16).padStart(2, '0');

/** How suppliers, switches and operating systems print the same six bytes. */
const notations: Record<string, (bytes: readonly number[]) => string> = {
  colons: bytes => bytes.map(hex).join(':'),
  'colons, unpadded': bytes => bytes.map(byte => byte.toString(16)).join(':'),
  dashes: bytes => bytes.map(hex).join('-'),
  'dashes, unpadded': bytes => bytes.map(byte => byte.toString(16)).join('-'),
  spaces: bytes => bytes.map(hex).join(' '),
  'Cisco dots': bytes => (bytes.map(hex).join('').match(/..../g) ?? []).join('.'),
  'two halves': bytes => (bytes.map(hex).join('').match(/.{6}/g) ?? []).join('-'),
  bare: bytes => bytes.map(hex).join(''),
};

/** Six bytes that can be a card's own address: unicast and not all zero. */
const unicast = fc
  .tuple(
    fc.nat(127).map(half => half * 2),
    ...Array.from({ length: 5 }, () => fc.nat(255)),
  )
  .filter(bytes => bytes.some(byte => byte !== 0));

describe.each(Object.entries(notations))('%s', (_, print) => {
  it('is read as the address that was printed, in either case and with blanks around', () => {
    fc.assert(
      fc.property(unicast, fc.boolean(), fc.constantFrom('', ' ', '\t', '\u00a0'), (bytes, upper, blank) => {
        const printed = print(bytes);
        const reading = parseMac(`${blank}${upper ? printed.toUpperCase() : printed}${blank}`);
        expect(reading).toEqual({ ok: true, mac: bytes.map(hex).join(':').toUpperCase() });
      }),
    );
  });
});

it.each([
  ['', 'MAC is empty'],
  ['   ', 'MAC is empty'],
  ['n/a', '"n/a" is not a MAC address'],
  ['94:40:C9:00:00', '"94:40:C9:00:00" is not a MAC address'],
  ['94:40:C9:00:00:01:02', '"94:40:C9:00:00:01:02" is not a MAC address'],
  ['94:40:C9:00:00:0G', '"94:40:C9:00:00:0G" is not a MAC address'],
  ['94:40-C9:00-00:01', '"94:40-C9:00-00:01" is not a MAC address'],
  ['9440.c900.001', '"9440.c900.001" is not a MAC address'],
  ['9440C900000', '"9440C900000" is not a MAC address'],
  ['94:40:C9:00:00:01\n94:40:C9:00:00:02', 'is not a MAC address'],
  ['x'.repeat(500), `"${'x'.repeat(37)}..." is not a MAC address`],
  ['00:00:00:00:00:00', '00:00:00:00:00:00 is the all-zero address, not a real MAC'],
  ['0:0:0:0:0:0', '00:00:00:00:00:00 is the all-zero address, not a real MAC'],
  ['ffff.ffff.ffff', 'FF:FF:FF:FF:FF:FF is a broadcast address'],
  ['01-00-5e-00-00-01', '01:00:5E:00:00:01 is a multicast address'],
])('refuses %j: %s', (text, reason) => {
  const reading = parseMac(text);
  expect(reading.ok).toBe(false);
  expect(!reading.ok && reading.reason).toContain(reason);
});

it('refuses every group address', () => {
  fc.assert(
    fc.property(unicast, bytes => {
      const group = [(bytes[0] ?? 0) | 1, ...bytes.slice(1)];
      expect(parseMac(group.map(hex).join(':')).ok).toBe(false);
    }),
  );
});

it('numbers addresses so that two are the same exactly when their numbers are', () => {
  fc.assert(
    fc.property(unicast, unicast, (a, b) => {
      const [first, second] = [a, b].map(bytes => bytes.map(hex).join(':').toUpperCase() as Mac) as [Mac, Mac];
      expect(macNumber(first) === macNumber(second)).toBe(first === second);
      expect(Number.isSafeInteger(macNumber(first))).toBe(true);
    }),
  );
});

it('gives the first three bytes as the registry is keyed', () => {
  expect(ouiOf('94:40:C9:00:00:01' as Mac)).toBe('9440C9');
});
