import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { Run } from '../../adapters/runs/run.ts';
import type { Change, ChangeKey, Delete, Update } from '../../core/change.ts';
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
    const fields = new Set(group.flatMap(change => (change.op === 'create' ? [] : Object.keys(change.before))));
    const remade = group.flatMap(change => (change.op === 'create' ? (deleted.get(change.key) ?? []) : []));
    const ids = [...existing, ...remade].map(change => change.id);
    const standing = await netbox.standing(kind, ids, [...fields]);
    const isPutBack = ({ id, version }: Update | Delete) => isEarlier(standing.get(id)?.version, version);
    const moved = existing.filter(
      change => standing.has(change.id) && standing.get(change.id)?.version !== change.version && !isPutBack(change),
    );
    const authors = await inLanes(moved, async change => {
      const entries = await netbox.authorsSince(change.kind, change.id, change.version ?? run.header.startedAt);
      return [change.key, entries.filter(entry => !isOwn(entry))] as const;
    });
    const others = new Map(authors);
    for (const change of existing) {
      now.set(change.key, {
        standing: standing.get(change.id),
        others: others.get(change.key) ?? [],
        isPutBack: isPutBack(change),
      });
    }
    // NetBox gives no id twice.
    for (const { key, id } of remade)
      if (standing.has(id)) now.set(key, { standing: standing.get(id), others: [], isPutBack: true });
  }
  const wasPutBack = [...now.values()].some(each => each.isPutBack);
  if (wasPutBack) for (const key of await readUnlogged(netbox, inverse, now, run)) now.set(key, putBackAndGone);
  return now;
}

const putBackAndGone: Now = { standing: undefined, others: [], isPutBack: true };

/**
 * Of a record that was put back: changes to objects that were younger than it. These do not stand, and their request is not in the change log, which was put
 * back as well.
 */
async function readUnlogged(
  netbox: NetBox,
  inverse: readonly Change[],
  now: ReadonlyMap<ChangeKey, Now>,
  run: Run,
): Promise<ChangeKey[]> {
  const requestOf = ({ key }: Change) => {
    const result = run.results.get(key);
    return result?.state === 'done' ? result.request : undefined;
  };
  const absent = inverse.filter(
    change =>
      (change.op === 'create' || (change.op === 'update' && !change.follows)) &&
      now.get(change.key)?.standing === undefined,
  );
  const asked = await inLanes([...Map.groupBy(absent, requestOf)], async ([request, changes]) => {
    const isLogged =
      request === undefined || (await netbox.count('core/object-changes/', [['request_id', request]])) > 0;
    return isLogged ? [] : changes.map(({ key }) => key);
  });
  return asked.flat();
}

/** A version is the time of the last write. */
function isEarlier(version: string | undefined, than: string | undefined): boolean {
  return version !== undefined && than !== undefined && Date.parse(version) < Date.parse(than);
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
