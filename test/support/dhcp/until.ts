import { setTimeout as pause } from 'node:timers/promises';

/** Looks again and again until `look` gives something; throws after `timeoutMs` and says what did not happen. */
export async function until<T>(
  look: () => Promise<T | undefined> | T | undefined,
  what: string,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    // What is waited for wants the same two cores.
    await pause(5);
  }
}
