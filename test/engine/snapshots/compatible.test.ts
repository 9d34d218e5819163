import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Makeup } from '../../../src/adapters/postgres/manifest.ts';
import { differencesOf } from '../../../src/engine/snapshots/compatible.ts';
import { aManifest } from '../../support/snapshots.ts';

const manifest = aManifest();
const { migrations, types } = manifest;
const makeup: Makeup = { migrations, types };

test.each([
  ['the same NetBox', { makeup, netbox: '4.7.3' }],
  ['other content types', { makeup: { ...makeup, types: 'x' }, netbox: '4.7.3' }],
  ['a NetBox that does not answer', { makeup, netbox: '' }],
  ['a database that tells nothing', { makeup: undefined, netbox: '4.7.3' }],
  ['neither', { makeup: undefined, netbox: '' }],
])('fits: %s', (_, now) => expect(differencesOf(manifest, now)).toEqual([]));

test('a snapshot that was saved while NetBox did not answer is judged by its migrations', () => {
  expect(differencesOf(aManifest({ netbox: '' }), { makeup, netbox: '4.7.3' })).toEqual([]);
});

describe('does not fit', () => {
  const moved = (last: Record<string, string>, count = 812) => ({
    makeup: { ...makeup, migrations: { digest: 'b7654321ff', count, last } },
    netbox: '4.7.3',
  });
  test.each([
    ['another version', { makeup, netbox: '4.6.0' }, [{ what: 'NetBox', here: '4.6.0', snapshot: '4.7.3' }]],
    [
      'an app that went on',
      moved({ ...migrations.last, dcim: '0251_next' }),
      [{ what: 'migrations of dcim', here: '0251_next', snapshot: '0250_cooling_infrastructure' }],
    ],
    [
      'an app that is only here (a plugin), and one that is only in the snapshot',
      moved({ dcim: '0250_cooling_infrastructure', netbox_bgp: '0001_initial' }),
      [
        { what: 'migrations of ipam', here: 'none', snapshot: '0097_merge' },
        { what: 'migrations of netbox_bgp', here: '0001_initial', snapshot: 'none' },
      ],
    ],
    [
      'a migration in the middle',
      moved(migrations.last, 811),
      [{ what: 'migrations', here: '811, digest b7654321', snapshot: '812, digest a1' }],
    ],
    [
      'both',
      { ...moved({ ...migrations.last, ipam: '0098_next' }), netbox: '4.8.0' },
      [
        { what: 'NetBox', here: '4.8.0', snapshot: '4.7.3' },
        { what: 'migrations of ipam', here: '0098_next', snapshot: '0097_merge' },
      ],
    ],
  ])('%s', (_, now, differences) => expect(differencesOf(manifest, now)).toEqual(differences));
});

test('another digest is never overlooked, whatever the last migrations are', () => {
  const last = fc.dictionary(fc.string(), fc.string());
  fc.assert(
    fc.property(last, last, (here, there) => {
      const mine = aManifest({ migrations: { digest: 'a', count: 1, last: there } });
      const now = { makeup: { ...makeup, migrations: { digest: 'b', count: 1, last: here } }, netbox: '4.7.3' };
      expect(differencesOf(mine, now).length).toBeGreaterThan(0);
    }),
  );
});
