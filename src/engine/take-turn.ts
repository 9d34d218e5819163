import type { Held, Holder } from '../adapters/redis/lock.ts';
import type { Redis } from '../adapters/redis/redis.ts';
import { Failure } from '../core/failure.ts';
import type { Progress } from '../core/progress.ts';

/**
 * One at a time: waits until nobody else changes this record as a whole, or says who does. The lock is in Redis, beside the queue that all who
 * work on one record share; it ends with its holder.
 */
export type TakeTurn = (wish: { readonly command: string; readonly wait: boolean }) => Promise<Held>;

export type TakeTurnTools = {
  readonly redis: Redis;
  readonly queueKey: string;
  readonly me: Omit<Holder, 'command' | 'since'>;
  readonly isGone: (holder: Holder) => boolean;
  readonly clock: () => number;
  readonly progress: Progress;
  readonly interrupt: AbortSignal;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
};

const askEveryMs = 500;

export function openTakeTurn(tools: TakeTurnTools): TakeTurn {
  const { redis, queueKey, me, isGone, clock, progress, interrupt, pause } = tools;
  const lock = redis.lock(`${queueKey}:bmtool-lock`);
  return async ({ command, wait }) => {
    const holder = { ...me, command, since: new Date(clock()).toISOString() };
    let taken = await lock.take(holder, { isGone });
    if ('held' in taken) return taken.held;
    if (!wait) {
      throw new Failure('somebody-at-work', `${holderText(taken.busy)} is at work`, {
        next: 'Nothing was changed. Run it again later, or with --wait to start when that has ended.',
      });
    }
    const step = progress.step(`waiting for ${holderText(taken.busy)}`);
    while ('busy' in taken) {
      await pause(askEveryMs, interrupt);
      if (interrupt.aborted) throw new Failure('interrupted', 'Interrupted before anything was changed');
      step.say(`waiting for ${holderText(taken.busy)}`);
      taken = await lock.take(holder, { isGone });
    }
    step.done();
    return taken.held;
  };
}

function holderText({ user, host, pid, since, command }: Holder): string {
  return `${user}@${host} (bmtool ${command}, process ${pid}, since ${since.slice(11, 19)} UTC)`;
}
