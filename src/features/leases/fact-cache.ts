import type { LeaseEvent } from '../../core/lease.ts';
import type { Facts } from './facts.ts';

/** Facts as they were read a few seconds ago: most renewals ask for nothing, and need no NetBox to see that. */
export type FactCache = {
  /** Nothing when they are older than `mostAgeMs`, or of another address of this MAC. */
  get(event: LeaseEvent): Facts | undefined;
  /** @param readMs when NetBox was asked, by the clock */
  set(event: LeaseEvent, facts: Facts, readMs: number): void;
  /** What is written is read anew. */
  drop(event: LeaseEvent): void;
  clear(): void;
};

/** What somebody changes in NetBox is seen by a renewal this much later, at most. */
export const mostAgeMs = 10_000;
/** More BMCs than a site has. Then all are forgotten at once. */
const mostKept = 100_000;

export function openFactCache(clock: () => number): FactCache {
  const kept = new Map<string, { readonly facts: Facts; readonly address: string; readonly readMs: number }>();
  return {
    get({ data }) {
      const known = kept.get(data.mac);
      return known && known.address === data.address && clock() - known.readMs < mostAgeMs ? known.facts : undefined;
    },
    set({ data }, facts, readMs) {
      if (kept.size >= mostKept) kept.clear();
      kept.set(data.mac, { facts, address: data.address, readMs });
    },
    drop: ({ data }) => void kept.delete(data.mac),
    clear: () => kept.clear(),
  };
}
