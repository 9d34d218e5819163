import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zstdDecompressSync } from 'node:zlib';
import { Failure } from '../core/failure.ts';

/**
 * What bmtool reads of its own when it runs, by where it is in the sources; `oui-data` is the package's file. In the one file these are inside, under the
 * same names: scripts/package.ts puts them there.
 */
export const shippedFiles = [
  'snapshots/base/base.json',
  'snapshots/base/schema.sql.zst',
  'snapshots/base/fleet.sql.zst',
  'src/lab/python/serve.py',
  'src/lab/python/requirements.lock',
  'oui-data',
] as const;

export type ShippedFile = (typeof shippedFiles)[number];

/** The folder of PostgreSQL's package inside the one file; its files are compressed with zstd. */
export const shippedPostgres = 'postgres/';

const { isSea, getAssetKeys, getRawAsset } = process.getBuiltinModule('node:sea');

/** Whether this is the one file, and no checkout. */
export const isPackaged = isSea();

export function readShipped(name: ShippedFile): Buffer {
  if (isPackaged) return Buffer.from(getRawAsset(name));
  const path = sourceOf(name);
  if (existsSync(path)) return readFileSync(path);
  throw new Failure('bmtool-incomplete', `bmtool is incomplete: ${path} is missing.`, {
    next: 'Restore it from the repository.',
  });
}

/** Where a shipped file is in a checkout. */
export function sourceOf(name: ShippedFile): string {
  if (name === 'oui-data') return createRequire(import.meta.url).resolve(name);
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}

/** A file of a shipped folder; nothing where nothing of the kind is inside. */
export function readPacked(name: string): Buffer | undefined {
  return isPackaged && getAssetKeys().includes(name) ? zstdDecompressSync(getRawAsset(name)) : undefined;
}

/** Writes a shipped folder's files out, programs and libraries so that they can be run. */
export function unpack(prefix: string, folder: string): void {
  for (const key of getAssetKeys().filter(name => name.startsWith(prefix))) {
    const path = join(folder, key.slice(prefix.length));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, zstdDecompressSync(getRawAsset(key)), {
      mode: /\/bin\/|\.so(\.|$)/.test(path) ? 0o755 : 0o644,
    });
  }
}
