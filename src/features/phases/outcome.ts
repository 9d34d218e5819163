import type { Change, ChangeKey, ChangeResult, ObjectKind } from '../../core/change.ts';
import type { Problem } from '../../core/problem.ts';
import type { Check } from './checks.ts';
import type { PhaseNumber } from './phase.ts';

/** The result of `state restore`. */
export type RestoreOutcome = {
  readonly phase: PhaseNumber;
  readonly state: 'planned' | 'declined' | 'applied' | 'interrupted';
  readonly dryRun: boolean;
  readonly servers: number;
  /** Servers in NetBox, whatever the limit. */
  readonly total: number;
  /** What the plan writes, in words. */
  readonly planned: string;
  readonly changes: readonly Change[];
  /** Events taken, or to be taken, out of the queue. */
  readonly events: number;
  /** `netbox:bmc:discovered on localhost:6380` */
  readonly queue: string;
  /** From how long the last runs on this NetBox took; nothing when there were none. */
  readonly estimateSeconds: number | undefined;
  /** Servers that were left alone. */
  readonly problems: readonly Problem[];
  readonly results: readonly KindResult[];
  readonly failures: readonly Problem[];
  /** Whether the servers are there now. Empty after a dry run and when it was interrupted. */
  readonly checks: readonly Check[];
  readonly runId: string | undefined;
  readonly seconds: number;
  /** Leases that were played instead of writing the changes. */
  readonly played?: number;
  /** The snapshot that was, or would be, put in place instead of writing changes. */
  readonly via?: { readonly snapshot: string; readonly timestamp: string; readonly blockedMs: number } | undefined;
};

export type KindResult = {
  readonly op: Change['op'];
  readonly kind: ObjectKind;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
};

/** What became of a plan, a row for each verb and kind, in the plan's order. */
export function resultsByKind(changes: readonly Change[], results: ReadonlyMap<ChangeKey, ChangeResult>): KindResult[] {
  return [...Map.groupBy(changes, ({ op, kind }) => `${op} ${kind}`).values()].map(group => {
    const counts = { done: 0, failed: 0, skipped: 0 };
    for (const { key } of group) counts[results.get(key)?.state ?? 'skipped'] += 1;
    const [{ op, kind }] = group as [Change];
    return { op, kind, ...counts };
  });
}

/** Each change that NetBox refused, in its words. What was skipped because of one is not said twice. */
export function failuresOf(changes: readonly Change[], results: ReadonlyMap<ChangeKey, ChangeResult>): Problem[] {
  return changes.flatMap((change): Problem[] => {
    const result = results.get(change.key);
    if (result?.state !== 'failed') return [];
    return [{ severity: 'error', subject: change.label, message: `${change.op} refused: ${result.reason}` }];
  });
}
