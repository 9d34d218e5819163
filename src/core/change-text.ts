import { type Change, type FieldValue, isRef } from './change.ts';
import { invertedTag } from './tag.ts';

/** Fields that people call otherwise than NetBox's API does. */
const fieldWords: Readonly<Record<string, string>> = {
  oob_ip: 'out-of-band address',
  primary_mac_address: 'primary MAC address',
  assigned_object_id: 'interface',
  a_terminations: 'far end',
  b_terminations: 'far end',
};

/** What one change does, in a line; of what is deleted, nothing but its name, which the change has. `--json` has every field. */
export function changeText(change: Change): string {
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
        : `${fieldWords[field] ?? field.replaceAll('_', ' ')} ${textOf(change.before[field])} → ${textOf(change.after[field])}`,
    )
    .join(', ');
}

function tagsText(before: FieldValue | undefined, after: FieldValue | undefined): string {
  const [was, is] = [before, after].map(tags => (Array.isArray(tags) ? tags.length : 0)) as [number, number];
  return `tag ${invertedTag} ${is > was ? 'set' : 'taken off'}`;
}

/** A field's value as a person says it: ports by id, of texts the first line, without Markdown. */
function textOf(value: FieldValue | undefined): string {
  if (value === null || value === undefined) return 'none';
  if (isRef(value)) return 'the new one';
  if (Array.isArray(value)) return value.length === 0 ? 'no port' : value.map(textOf).join(', ');
  if (typeof value !== 'object') return (String(value).split('\n')[0] ?? '').replaceAll(/`|\*\*/g, '');
  return 'object_id' in value ? `interface ${value.object_id}` : JSON.stringify(value);
}
