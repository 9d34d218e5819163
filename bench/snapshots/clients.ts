import { setTimeout as pause } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';

/**
 * A program of its own, so that it takes turns with nobody: clients that do one thing again and again, and what they saw of it.
 * Talked to by messages (see open-clients.ts).
 */
export type ClientsWish =
  /** Each holds its connection and asks; when it is put out it connects again at once. */
  | {
      readonly kind: 'database';
      readonly count: number;
      readonly pauseMs: number;
      readonly connection: ClientConfig;
    }
  /** Each reads pages of NetBox's API, over a fresh connection each time. */
  | { readonly kind: 'api'; readonly count: number; readonly pauseMs: number; readonly url: string; token: string };

/** Between `begin` and `end`, over all clients. */
export type Seen = {
  readonly successes: number;
  /** By PostgreSQL's code, by HTTP status, or by what the connection said. */
  readonly failures: Readonly<Record<string, number>>;
  /** From the first failure to the last. */
  readonly failingMs: number;
  /** The longest time in which not one of them had an answer. */
  readonly silentMs: number;
};

export type Order = { readonly start: ClientsWish } | 'begin' | 'end';
export type Report = 'ready' | 'begun' | Seen;

const tally = openTally();
process.on('message', (order: Order) => {
  if (order === 'begin') tell(tally.begin());
  else if (order === 'end') tell(tally.end());
  else void startAll(order.start);
});
process.on('disconnect', () => process.exit());

async function startAll(wish: ClientsWish): Promise<void> {
  const client = wish.kind === 'database' ? holdConnection : readPages;
  await Promise.all(
    Array.from({ length: wish.count }, () => new Promise<void>(resolve => void client(wish as never, resolve))),
  );
  tell('ready');
}

/** @param onFirst told when the first answer has come */
async function holdConnection(
  { connection, pauseMs }: ClientsWish & { kind: 'database' },
  onFirst: () => void,
): Promise<never> {
  for (;;) {
    const client = new Client({ ...connection, connectionTimeoutMillis: 5000, application_name: 'bench' });
    let ended: Error | undefined;
    client.on('error', error => {
      ended ??= error;
    });
    try {
      await client.connect();
      for (;;) {
        await client.query('SELECT description FROM dcim_device ORDER BY id LIMIT 1');
        tally.success();
        onFirst();
        await pause(pauseMs);
      }
    } catch (error) {
      tally.failure(ended ?? (error as Error));
      client.end().catch(() => {});
    }
  }
}

async function readPages({ url, token, pauseMs }: ClientsWish & { kind: 'api' }, onFirst: () => void): Promise<never> {
  for (let page = 0; ; page += 1) {
    try {
      const answer = await fetch(`${url}/api/dcim/devices/?limit=25&offset=${(page % 20) * 25}`, {
        headers: { authorization: `Token ${token}`, connection: 'close' },
        signal: AbortSignal.timeout(30_000),
      });
      await answer.arrayBuffer();
      if (answer.status !== 200) throw Object.assign(new Error(answer.statusText), { code: String(answer.status) });
      tally.success();
      onFirst();
    } catch (error) {
      tally.failure(((error as Error).cause as Error | undefined) ?? (error as Error));
    }
    await pause(pauseMs);
  }
}

function openTally() {
  let successes = 0;
  let failures: Record<string, number> = {};
  let first: number | undefined;
  let last = 0;
  let answeredAt = 0;
  let silentMs = 0;
  const hush = () => {
    const now = performance.now();
    silentMs = Math.max(silentMs, now - answeredAt);
    answeredAt = now;
  };
  return {
    begin(): Report {
      [successes, failures, first, last, silentMs] = [0, {}, undefined, 0, 0];
      answeredAt = performance.now();
      return 'begun';
    },
    success() {
      hush();
      successes += 1;
    },
    failure(error: Error & { code?: string }) {
      last = performance.now();
      first ??= last;
      const code = error.code ?? error.message;
      failures[code] = (failures[code] ?? 0) + 1;
    },
    end(): Seen {
      hush();
      return { successes, failures, failingMs: first === undefined ? 0 : last - first, silentMs };
    },
  };
}

function tell(report: Report): void {
  process.send?.(report);
}
