import { expect, test } from 'vitest';
import { summaryLines } from '../../../src/features/phases/text.ts';
import { update } from '../../core/changes.ts';

const summary = {
  phase: 1,
  servers: 1,
  total: 96,
  changes: [update('a')],
  events: 1,
  queue: 'q',
  problems: [],
} as const;

test.each([
  [undefined, '1 write, for how long is not known: no earlier run to go by'],
  [0, '1 write, some seconds, by the last runs here'],
  [9, '1 write, some seconds, by the last runs here'],
  [10, '1 write, about 10 s, by the last runs here'],
  [240, '1 write, about 4 min, by the last runs here'],
])('an estimate of %s', (estimateSeconds, says) => {
  expect(summaryLines({ ...summary, estimateSeconds }).at(-1)).toBe(says);
});
