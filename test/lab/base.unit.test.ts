import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { lockedNetbox } from '../../src/lab/environment.ts';
import { generateFleet } from '../../src/lab/fleet/generate.ts';
import { baseFleet, baseFleetSql, firstDifference } from '../../src/lab/fleet/make-base.ts';
import { fleetManifest } from '../../src/lab/fleet/manifest.ts';
import { manifestFiles } from '../../src/lab/fleet/manifests.ts';

const project = join(import.meta.dirname, '..', '..');
const base = join(project, 'snapshots', 'base');
const manifests = join(project, 'fixtures', 'manifests');

test('the shipped fleet is what the generator gives; if not: npm run lab:base -- --fleet', () => {
  const shipped = zstdDecompressSync(readFileSync(join(base, 'fleet.sql.zst'))).toString('utf8');
  expect(firstDifference({ made: baseFleetSql(), shipped })).toBeUndefined();
});

test('the base says what it was made of', () => {
  const about = JSON.parse(readFileSync(join(base, 'base.json'), 'utf8'));
  expect(about).toEqual({
    format: 1,
    netbox: lockedNetbox(),
    ...baseFleet,
    migrations: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test('the whole base is smaller than half a megabyte', () => {
  const bytes = readdirSync(base).reduce((sum, name) => sum + statSync(join(base, name)).size, 0);
  expect(bytes).toBeLessThan(512 * 1024);
});

test('the shipped schema has no accounts, tokens or log-ins in it', () => {
  const schema = zstdDecompressSync(readFileSync(join(base, 'schema.sql.zst'))).toString('utf8');
  const filled = [...schema.matchAll(/^INSERT INTO public\.(\w+)/gm)].map(match => match[1]);
  expect(new Set(filled)).toEqual(
    new Set([
      'auth_permission',
      'core_objecttype',
      'dcim_moduletypeprofile',
      'django_content_type',
      'django_migrations',
    ]),
  );
});

const fleet = generateFleet(baseFleet);
const files = manifestFiles(fleet, fleetManifest(fleet, baseFleet.seed));

test.each(Object.keys(files))('fixtures/manifests/%s is what is made; if not: npm run lab:manifests', name => {
  expect(readFileSync(join(manifests, name)).equals(Buffer.from(files[name] ?? ''))).toBe(true);
});

test('every file of fixtures/manifests is made and described', () => {
  const there = readdirSync(manifests).filter(name => name !== 'README.md');
  expect(there.sort()).toEqual(Object.keys(files).sort());
  const readme = readFileSync(join(manifests, 'README.md'), 'utf8');
  expect(there.filter(name => !readme.includes(`\`${name}\``))).toEqual([]);
});
