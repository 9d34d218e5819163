import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from './identity.ts';
import { waitFor } from './wait.ts';

/** Who works on a lab right now, and at what: `lab up`. */
export type LockHolder = ProcessIdentity & { readonly work: string };

/**
 * Takes the lock and gives what frees it again. While another process holds it, waits, and says once through `onWait` who
 * that is. The lock of a process that is gone is taken over.
 */
export async function takeLock(
  file: string,
  options: { work: string; signal: AbortSignal; onWait: (holder: LockHolder) => void },
): Promise<() => void> {
  const me = identify(process.pid);
  if (me === undefined) throw new Error('this process is not in /proc');
  const content = `${JSON.stringify({ ...me, work: options.work, nonce: lockCount++ })}\n`;
  let told = false;
  await waitFor(
    () => {
      const holder = tryLock(file, content);
      if (holder === undefined) return true;
      if (!told) options.onWait(holder);
      told = true;
      return undefined;
    },
    { timeoutMs: Number.POSITIVE_INFINITY, everyMs: 50, signal: options.signal },
  );
  return () => {
    if (readLock(file) === content) rmSync(file, { force: true });
  };
}

/** Two takers inside one process must see each other. */
let lockCount = 0;

/** Takes the lock, or gives who has it. */
function tryLock(file: string, content: string): LockHolder | undefined {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  for (;;) {
    if (create(file, content)) return undefined;
    const found = readLock(file);
    if (found === undefined) continue;
    const holder = parseHolder(found);
    if (holder !== undefined && isAlive(holder)) return holder;
    removeStale(file, found);
  }
}

/** The file appears with its content or not at all, which `open(…, 'wx')` and a write after it cannot promise. */
function create(file: string, content: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes exactly the lock that was read: one that another taker has put there meanwhile is put back. */
function removeStale(file: string, content: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readLock(aside) !== content) linkSync(aside, file);
  } catch {
    // Another taker was faster; the next try sees what it left.
  } finally {
    rmSync(aside, { force: true });
  }
}

function readLock(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    const holder = JSON.parse(text) as LockHolder;
    return Number.isInteger(holder.pid) ? holder : undefined;
  } catch {
    return undefined;
  }
}
