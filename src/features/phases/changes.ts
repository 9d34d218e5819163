import type { TagRecord } from '../../adapters/netbox/cabling.ts';
import type { Change, FieldValue } from '../../core/change.ts';
import { addressChanges } from './address-changes.ts';
import { cablingChanges } from './cabling-changes.ts';
import type { Decision } from './decide.ts';
import { beforeOf, type Details, needs } from './details.ts';
import type { Facts } from './facts.ts';
import { makeTag, tagDescription } from './tag.ts';

/** The changes that carry decisions out, in an order in which they could be done one by one. */
export function changesFor(decisions: readonly Decision[], facts: Facts, details: Details): Change[] {
  const decided = decisions.filter(decision => decision.problem === undefined);
  const tagging = decided.some(({ cabling }) => cabling?.wanted === 'inverted' && cabling.retag.length > 0);
  const tagId: FieldValue = facts.tag?.id ?? { ref: makeTag.key };
  const changes = decided.flatMap(decision => [
    ...addressChanges(decision, facts, details),
    ...cablingChanges(decision, tagId, details),
  ]);
  const newTag = tagging && facts.tag === undefined ? [makeTag] : [];
  return [...newTag, ...changes, ...dropTag(decided, facts.tag, changes, details)];
}

/** The tag goes with the last cable that carries it, if bmtool made it. */
function dropTag(
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
