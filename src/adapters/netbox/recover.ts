import { type Change, type ChangeResult, differingFields } from '../../core/change.ts';
import type { Answer, Cause } from './answer.ts';
import { findDone, readStanding } from './look-up.ts';
import { pause } from './patience.ts';
import { guardOf, resolved, type Sender } from './payload.ts';
import { can } from './versions.ts';

/** Rows whose fate is known by now, and those that go on. */
export type Sorted = { readonly known: readonly ChangeResult[]; readonly rows: readonly Change[] };

/**
 * How long a request whose answer was lost may still be at work in NetBox: a worker whose client hung up finishes the request
 * all the same. After a time-out or a 504 it is known to be slow.
 */
const settleMs = { reset: 5_000, slow: 60_000 };

/** Splits a refusal: the rows that NetBox names, or two halves to look closer, or the one row left. */
export function partBadRows(
  rows: readonly Change[],
  cause: Cause,
): { failed: ChangeResult[]; halves?: [readonly Change[], readonly Change[]] } {
  const why = 'why' in cause ? cause.why : '';
  const named = cause.cause === 'badRows' ? cause.rows : [];
  const failed = named.flatMap(({ id, index, why: reason }): ChangeResult[] => {
    const row =
      index === undefined ? rows.find(candidate => candidate.op !== 'create' && candidate.id === id) : rows[index];
    return row ? [{ key: row.key, state: 'failed', reason: reason || why }] : [];
  });
  if (failed.length > 0) return { failed };
  const [only] = rows;
  if (rows.length === 1 && only) return { failed: [{ key: only.key, state: 'failed', reason: why }] };
  const middle = Math.ceil(rows.length / 2);
  return { failed: [], halves: [rows.slice(0, middle), rows.slice(middle)] };
}

/** Polls until the lost rows are found, or until the request cannot be at work any more. */
export async function lookUpLost(sender: Sender, rows: readonly Change[], answer: Answer): Promise<ChangeResult[]> {
  const slow = answer.kind === 'answered' ? answer.status === 504 : answer.kind === 'lost' && answer.timedOut;
  // With If-Match a repeat cannot do harm: should the first one still land, the second is refused as stale.
  const guarded = can(sender.version, 'ifMatch') && rows.every(row => guardOf(sender, row) !== undefined);
  const until = Date.now() + (guarded ? 0 : slow ? settleMs.slow : settleMs.reset);
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 4000)) {
    const found = await findDone(sender, rows, sender.idOf);
    if (found.size > 0 || Date.now() >= until) return [...found.values()];
    await pause(sender, pauseMs);
  }
}

/** Before 4.6 NetBox guards nothing: look at the versions right before the write. */
export async function guardByReading(sender: Sender, rows: readonly Change[]): Promise<Sorted> {
  const versioned = rows.filter(row => guardOf(sender, row) !== undefined);
  if (can(sender.version, 'ifMatch') || versioned.length === 0) return { known: [], rows };
  return refresh(sender, rows);
}

/** Re-reads rows that somebody may have changed: those whose fields still hold what the plan saw go on with the new version. */
export async function refresh(sender: Sender, rows: readonly Change[]): Promise<Sorted> {
  const kind = rows[0]?.kind ?? 'dcim.device';
  const existing = rows.filter(row => row.op !== 'create');
  const names = [...new Set(existing.flatMap(row => Object.keys(row.op === 'update' ? row.after : row.before)))];
  const standing = await readStanding(
    sender,
    kind,
    existing.map(row => row.id),
    names,
  );
  const known: ChangeResult[] = [];
  const fresh: Change[] = [];
  for (const row of rows) {
    const now = row.op === 'create' ? undefined : standing.get(row.id);
    if (row.op === 'create') fresh.push(row);
    else if (now === undefined && row.op === 'delete') known.push({ key: row.key, state: 'done', id: row.id });
    else if (now === undefined) known.push({ key: row.key, state: 'failed', reason: 'it is gone from NetBox' });
    else if (row.op === 'update' && differingFields(resolved(sender, row.after), now.fields).length === 0) {
      known.push({
        key: row.key,
        state: 'done',
        id: row.id,
        ...(now.version === undefined ? {} : { version: now.version }),
      });
    } else {
      const changed = differingFields(row.before, now.fields);
      if (changed.length > 0)
        known.push({
          key: row.key,
          state: 'failed',
          reason: `somebody changed ${changed.join(', ')} since it was read; run the command again`,
        });
      else fresh.push({ ...row, ...(now.version === undefined ? {} : { version: now.version }) });
    }
  }
  return { known, rows: fresh };
}
