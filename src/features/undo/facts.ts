import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { Run } from '../../adapters/runs/run.ts';
import type { Change, ChangeKey, ObjectKind } from '../../core/change.ts';
import { type DoneChange, invertChanges } from '../../core/invert.ts';
import type { Now } from './plan.ts';

/** The run's changes that happened. Those without a known fate (the process was killed) are looked up in NetBox. */
export async function readDone(netbox: NetBox, run: Run): Promise<DoneChange[]> {
  const unknown = run.changes.filter(change => run.sent.has(change.key) && !run.results.has(change.key));
  const idOf = (key: ChangeKey) => {
    const result = run.results.get(key);
    return result?.state === 'done' ? result.id : undefined;
  };
  const found = await netbox.findDone(unknown, idOf);
  return run.changes.flatMap(change => {
    const result = run.results.get(change.key) ?? found.get(change.key);
    return result?.state === 'done' ? [{ change, result }] : [];
  });
}

export function inverseOf(netbox: NetBox, done: readonly DoneChange[]): Change[] {
  return invertChanges(done, netbox.referenceOf);
}

/** How the objects of these changes stand now, and who touched those whose version moved since the run. */
export async function readNow(netbox: NetBox, inverse: readonly Change[], run: Run): Promise<Map<ChangeKey, Now>> {
  const now = new Map<ChangeKey, Now>();
  const own = new Set(
    [...run.results.values()].flatMap(result => (result.state === 'done' && result.request ? [result.request] : [])),
  );
  const isOwn = (entry: { request: string; message: string }) =>
    own.has(entry.request) || entry.message.endsWith(`run ${run.header.id}`);
  const deleted = new Map(
    run.changes.flatMap(change => (change.op === 'delete' ? [[change.key, change] as const] : [])),
  );
  for (const [kind, group] of Map.groupBy(inverse, change => change.kind)) {
    // What follows another change of its object is judged by that one.
    const existing = group.flatMap(change =>
      change.op === 'create' || (change.op === 'update' && change.follows) ? [] : [change],
    );
    const standing = await readStandingOf(netbox, kind, existing);
    const moved = existing.filter(
      change => standing.get(change.id) !== undefined && standing.get(change.id)?.version !== change.version,
    );
    const authors = await inLanes(moved, async change => {
      const entries = await netbox.authorsSince(change.kind, change.id, change.version ?? run.header.startedAt);
      return [change.key, entries.filter(entry => !isOwn(entry))] as const;
    });
    const others = new Map(authors);
    for (const change of existing) {
      const stands = standing.get(change.id);
      now.set(change.key, {
        standing: stands,
        others: others.get(change.key) ?? [],
        isPutBack: isEarlier(stands?.version, change.version),
      });
    }
    // NetBox gives no id twice.
    const remade = group.flatMap(change => (change.op === 'create' ? (deleted.get(change.key) ?? []) : []));
    const again = await readStandingOf(netbox, kind, remade);
    for (const { key, id } of remade)
      if (again.has(id)) now.set(key, { standing: again.get(id), others: [], isPutBack: true });
  }
  return now;
}

/** A version is the time of the last write. */
function isEarlier(version: string | undefined, than: string | undefined): boolean {
  return version !== undefined && than !== undefined && Date.parse(version) < Date.parse(than);
}

function readStandingOf(netbox: NetBox, kind: ObjectKind, changes: readonly Exclude<Change, { op: 'create' }>[]) {
  const fields = new Set(changes.flatMap(change => Object.keys(change.before)));
  return netbox.standing(
    kind,
    changes.map(change => change.id),
    [...fields],
  );
}

/** A few at a time: the change log is asked object by object. */
async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...items];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) results.push(await work(item));
    }),
  );
  return results;
}
