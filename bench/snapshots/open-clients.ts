import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClientsWish, Order, Report, Seen } from './clients.ts';

export type Clients = AsyncDisposable & {
  /** What `act` gives, and what the clients saw meanwhile. */
  during<T>(act: () => Promise<T>): Promise<{ readonly value: T; readonly seen: Seen }>;
};

/** Starts clients in a process of their own; each has had an answer when this returns. */
export async function openClients(wish: ClientsWish): Promise<Clients> {
  const child = fork(fileURLToPath(new URL('clients.ts', import.meta.url)));
  const ask = async (order: Order): Promise<Report> => {
    const answer = once(child, 'message', { signal: AbortSignal.timeout(60_000) });
    child.send(order);
    return (await answer)[0] as Report;
  };
  await ask({ start: wish });
  return {
    async during(act) {
      await ask('begin');
      const value = await act();
      return { value, seen: (await ask('end')) as Seen };
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

/** `3× 57P01, 2× 55000` */
export function failuresText(failures: Readonly<Record<string, number>>): string {
  const parts = Object.entries(failures).map(([code, count]) => `${count}× ${code}`);
  return parts.join(', ') || 'no errors';
}

/** What several looks saw, by code. */
export function sumFailures(all: readonly Seen[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { failures } of all)
    for (const [code, count] of Object.entries(failures)) sum[code] = (sum[code] ?? 0) + count;
  return sum;
}
