import { type Change, type ChangeResult, interruptedReason } from '../../core/change.ts';
import { Failure } from '../../core/failure.ts';
import { type Answer, type Cause, causeOf } from './answer.ts';
import { longestWriteMs, type Method } from './client.ts';
import { kinds } from './kinds.ts';
import { openPatience, type Patience, pause } from './patience.ts';
import { type Answered, readResults, type Sender, wishFor } from './payload.ts';
import { guardByReading, lookUpLost, partBadRows, refresh, type Sorted } from './recover.ts';

const methods: Record<Change['op'], Method> = { create: 'POST', update: 'PATCH', delete: 'DELETE' };
/** How often a batch is sent again after the server rolled it back by itself. */
const mostRollbacks = 6;
/** How often rows that changed under our hands are read and sent again. */
const mostStale = 6;

/** One list on its way: the rows whose fate is open, and what was tried so far. */
type Shipment = {
  rows: readonly Change[];
  readonly settle: (results: readonly ChangeResult[]) => void;
  readonly patience: Patience;
  rollbacks: number;
  stale: number;
};

type Handler<C extends Cause['cause']> = (
  sender: Sender,
  shipment: Shipment,
  cause: Extract<Cause, { cause: C }>,
  answer: Answer,
) => void | Promise<void>;

/**
 * Sends changes of one kind and verb as one list. A list is one transaction: when rows in it are refused they are taken
 * out (by name where NetBox names them, else by halving) and the others land. `settle` hears the fate of every row as soon as
 * it is known. Throws `Failure` when NetBox cannot be used any more; rows that were not settled by then may have landed.
 */
export async function sendBatch(sender: Sender, batch: readonly Change[], settle: Shipment['settle']): Promise<void> {
  const shipment: Shipment = { rows: batch, settle, patience: openPatience(sender.patienceMs), rollbacks: 0, stale: 0 };
  while (shipment.rows.length > 0) {
    const begun = shipment.rows !== batch || shipment.patience.begun || shipment.rollbacks > 0;
    if (sender.signal.aborted && begun) return endAll(shipment, 'skipped', interruptedReason);
    take(shipment, await guardByReading(sender, shipment.rows));
    const [first] = shipment.rows;
    if (first === undefined) return;
    const wish = { ...wishFor(sender, shipment.rows), timeoutMs: longestWriteMs };
    const answer = await sender.client.send(methods[first.op], kinds[first.kind].path, wish);
    const cause = causeOf(answer);
    await (handlers[cause.cause] as Handler<Cause['cause']>)(sender, shipment, cause, answer);
  }
}

/** What each cause means for the rows of a list. */
const handlers: { readonly [C in Cause['cause']]: Handler<C> } = {
  ok(sender, shipment, _, answer) {
    take(shipment, { known: readResults(sender, shipment.rows, answer as Answered), rows: [] });
  },
  async down(sender, { patience }, _, answer) {
    sender.strained();
    await patience.wait(sender, answer);
  },
  async busy(sender, { patience }, { waitMs }, answer) {
    sender.strained();
    await patience.wait(sender, answer, waitMs);
  },
  async rolledBack(sender, shipment, { why }) {
    sender.strained();
    shipment.rollbacks += 1;
    if (shipment.rollbacks > mostRollbacks) return endAll(shipment, 'failed', why);
    // Two that ended each other's transaction must not meet again in step.
    await pause(sender, 100 * 2 ** shipment.rollbacks * (0.5 + Math.random()));
  },
  async lost(sender, shipment, _, answer) {
    sender.strained();
    take(shipment, { known: await lookUpLost(sender, shipment.rows, answer) });
    if (shipment.rows.length > 0) await shipment.patience.wait(sender, answer);
  },
  async stale(sender, shipment, { why }) {
    // A tag that NetBox never accepts (a proxy that rewrites them, say) must not send this round for ever.
    shipment.stale += 1;
    if (shipment.stale > mostStale)
      return endAll(shipment, 'failed', `${why} It changes faster than it can be written.`);
    take(shipment, await refresh(sender, shipment.rows));
  },
  tooBig: sendParted,
  badRows: sendParted,
  maintenance(sender, _, { why }) {
    throw new Failure('netbox-maintenance', `NetBox at ${sender.client.url} accepts no writes: ${why}`, {
      next: 'Wait until its maintenance mode is off, then run the same command again.',
    });
  },
  unauthorized(sender, _, { why }) {
    throw new Failure('token-refused', `NetBox at ${sender.client.url} does not accept the token any more: ${why}`, {
      next: 'Set NETBOX_TOKEN to a valid token, then run the same command again.',
    });
  },
};

async function sendParted(sender: Sender, shipment: Shipment, cause: Cause): Promise<void> {
  const { failed, halves } = partBadRows(shipment.rows, cause);
  for (const half of halves ?? []) await sendBatch(sender, half, shipment.settle);
  take(shipment, halves ? { known: [], rows: [] } : { known: failed });
}

/** Settles what is known; the rest goes on, in the form given where there is one. */
function take(shipment: Shipment, { known, rows }: { known: Sorted['known']; rows?: Sorted['rows'] }): void {
  shipment.settle(known);
  const settled = new Set(known.map(result => result.key));
  shipment.rows = rows ?? shipment.rows.filter(row => !settled.has(row.key));
}

function endAll(shipment: Shipment, state: 'failed' | 'skipped', reason: string): void {
  take(shipment, { known: shipment.rows.map(row => ({ key: row.key, state, reason })), rows: [] });
}
