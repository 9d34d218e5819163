import { waitText } from '../../core/unreachable.ts';
import type { Answer } from './answer.ts';

/** Tells a person that NetBox is waited for. It looks at all requests together: one that is answered shows that NetBox lives. */
export type Vigil = {
  /** Looks on while a request waits for its answer, at most so long. */
  over(answer: Promise<Answer>, longestMs: number): Promise<Answer>;
  /** NetBox is away, and is tried again, at most so long. */
  again(why: string, longestMs: number): void;
};

export type VigilOptions = {
  /** Where NetBox is. */
  readonly url: string;
  readonly note: (text: string) => void;
  /** Milliseconds of any beginning. */
  readonly clock?: () => number;
  /** Calls back after so long, milliseconds, unless it is called off by what comes back. */
  readonly later?: (ms: number, call: () => void) => () => void;
};

/** A NetBox under load takes seconds for a page: that is no silence. */
const silenceMs = 10_000;
/** One connection that breaks is not worth a word. */
const awayMs = 2_000;
/** Nor is what is over before the word is read. */
const leastLeftMs = 1_000;
/** Statuses of what stands before NetBox, or of one that has no time. */
const isAway = (status: number) => [429, 502, 503, 504].includes(status);

export function openVigil({ url, note, clock = () => performance.now(), later = afterwards }: VigilOptions): Vigil {
  const pending = new Set<{ readonly until: number }>();
  /** Since when NetBox owes an answer. */
  let since: number | undefined;
  let isTold = false;
  let allowedMs = silenceMs;
  let callOff = () => {};

  const tell = (words: string) => {
    isTold = true;
    note(`NetBox at ${url} does not answer${words} more.`);
  };
  const tellSilence = () => {
    const leftMs = Math.max(...[...pending].map(({ until }) => until)) - clock();
    if (leftMs < leastLeftMs) return;
    // Who is as slow as this is given longer the next time.
    allowedMs *= 2;
    tell(`; waiting for ${waitText(leftMs)}`);
  };
  const watch = () => {
    callOff();
    if (isTold || since === undefined || pending.size === 0) return;
    callOff = later(Math.max(0, since + allowedMs - clock()), tellSilence);
  };
  return {
    async over(answer, longestMs) {
      const request = { until: clock() + longestMs };
      pending.add(request);
      since ??= clock();
      watch();
      let lives = false;
      try {
        const known = await answer;
        lives = known.kind === 'answered' && !isAway(known.status);
        return known;
      } finally {
        pending.delete(request);
        if (lives) {
          if (isTold) note('NetBox answers again.');
          isTold = false;
          since = pending.size > 0 ? clock() : undefined;
        }
        watch();
      }
    },
    again(why, longestMs) {
      if (isTold || longestMs < leastLeftMs || clock() - (since ?? clock()) < awayMs) return;
      tell(` (${why}); trying again for ${waitText(longestMs)}`);
    },
  };
}

function afterwards(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms).unref();
  return () => clearTimeout(timer);
}

/** For those whom nobody watches. */
export const unwatched: Vigil = { over: answer => answer, again: () => {} };
