import { expect, test } from 'vitest';
import { parseArguments } from '../../../src/cli/program.ts';
import { filled } from '../../../src/cli/view.ts';
import { commands } from '../../../src/commands.ts';
import { openManual } from '../../../src/manual.ts';

const manual = openManual();

test.each(manual.topics)('$name fits 80 columns', ({ text }) => {
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
});

test.each(manual.topics)('no line of a paragraph of $name ends early', ({ text }) => {
  const paragraphs = text.split('\n\n').filter(paragraph => !/^\s| {2}/m.test(paragraph));
  expect(paragraphs.map(paragraph => filled(paragraph))).toEqual(paragraphs);
});

test('what --help prints fits 80 columns', () => {
  const paths = ['', ...manual.commands.map(({ path }) => path), ...Object.keys(manual.groups)];
  const pages = paths.map(path => manual.helpOf(path.split(' ').filter(Boolean)) ?? '');
  for (const line of pages.flatMap(page => page.split('\n'))) expect(line.length, line).toBeLessThanOrEqual(80);
});

test.each(manual.topics)('$name names only commands that there are', ({ text }) => {
  for (const [, words = ''] of text.matchAll(/bmtool ((?:[a-z-]+ ?)+)/g)) {
    const known = words.trim().split(' ');
    while (known.length > 0 && manual.helpOf(known) === undefined) known.pop();
    expect(known, words).not.toEqual([]);
  }
});

test('each topic is named in --help', () => {
  const parsed = parseArguments(['--help'], commands, [], '0');
  for (const { name } of manual.topics) expect(parsed.kind === 'talk' && parsed.text).toContain(name);
});

test('the settings topic has every setting with its flag', () => {
  const text = manual.topics.find(({ name }) => name === 'settings')?.text;
  for (const { name, flag } of manual.settings) {
    expect(text).toContain(name);
    if (flag) expect(text).toContain(flag);
  }
});
