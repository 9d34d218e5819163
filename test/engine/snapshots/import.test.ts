import { describe, expect, test } from 'vitest';
import { unlike } from '../../../src/engine/snapshots/import.ts';
import { aManifest } from '../../support/snapshots.ts';

describe('what came out of a file, beside what the file says', () => {
  const { postgres, migrations, types, fleet, rows } = aManifest();
  const facts = { postgres, migrations, types, fleet, rows };

  test.for<[string, Partial<typeof facts>, string[]]>([
    ['the same', {}, []],
    ['the same on another PostgreSQL', { postgres: '15.1' }, []],
    ['a row less', { rows: { ...rows, dcim_device: 664 } }, ['dcim_device (664 rows for 665)']],
    ['a table less', { rows: { dcim_interface: 4847 } }, ['dcim_device (no rows for 665)']],
    ['other migrations', { migrations: { ...migrations, digest: 'z' } }, ['the migrations']],
    ['other content types', { types: 'z' }, ['the content types']],
    ['other devices, as many', { fleet: 'z' }, ['devices, interfaces and MAC addresses']],
  ])('%s', ([, otherwise, expected]) => {
    expect(unlike(facts, { ...facts, ...otherwise })).toEqual(expected);
  });
});
