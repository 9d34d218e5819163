import { type Change, type FieldValue, isRef } from '../../core/change.ts';

/** Fields that people call otherwise than NetBox's API does. */
const fieldWords: Readonly<Record<string, string>> = {
  oob_ip: 'out-of-band address',
  primary_mac_address: 'primary MAC address',
  a_terminations: 'A end',
  b_terminations: 'B end',
};

/** What one change did, in a line: of an object that was made or deleted, what its name does not tell. `--json` has every field. */
export function changeText(change: Change): string {
  if (change.op !== 'update') return textOf((change.op === 'create' ? change.after : change.before).comments ?? '');
  return Object.keys(change.after)
    .map(field => {
      const name = fieldWords[field] ?? field.replaceAll('_', ' ');
      return `${name}: ${textOf(change.before[field])} → ${textOf(change.after[field])}`;
    })
    .join(', ');
}

/** A value as a person says it; of a text its first line, without Markdown. */
function textOf(value: FieldValue | undefined): string {
  if (value === null || value === undefined) return 'none';
  if (isRef(value)) return 'the new one';
  if (isList(value)) return value.length === 0 ? 'none' : value.map(textOf).join(', ');
  if (typeof value !== 'object')
    return (
      String(value)
        .split('\n')[0]
        ?.replaceAll(/`|\*\*/g, '') ?? ''
    );
  const { object_type: type, object_id: id, ...others } = value;
  if (type !== undefined && id !== undefined) return `${String(type).split('.').at(-1)} ${id}`;
  return Object.entries(others)
    .map(([name, inner]) => `${name} ${textOf(inner)}`)
    .join(', ');
}

function isList(value: FieldValue): value is readonly FieldValue[] {
  return Array.isArray(value);
}
