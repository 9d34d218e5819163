import { expect, test } from 'vitest';
import { agreeing, counted } from '../../src/core/counted.ts';

test.each([
  [counted(0, 'server'), '0 servers'],
  [counted(1, 'server'), '1 server'],
  [counted(601, 'server'), '601 servers'],
  [counted(1, 'entry', 'entries'), '1 entry'],
  [counted(2, 'entry', 'entries'), '2 entries'],
  [agreeing(1, 'is', 'are'), 'is'],
])('%s', (text, words) => {
  expect(text).toBe(words);
});
