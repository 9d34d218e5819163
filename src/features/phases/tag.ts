import type { TagRecord } from '../../adapters/netbox/cabling.ts';
import type { Change, Create } from '../../core/change.ts';
import type { Decision } from './decide.ts';
import { beforeOf, type Details, needs } from './details.ts';

export const invertedTag = 'cable-inverted';

/** By this text bmtool knows the tag that it made itself, and takes away again when nothing carries it any more. */
export const tagDescription = 'Switch ends swapped by bmtool (phase 2)';

export const makeTag: Create = {
  op: 'create',
  kind: 'extras.tag',
  key: `tag:${invertedTag}`,
  label: `tag ${invertedTag}`,
  subject: `tag:${invertedTag}`,
  after: { name: invertedTag, slug: invertedTag, color: 'f44336', description: tagDescription },
};

/** The tag goes with the last cable that carries it, if bmtool made it. */
export function dropTag(
  decided: readonly Decision[],
  tag: TagRecord | undefined,
  changes: readonly Change[],
  details: Details,
): Change[] {
  if (tag === undefined || tag.description !== tagDescription) return [];
  const wantsTag = decided.some(({ cabling }) => cabling?.wanted === 'inverted');
  const untagged = decided.flatMap(({ cabling }) => (cabling?.wanted === 'designed' ? cabling.retag : [])).length;
  if (wantsTag || tag.items !== untagged) return [];
  return [
    {
      op: 'delete',
      kind: 'extras.tag',
      key: makeTag.key,
      label: makeTag.label,
      subject: makeTag.subject,
      id: tag.id,
      ...beforeOf(details, 'extras.tag', tag.id),
      ...needs(changes.filter(change => change.op === 'update' && 'tags' in change.after)),
    },
  ];
}
