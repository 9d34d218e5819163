import type { Change, ChangeKey, ChangeResult, ObjectKind } from '../../core/change.ts';
import type { Problem } from '../../core/problem.ts';
import type { Check } from './checks.ts';
import type { PhaseNumber } from './phase.ts';

/** The result of `state restore`. */
export type RestoreOutcome = {
  /** The phase. */
  readonly phase: PhaseNumber;
  /** How far it came. */
  readonly state: 'planned' | 'declined' | 'applied' | 'interrupted';
  /** Only the plan was made. */
  readonly dryRun: boolean;
  /** Servers that were looked at. */
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
  /** How long the writes take, from how long the last runs on this NetBox took; nothing when there were none. */
  readonly estimateSeconds: number | undefined;
  /** Servers that were left alone. */
  readonly problems: readonly Problem[];
  /** What became of the changes. */
  readonly results: readonly KindResult[];
  /** Changes that NetBox refused. */
  readonly failures: readonly Problem[];
  /** Whether the servers are there now. Empty after a dry run and when it was interrupted. */
  readonly checks: readonly Check[];
  /** The run that wrote it; none when nothing was written. */
  readonly runId: string | undefined;
  /** How long it took. */
  readonly seconds: number;
  /** Leases that were played instead of writing the changes. */
  readonly played?: number;
  /** The snapshot that was, or would be, put in place instead of writing changes. */
  readonly via?:
    | {
        /** Its name. */
        readonly snapshot: string;
        /** When it was saved: `20261121-113012`, UTC. */
        readonly timestamp: string;
        /** How long NetBox could not connect. */
        readonly blockedMs: number;
      }
    | undefined;
};

/** As a document: with the changes of a plan alone. */
export type RestoreJson = Omit<RestoreOutcome, 'changes'> & {
  /** What would be written; after a dry run alone. */
  readonly changes?: readonly Change[];
  /** How many changes the plan has. */
  readonly writes: number;
  /** What the phase is called. */
  readonly title: string;
};

export type KindResult = {
  /** What was done. */
  readonly op: Change['op'];
  /** To which kind of object. */
  readonly kind: ObjectKind;
  /** Changes that NetBox carried out. */
  readonly done: number;
  /** Changes that NetBox refused. */
  readonly failed: number;
  /** Changes that were not sent. */
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
