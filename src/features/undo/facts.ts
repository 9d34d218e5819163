import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { Run } from '../../adapters/runs/run.ts';
import type { Change, ChangeKey, ChangeResult, ObjectKind, Update } from '../../core/change.ts';
import { type DoneChange, invertChanges } from '../../core/invert.ts';
import { type KnownRuns, withoutTakenBack } from './later.ts';
import type { Now } from './plan.ts';
import { followRemade, inRecord, openRemade } from './remade.ts';
import { readUses } from './uses.ts';

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

/** What takes these back, of the objects as they are called now; `runs`: all that are known, newest first. */
export async function inverseOf(netbox: NetBox, done: readonly DoneChange[], runs: readonly Run[]): Promise<Change[]> {
  const { referenceOf } = netbox;
  const inverse = invertChanges(done, referenceOf);
  const remade = openRemade(runs.filter(({ header }) => header.target.netbox === netbox.url));
  return followRemade(inverse, await inRecord(netbox, inverse, remade, referenceOf), referenceOf);
}

/** How the objects of these changes stand now, and who touched those whose version moved since the run. */
export async function readNow(
  netbox: NetBox,
  inverse: readonly Change[],
  run: Run,
  known: KnownRuns,
  nowMs: number,
): Promise<Map<ChangeKey, Now>> {
  const takenBack = await readTakenBack(netbox, run, known);
  const putBack = await readPutBack(netbox, inverse, run, nowMs);
  const now = new Map<ChangeKey, Now>(
    [...putBack].map(key => [key, { standing: undefined, others: [], isPutBack: true }]),
  );
  const own = new Set([...run.results.values()].flatMap(result => requestOf(result) ?? []));
  const isOwn = (entry: { request: string; message: string }) =>
    own.has(entry.request) || entry.message.endsWith(`run ${run.header.id}`);
  const othersSince = async (kind: ObjectKind, id: number, since: string) =>
    withoutTakenBack(
      (await netbox.authorsSince(kind, id, since)).filter(entry => !isOwn(entry)),
      known,
    );
  for (const [kind, group] of Map.groupBy(inverse, change => change.kind)) {
    // What follows another change of its object is judged by that one; where that one was put back, it guards with the version that stands now.
    const existing = group.flatMap(change =>
      change.op === 'create' ||
      takenBack.has(change.key) ||
      putBack.has(change.key) ||
      (change.op === 'update' && isFollower(change, putBack))
        ? []
        : [change],
    );
    const fields = new Set(existing.flatMap(change => Object.keys(change.before)));
    const ids = existing.map(change => change.id);
    const standing = await netbox.standing(kind, ids, [...fields]);
    const moved = existing.filter(
      change => standing.has(change.id) && standing.get(change.id)?.version !== change.version,
    );
    const authors = await inLanes(moved, async change => {
      const since = change.version ?? run.header.startedAt;
      return [change.key, await othersSince(change.kind, change.id, since)] as const;
    });
    const others = new Map(authors);
    for (const change of existing)
      now.set(change.key, { standing: standing.get(change.id), others: others.get(change.key) ?? [] });
  }
  for (const key of takenBack)
    if (!putBack.has(key)) now.set(key, { standing: undefined, others: [], isTakenBack: true });
  for (const [key, { id }] of await netbox.findDone(
    inverse.filter(({ op, key }) => op === 'create' && now.get(key) === undefined),
    () => undefined,
  ))
    now.set(key, { standing: undefined, others: [], twin: id });
  const uses = await readUses(
    netbox,
    inverse.filter(({ key }) => !putBack.has(key) && !takenBack.has(key)),
  );
  await inLanes([...uses], async ([key, use]) => {
    const [last] = await othersSince(use.by, use.id, run.header.startedAt);
    now.set(key, { ...(now.get(key) as Now), use: { ...use, last } });
  });
  return now;
}

function isFollower(change: Update, putBack: ReadonlySet<ChangeKey>): boolean {
  return change.follows !== undefined && !putBack.has(change.follows);
}

/**
 * Changes that are in NetBox's record no more, as that was put back to before them: the change log, which is part of it, does not have their request. NetBox
 * forgets entries of itself only when they are days old (CHANGELOG_RETENTION): a log that may have forgotten says nothing.
 */
async function readPutBack(
  netbox: NetBox,
  inverse: readonly Change[],
  run: Run,
  nowMs: number,
): Promise<Set<ChangeKey>> {
  const { startedAt } = run.header;
  const entries = (name: string, value: string) => netbox.count('core/object-changes/', [[name, value]]);
  const mayForget = nowMs - Date.parse(startedAt) > dayMs;
  if (mayForget && (await entries('time_before', startedAt)) === 0) return new Set();
  const asked = await inLanes(
    [...Map.groupBy(inverse, change => requestOf(run.results.get(change.key)))],
    async ([request, changes]) =>
      request === undefined || (await entries('request_id', request)) > 0 ? [] : changes.map(({ key }) => key),
  );
  const putBack = new Set(asked.flat());
  const isSeen = await standsAsLeft(
    netbox,
    inverse.filter(change => putBack.has(change.key)),
  );
  return isSeen ? new Set() : putBack;
}

/** Whether an object is as the run left it, to its version: the log of a token that may not see all of it would say that it is not. */
async function standsAsLeft(netbox: NetBox, changes: readonly Change[]): Promise<boolean> {
  const known = changes.flatMap(change => (change.op !== 'create' && change.version !== undefined ? [change] : []));
  for (const [kind, group] of Map.groupBy(known, change => change.kind)) {
    const ids = group.map(change => change.id);
    const standing = await netbox.standing(kind, ids, []);
    if (group.some(change => standing.get(change.id)?.version === change.version)) return true;
  }
  return false;
}

/** What an undo of the run took back that is in NetBox's record and was not taken back itself. */
async function readTakenBack(netbox: NetBox, run: Run, known: KnownRuns): Promise<Set<ChangeKey>> {
  const keys = new Set<ChangeKey>();
  for (const undo of known.undosOf(run)) {
    const again = await readTakenBack(netbox, undo, known);
    const done = [...undo.results.values()].filter(({ key, state }) => state === 'done' && !again.has(key));
    for (const [request, results] of Map.groupBy(done, requestOf))
      if (request !== undefined && (await netbox.count('core/object-changes/', [['request_id', request]])) > 0)
        for (const { key } of results) keys.add(key);
  }
  return keys;
}

const dayMs = 24 * 60 * 60 * 1000;

function requestOf(result: ChangeResult | undefined): string | undefined {
  return result?.state === 'done' ? result.request : undefined;
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
