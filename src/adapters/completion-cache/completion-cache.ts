import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A name that a shell may offer, with a word about it. */
export type Name = { readonly value: string; readonly says: string };

/** Names of things, kept for moments: a shell that completes must not wait for NetBox at every press of a key. */
export type CompletionCache = {
  /** What was kept under this key, unless it is older than `maxAgeMs` or cannot be read. */
  read(key: string, maxAgeMs: number): readonly Name[] | undefined;
  /** Keeps them, readable by this user alone. Where that cannot be done they are looked up again next time. */
  keep(key: string, names: readonly Name[]): void;
};

export function openCompletionCache(folder: string, now: () => number): CompletionCache {
  const fileOf = (key: string) => join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 24)}.json`);
  return {
    read(key, maxAgeMs) {
      try {
        const path = fileOf(key);
        // The clock has no fractions of a millisecond, the file's time has.
        const age = now() - Math.floor(statSync(path).mtimeMs);
        if (age < 0 || age > maxAgeMs) return undefined;
        const names: unknown = JSON.parse(readFileSync(path, 'utf8'));
        return Array.isArray(names) ? (names as Name[]) : undefined;
      } catch {
        return undefined;
      }
    },
    keep(key, names) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const path = fileOf(key);
        writeFileSync(`${path}.${process.pid}`, JSON.stringify(names), { mode: 0o600 });
        renameSync(`${path}.${process.pid}`, path);
      } catch {
        // A read-only home, a full disk.
      }
    },
  };
}
