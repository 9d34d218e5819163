import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../core/failure.ts';

/** What an interrupted lab command ends with. */
export function interrupted(): Failure {
  return new Failure('interrupted', 'Interrupted.', {
    next: 'Run the same command again: it goes on where it was stopped.',
  });
}

export function stopIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw signal.reason instanceof Failure ? signal.reason : interrupted();
}

/**
 * Asks `look` again and again until it gives something, at most `timeoutMs` long.
 * Gives nothing when the time is over; an interruption throws.
 */
export async function waitFor<T>(
  look: () => T | undefined | Promise<T | undefined>,
  { timeoutMs, everyMs = 20, signal }: { timeoutMs: number; everyMs?: number; signal: AbortSignal },
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs;
  while (true) {
    stopIfInterrupted(signal);
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) return undefined;
    await pause(everyMs);
  }
}
