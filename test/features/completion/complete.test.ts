import fc from 'fast-check';
import { expect, test } from 'vitest';
import { complete } from '../../../src/features/completion/complete.ts';
import { handedBy, splitLine } from '../../../src/features/completion/words.ts';
import { openManual } from '../../../src/manual.ts';

const manual = openManual();
const offered = (...typed: string[]) => complete(typed, manual).words.map(({ value }) => value);

test.each([
  { typed: ['sta'], offers: ['state', 'start'] },
  { typed: ['state', ''], offers: ['restore', 'show'] },
  { typed: ['state', 'restore', ''], offers: ['0', '1', '2'] },
  { typed: ['state', 'restore', '1', ''], offers: [] },
  { typed: ['state', 'restore', '--via', ''], offers: ['snapshot'] },
  { typed: ['state', 'restore', '--limit', '5', ''], offers: ['0', '1', '2'] },
  { typed: ['--json', 'state', 'restore', ''], offers: ['0', '1', '2'] },
  { typed: ['verify', ''], offers: ['phase', 'cables', '0', '1', '2'] },
  { typed: ['dhcp', 'de'], offers: ['decide', 'dead'] },
  { typed: ['dhcp', 'dead', 'dr'], offers: ['drop'] },
  { typed: ['dhcp', 'install', '--server', 'k'], offers: ['kea'] },
  { typed: ['snapshot', 'save', '--fast-next', 'o'], offers: ['on', 'off'] },
  { typed: ['completion', 'b'], offers: ['bash'] },
  { typed: ['help', 'ph'], offers: ['phases'] },
  { typed: ['help', 'snapshot', 'rest'], offers: ['restore', 'restore-file'] },
  { typed: ['man', 'dhcp', 'dead', 'l'], offers: ['list'] },
  { typed: ['explain', 'bm-99'], offers: ['BM-999'] },
  { typed: ['--v'], offers: ['--version'] },
  { typed: ['nonsense', ''], offers: [] },
  { typed: ['state', 'restore', '--', '--l'], offers: [] },
])('$typed offers $offers', ({ typed, offers }) => {
  expect(offered(...typed).sort()).toEqual([...offers].sort());
});

test('what was given is not offered again, and what overrides a setting is', () => {
  expect(offered('load-macs', 'x.csv', '--dry-run', '--d')).toEqual(['--debug']);
  expect(offered('load-macs', '--netbox')).toEqual(['--netbox-url']);
  expect(offered('load-macs', '--netbox-url', '--')).toEqual([]);
});

test.each([
  { typed: ['load-macs', ''], live: 'files' },
  { typed: ['load-macs', 'x.csv', '--report', ''], live: 'files' },
  { typed: ['snapshot', 'restore', ''], live: 'snapshots' },
  { typed: ['snapshot', 'diff', 'a', ''], live: 'snapshots' },
  { typed: ['runs', 'show', '2'], live: 'runs' },
  { typed: ['undo', ''], live: 'runs' },
  { typed: ['why', 'srv'], live: 'servers' },
])('$typed is looked up among $live', ({ typed, live }) => {
  expect(complete(typed, manual).live).toBe(live);
});

test('no words are an error', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 12 }), { maxLength: 6 }), typed => {
      expect(Array.isArray(complete(typed, manual).words)).toBe(true);
    }),
  );
});

test.each([
  ['bmtool state ', ['bmtool', 'state', '']],
  ['bmtool  state re', ['bmtool', 'state', 're']],
  [`bmtool snapshot save a --note "two words`, ['bmtool', 'snapshot', 'save', 'a', '--note', 'two words']],
  [`bmtool load-macs a\\ b.csv`, ['bmtool', 'load-macs', 'a b.csv']],
])('%s is taken apart as a shell does', (line, words) => {
  expect(splitLine(line)).toEqual(words);
});

test.each([
  { line: 'bmtool why 94:40:c', cut: 'c', has: 6 },
  { line: 'bmtool why 94:', cut: ':', has: 3 },
  { line: 'bmtool why srv-r1', cut: 'srv-r1', has: 0 },
  { line: 'bmtool why ', cut: '', has: 0 },
])('of "$line" bash has $has characters of the answer already', ({ line, cut, has }) => {
  expect(handedBy('bash', [line, cut]).has).toBe(has);
});
