import { expect, test } from 'vitest';
import { filled, folded, hanging } from '../../src/cli/view.ts';

test('a long line is broken between words, and goes on as far in as it began', () => {
  expect(folded('short\n  one two three four', 12)).toBe('short\n  one two\n  three four');
});

test('a word that is longer than the line stays whole, to be copied', () => {
  expect(folded('see http://127.0.0.1:23989/api/ now', 12)).toBe('see\nhttp://127.0.0.1:23989/api/\nnow');
});

test('what is set in stands as it is, between paragraphs that are filled', () => {
  expect(filled('one two\nthree\n\n  a  b\n\nfour five', 9)).toBe('one two\nthree\n\n  a  b\n\nfour five');
});

test('words hang behind their head', () => {
  expect(hanging('  0  ', 'one two three', 12)).toBe('  0  one two\n     three');
});
