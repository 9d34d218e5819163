import type { Change } from './change.ts';
import { changeText } from './change-text.ts';

/** A plan as people read it, change by change: what `--dry-run` shows, and all of it with `--verbose`. */
export type PlanRows = {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Changes that have no row. */
  readonly hidden: number;
};

/** Grouped by verb and kind, as they are counted; of each group at most `most`. */
export function planRows(changes: readonly Change[], most: number = Number.POSITIVE_INFINITY): PlanRows {
  const groups = [...Map.groupBy(changes, ({ op, kind }) => `${op} ${kind}`).values()];
  const shown = groups.flatMap(group => group.slice(0, most));
  return {
    columns: ['op', 'object', 'change'],
    rows: shown.map(change => [change.op, change.label, changeText(change)]),
    hidden: changes.length - shown.length,
  };
}
