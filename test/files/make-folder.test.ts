import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from '../../src/files/make-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'bmtool-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('makes what is missing, and leaves what is there', () => {
  const deep = join(folder, 'a', 'b', 'c');
  makeFolder(deep, 0o700);
  makeFolder(deep);
  expect(statSync(deep).mode & 0o777).toBe(0o700);
});

test('says what stands in the way', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeFolder(join(folder, 'file', 'x'))).toThrow(/ENOTDIR/);
});

// In a program of its own, which can be ended: Node's own way never comes back from these.
test.for(['/proc/x/y', '/proc/self/x', '/dev/null/x/y'])('comes back from %s', async path => {
  const module = new URL('../../src/files/make-folder.ts', import.meta.url).href;
  const code = `const { makeFolder } = await import('${module}'); try { makeFolder('${path}') } catch (e) { console.log(e.code) }`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', code], { timeout: 10_000 });
  expect(stdout).toMatch(/^(ENOENT|ENOTDIR|EPERM)$/);
});
