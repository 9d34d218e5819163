import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openCompletionCache } from '../../../src/adapters/completion-cache/completion-cache.ts';

const names = [{ value: 'good', says: 'before the move' }];
let folder: string;
let laterMs: number;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'bmtool-names-')), 'names');
  laterMs = 0;
});

const open = () => openCompletionCache(folder, () => Date.now() + laterMs);
const fileIn = () => join(folder, readdirSync(folder)[0] ?? '');

test('names are kept under their key, until they are too old', () => {
  open().keep('snapshots here', names);
  expect(open().read('snapshots here', 15_000)).toEqual(names);
  expect(open().read('snapshots elsewhere', 15_000)).toBeUndefined();
  laterMs = 14_000;
  expect(open().read('snapshots here', 15_000)).toEqual(names);
  laterMs = 16_000;
  expect(open().read('snapshots here', 15_000)).toBeUndefined();
  // A clock that was put back.
  laterMs = -60_000;
  expect(open().read('snapshots here', 15_000)).toBeUndefined();
});

test('nobody else reads them, and one file holds the newest', () => {
  open().keep('servers', names);
  open().keep('servers', []);
  expect(open().read('servers', 15_000)).toEqual([]);
  expect(readdirSync(folder)).toHaveLength(1);
  expect([statSync(folder).mode & 0o777, statSync(fileIn()).mode & 0o777]).toEqual([0o700, 0o600]);
});

test.each(['', '{"half', '{"no": "list"}', '\u0000'])('a file of %j is as good as none', text => {
  open().keep('servers', names);
  writeFileSync(fileIn(), text);
  expect(open().read('servers', 15_000)).toBeUndefined();
});

test('where nothing can be kept, nothing is said', () => {
  writeFileSync(folder, 'a file in its place');
  open().keep('servers', names);
  expect(open().read('servers', 15_000)).toBeUndefined();
});
