import { expect, it } from 'vitest';
import { etagOf } from '../../../src/adapters/netbox/etag.ts';

it.each([
  // As measured on 4.7.3.
  ['2026-11-21T04:46:49.961624Z', 'W/"2026-11-21T04:46:49.961624+00:00"'],
  // isoformat() leaves a fraction of zero out and else prints six digits.
  ['2026-11-21T04:46:49Z', 'W/"2026-11-21T04:46:49+00:00"'],
  ['2026-11-21T04:46:49.000000Z', 'W/"2026-11-21T04:46:49+00:00"'],
  ['2026-11-21T04:46:49.5Z', 'W/"2026-11-21T04:46:49.500000+00:00"'],
  // TIME_ZONE other than UTC: JSON is local, the tag is not.
  ['2026-11-21T06:46:49.961624+02:00', 'W/"2026-11-21T04:46:49.961624+00:00"'],
  ['2026-11-20T23:16:49.961624-05:30', 'W/"2026-11-21T04:46:49.961624+00:00"'],
  ['2026-11-21T04:46:49.961624+00:00', 'W/"2026-11-21T04:46:49.961624+00:00"'],
  ['2027-01-01T00:30:00+01:00', 'W/"2026-12-31T23:30:00+00:00"'],
])('%s', (lastUpdated, tag) => {
  expect(etagOf(lastUpdated)).toBe(tag);
});

it.each(['', 'yesterday', '2026-11-21', '2026-11-21 04:46:49'])('%j is no timestamp of NetBox', text => {
  expect(() => etagOf(text)).toThrow('not a timestamp');
});
