import type { Change, FieldValue } from '../../core/change.ts';
import { addressChanges } from './address-changes.ts';
import { cablingChanges } from './cabling-changes.ts';
import type { Decision } from './decide.ts';
import type { Details } from './details.ts';
import type { Facts } from './facts.ts';
import { dropTag, makeTag } from './tag.ts';

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
