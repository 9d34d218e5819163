import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { readPublishedSchemas } from '../../src/shipped/schemas.ts';
import { isThorough } from '../support/tries.ts';

const lines = readFileSync('dist/SHA256SUMS', 'utf8').trimEnd().split('\n');

test.each(lines.map(line => line.split('  ') as [string, string]))('%s is the digest of %s', (digest, name) => {
  expect(
    createHash('sha256')
      .update(readFileSync(`dist/${name}`))
      .digest('hex'),
  ).toBe(digest);
});

test('the list of parts has every package that is inside, and none of the workshop', () => {
  const { metadata, components } = JSON.parse(readFileSync('dist/bmtool.cdx.json', 'utf8')) as {
    metadata: { component: { name: string } };
    components: { name: string; group?: string }[];
  };
  expect(metadata.component.name).toBe('bmtool');
  const names = components.map(({ group, name }) => (group ? `${group}/${name}` : name));
  expect(names).toEqual(expect.arrayContaining(Object.keys(packageJson.dependencies)));
  expect(names.filter(name => Object.keys(packageJson.devDependencies).includes(name))).toEqual([]);
});

test('the published schemas are inside', () => {
  const asked = (...args: string[]) => execFileSync('dist/bmtool', ['schema', ...args, '--json'], { encoding: 'utf8' });
  const { result } = JSON.parse(asked()) as { result: { name: string }[] };
  expect(result).toHaveLength(readPublishedSchemas().length);
  const file = readFileSync('schemas/output/runs-list.json', 'utf8');
  expect(JSON.parse(asked('runs', 'list')).result).toEqual(JSON.parse(file));
});

test.runIf(isThorough)('two builds are the same, byte for byte', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bmtool-again-'));
  try {
    execFileSync(process.execPath, ['scripts/package.ts', folder]);
    expect(readFileSync(join(folder, 'SHA256SUMS'), 'utf8')).toBe(readFileSync('dist/SHA256SUMS', 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
