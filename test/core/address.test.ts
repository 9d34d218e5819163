import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressText, hostsOf, isInside, parseAddress, parsePrefix } from '../../src/core/address.ts';

const anAddress = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }).map(value => ({ family: 4 as const, value })),
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map(value => ({ family: 6 as const, value })),
);

test('every address survives being written and read', () => {
  fc.assert(
    fc.property(anAddress, address => {
      expect(parseAddress(addressText(address))).toMatchObject(address);
    }),
  );
});

describe('IPv6 is written as RFC 5952 wants it', () => {
  test.each([
    ['2001:0DB8:0:0:0:0:0:5', '2001:db8::5'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ])('%s → %s', (text, expected) => {
    const address = parseAddress(text);
    expect(address && addressText(address)).toBe(expected);
  });
});

test.each([
  '',
  '10.20.0',
  '10.20.0.256',
  '10.20.0.1/33',
  '10.20.0.1/22/3',
  '1:2:3',
  '1::2::3',
  '2001:db8::g',
  'a.b.c.d',
  '1:2:3:4:5:6:7:8:9',
])('%s is no address', text => expect(parseAddress(text)).toBeUndefined());

test('a network is its first address with a mask', () => {
  expect(parsePrefix('10.20.0.0/22')).toMatchObject({ family: 4, length: 22 });
  expect(parsePrefix('10.20.0.5/22')).toBeUndefined();
  expect(parsePrefix('10.20.0.0')).toBeUndefined();
});

test.each([
  ['10.20.0.0/22', '10.20.0.1', '10.20.3.254'],
  ['10.20.0.0/30', '10.20.0.1', '10.20.0.2'],
  ['10.20.0.0/31', '10.20.0.0', '10.20.0.1'],
  ['10.20.0.7/32', '10.20.0.7', '10.20.0.7'],
  ['2001:db8::/126', '2001:db8::1', '2001:db8::3'],
  ['2001:db8::/127', '2001:db8::', '2001:db8::1'],
])('hosts of %s: %s to %s', (text, first, last) => {
  const prefix = parsePrefix(text);
  if (!prefix) throw new Error(text);
  const hosts = hostsOf(prefix);
  expect(addressText({ family: prefix.family, value: hosts.first })).toBe(first);
  expect(addressText({ family: prefix.family, value: hosts.last })).toBe(last);
});

test.each([
  ['10.20.3.255', '10.20.0.0/22', true],
  ['10.20.4.0', '10.20.0.0/22', false],
  ['2001:db8::1', '10.20.0.0/22', false],
  ['0.0.0.1', '::/64', false],
])('%s inside %s: %s', (address, prefix, expected) => {
  const [a, p] = [parseAddress(address), parsePrefix(prefix)];
  expect(a && p && isInside(a, p)).toBe(expected);
});
