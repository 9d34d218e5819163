import { type Change, type FieldValue, isRef } from './change.ts';
import { invertedTag } from './tag.ts';

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

/** What one change does, in a line. */
function changeText(change: Change): string {
  if (change.op === 'delete') return '';
  if (change.op === 'create') {
    const { comments, address, name } = change.after;
    return [comments, address, name].map(textOf).find(text => text !== 'none') ?? '';
  }
  return Object.keys(change.after)
    .filter(field => field !== 'assigned_object_type')
    .map(field =>
      field === 'tags'
        ? tagsText(change.before.tags, change.after.tags)
        : `${fieldWords[field] ?? field} ${textOf(change.before[field])} → ${textOf(change.after[field])}`,
    )
    .join(', ');
}

const fieldWords: Readonly<Record<string, string>> = {
  oob_ip: 'out-of-band address',
  primary_mac_address: 'primary MAC',
  assigned_object_id: 'interface',
  a_terminations: 'far end',
  b_terminations: 'far end',
};

function tagsText(before: FieldValue | undefined, after: FieldValue | undefined): string {
  const [was, is] = [before, after].map(tags => (Array.isArray(tags) ? tags.length : 0)) as [number, number];
  return `tag ${invertedTag} ${is > was ? 'set' : 'taken off'}`;
}

/** A field's value as a person says it: ports by id, texts by their first line. */
function textOf(value: FieldValue | undefined): string {
  if (value === null || value === undefined) return 'none';
  if (isRef(value)) return 'the new one';
  if (Array.isArray(value)) return value.length === 0 ? 'no port' : value.map(textOf).join(', ');
  if (typeof value !== 'object') return String(value).split('\n')[0] ?? '';
  return 'object_id' in value ? `interface ${value.object_id}` : JSON.stringify(value);
}
