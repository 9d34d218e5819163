import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, pauseBefore, whyOf } from './answer.ts';
import { type Reader, readFailure } from './read.ts';

/** Waits between attempts, longer each time, and gives up when NetBox has been away for `patienceMs`. */
export type Patience = {
  /** Whether anything had to be waited for yet. */
  readonly begun: boolean;
  /** `toldMs`: what the server asked for (Retry-After). Throws `Failure` (exit 5) at the end of the patience. */
  wait(reader: Reader, answer: Answer, toldMs?: number): Promise<void>;
};

export function openPatience(patienceMs: number): Patience {
  let giveUpAt: number | undefined;
  let pauseMs = 250;
  return {
    get begun() {
      return giveUpAt !== undefined;
    },
    async wait(reader, answer, toldMs) {
      giveUpAt ??= Date.now() + patienceMs;
      const leftMs = giveUpAt - Date.now();
      if (leftMs < 0) throw readFailure(reader, '', answer, patienceMs);
      reader.client.vigil.again(whyOf(answer), leftMs);
      await pause(reader, pauseBefore(toldMs, pauseMs, leftMs));
      pauseMs = Math.min(pauseMs * 2, 4000);
    },
  };
}

/** Sleeps, or wakes at once when the run is interrupted. */
export async function pause({ signal }: Pick<Reader, 'signal'>, ms: number): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => {});
}
