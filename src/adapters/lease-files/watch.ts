import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Waits for a file to change. */
export type Watch = {
  /** Comes back soon after a change since it last came back, or after `ms`, or when the signal is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  close(): void;
};

/** Changes come in bursts: the rest of one is awaited, so that it is one look. */
const burstMs = 10;

/**
 * Watches the folder of a file, so that one is seen that is renamed over it, or not there yet. Where the folder is missing, or the system has no
 * watches left, waiting is by time alone.
 */
export function openWatch(path: string): Watch {
  let watcher: FSWatcher | undefined;
  let isChanged = false;
  let wake: (() => void) | undefined;
  const change = (_: string, name: string | null) => {
    // Kea's `.1` and `.2`, too.
    if (name !== null && !name.startsWith(basename(path))) return;
    isChanged = true;
    wake?.();
  };
  const close = () => {
    watcher?.close();
    watcher = undefined;
  };
  const open = () => {
    try {
      watcher = watch(dirname(path), change).on('error', close);
    } catch {
      // Next time, maybe.
    }
  };
  open();
  return {
    async wait(ms, signal) {
      if (watcher === undefined) open();
      if (!isChanged && !signal.aborted) {
        await new Promise<void>(resolve => {
          const done = () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', done);
            resolve();
          };
          const timer = setTimeout(done, ms);
          signal.addEventListener('abort', done);
          wake = done;
        });
      }
      if (isChanged) await pause(burstMs, undefined, { signal }).catch(() => {});
      isChanged = false;
    },
    close,
  };
}
