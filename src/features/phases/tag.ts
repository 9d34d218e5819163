import type { Create } from '../../core/change.ts';
import { invertedTag } from '../../core/tag.ts';

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
