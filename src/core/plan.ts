import { type Change, type ChangeKey, type ChangeResult, isRef, mapFields, type ObjectKind } from './change.ts';
import { agreeing } from './counted.ts';
import type { Problem } from './problem.ts';

/**
 * The difference between what is and what should be, as data. `--dry-run` prints it, apply obeys its changes and
 * nothing else, undo inverts it, and verify is a plan that must be empty.
 */
export type Plan = {
  readonly format: 1;
  readonly changes: readonly Change[];
  /** What could not be planned. Problems never stop the changes. */
  readonly problems: readonly Problem[];
};

export type Tally = { readonly done: number; readonly failed: number; readonly skipped: number };

/**
 * Refuses a plan that cannot be applied: a key used twice, a need that is nowhere, a circle, a ref to what may not be
 * made yet. That is a bug in a planner, so it throws.
 */
export function checkPlan(changes: readonly Change[]): void {
  const byKey = new Map<ChangeKey, Change>();
  for (const change of changes) {
    if (byKey.has(change.key)) throw new Error(`plan has two changes with the key ${change.key}`);
    byKey.set(change.key, change);
  }
  const settled = new Set<ChangeKey>();
  const visit = (change: Change, path: readonly ChangeKey[]): void => {
    if (settled.has(change.key)) return;
    if (path.includes(change.key)) throw new Error(`plan has a circle: ${[...path, change.key].join(' -> ')}`);
    for (const need of change.needs ?? []) {
      const needed = byKey.get(need);
      if (needed === undefined) throw new Error(`change ${change.key} needs ${need}, which is not in the plan`);
      visit(needed, [...path, change.key]);
    }
    if (change.op === 'update' && change.follows !== undefined && !change.needs?.includes(change.follows))
      throw new Error(`change ${change.key} follows ${change.follows} without needing it`);
    const loose = refsIn(change).find(ref => !change.needs?.includes(ref));
    if (loose !== undefined) throw new Error(`change ${change.key} refers to ${loose} without needing it`);
    settled.add(change.key);
  };
  for (const change of changes) visit(change, []);
}

function refsIn(change: Change): ChangeKey[] {
  const refs: ChangeKey[] = [];
  if (change.op === 'delete') return refs;
  mapFields(change.after, value => {
    if (isRef(value)) refs.push(value.ref);
    return value;
  });
  return refs;
}

/** How many needs deep each change stands: 0 for those that need nothing. */
export function depths(changes: readonly Change[]): ReadonlyMap<ChangeKey, number> {
  const byKey = new Map(changes.map(change => [change.key, change]));
  const known = new Map<ChangeKey, number>();
  const depthOf = (key: ChangeKey): number => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const depth = Math.max(-1, ...(byKey.get(key)?.needs ?? []).map(depthOf)) + 1;
    known.set(key, depth);
    return depth;
  };
  for (const change of changes) depthOf(change.key);
  return known;
}

export function tally(results: Iterable<ChangeResult>): Tally {
  const counts = { done: 0, failed: 0, skipped: 0 };
  for (const result of results) counts[result.state] += 1;
  return counts;
}

const kindWords: Record<ObjectKind, readonly [one: string, many: string]> = {
  'dcim.device': ['device', 'devices'],
  'dcim.interface': ['interface', 'interfaces'],
  'dcim.macaddress': ['MAC address', 'MAC addresses'],
  'dcim.cable': ['cable', 'cables'],
  'ipam.ipaddress': ['IP address', 'IP addresses'],
  'extras.journalentry': ['journal entry', 'journal entries'],
  'extras.tag': ['tag', 'tags'],
};

export function kindText(kind: ObjectKind, count: number): string {
  return agreeing(count, ...kindWords[kind]);
}

/** What a plan would write, in words: `create 601 MAC addresses, update 601 interfaces`. Empty for an empty plan. */
export function planText(changes: readonly Change[]): string {
  const counts = new Map<string, number>();
  for (const { op, kind } of changes) counts.set(`${op} ${kind}`, (counts.get(`${op} ${kind}`) ?? 0) + 1);
  return [...counts]
    .map(([group, count]) => {
      const [op, kind] = group.split(' ') as [string, ObjectKind];
      return `${op} ${count} ${kindText(kind, count)}`;
    })
    .join(', ');
}
