import { describe, expect, it } from 'vitest';
import { file, flag, integer, optionalWord, text, word } from '../../src/cli/arguments.ts';

describe('integer', () => {
  it.each([
    ['1', 1],
    ['601', 601],
    ['007', 7],
  ])('takes %s', (typed, value) => {
    expect(integer('n', 'N').parse(typed)).toEqual({ value });
  });

  it.each(['', '0', '-1', '1.5', '1e3', '0x10', ' 5', 'ten', '99999999999999999999'])('refuses %j', typed => {
    expect(integer('n', 'N').parse(typed)).toBe(`must be a whole number of at least 1, not "${typed}"`);
  });

  it('takes the least that was asked for', () => {
    expect(integer('n', 'N', 0).parse('0')).toEqual({ value: 0 });
  });
});

describe('words', () => {
  it('are one of the choices where there are any', () => {
    expect(word('what', 'what', ['a', 'b']).parse('b')).toEqual({ value: 'b' });
    expect(word('what', 'what', ['a', 'b']).parse('c')).toBe('must be one of a, b, not "c"');
    expect(optionalWord('what', 'what', ['a']).parse('c')).toBe('must be one of a, not "c"');
    expect(optionalWord('what', 'what').parse('anything')).toEqual({ value: 'anything' });
  });
});

it.each([
  ['file', file('f'), true, 'positional', ''],
  ['word', word('w', 'w'), true, 'positional', ''],
  ['optionalWord', optionalWord('w', 'w'), false, 'positional', undefined],
  ['flag', flag('f'), false, 'option', false],
  ['text', text('t', 't'), false, 'option', undefined],
  ['integer', integer('n', 'N'), false, 'option', undefined],
])('%s, left out', (_, argument, required, place, fallback) => {
  expect(argument).toMatchObject({ required, place });
  expect(argument.fallback).toBe(fallback);
});
