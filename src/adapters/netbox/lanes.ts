/**
 * How many requests to keep in flight: found by trying, within bounds. NetBox's cost is CPU in its workers, so more lanes than
 * it has free cores gain nothing, and how many it has nobody tells us.
 *
 * Hill-climbing on work per second over rounds of a few batches: one lane more while that pays by a tenth, back when it does
 * not; halved at once when the server says that it is too much.
 */
export type Lanes = {
  readonly limit: number;
  /** One batch came back, with so much work in it (the sum of its rows' costs). */
  landed(work: number, nowMs: number): void;
  /** The server was overloaded, locked up or away. */
  strained(): void;
};

export type LanesOptions = { readonly start: number; readonly most: number };

const worthwhile = 1.1;

export function openLanes({ start, most }: LanesOptions): Lanes {
  let limit = start;
  let batches = 0;
  let work = 0;
  let roundStartMs: number | undefined;
  let best: { limit: number; rate: number } | undefined;
  let settled = false;

  function endRound(nowMs: number): void {
    const rate = work / Math.max(1, nowMs - (roundStartMs ?? nowMs));
    if (best === undefined || rate > best.rate * worthwhile) {
      best = { limit, rate };
      limit = Math.min(most, limit + 1);
      settled = limit === best.limit;
    } else {
      limit = best.limit;
      settled = true;
    }
    batches = 0;
    work = 0;
    roundStartMs = nowMs;
  }

  return {
    get limit() {
      return limit;
    },
    landed(done, nowMs) {
      // The first to land was sent before the clock: counted, it would make the first round look a sixth faster than it was.
      if (roundStartMs === undefined) {
        roundStartMs = nowMs;
        return;
      }
      batches += 1;
      work += done;
      if (!settled && batches > limit * 2) endRound(nowMs);
    },
    strained() {
      limit = Math.max(1, Math.floor(limit / 2));
      best = undefined;
      settled = false;
      batches = 0;
      work = 0;
      roundStartMs = undefined;
    },
  };
}
