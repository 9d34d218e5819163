import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { spoken } from '../src/cli/spoken.ts';
import { partsOf } from '../src/core/errors/entry.ts';
import { errors } from '../src/core/errors/errors.ts';
import { openManual } from '../src/manual.ts';

/** Those that make signs what they are: the table of them, and what turns and is cut where nobody reads aloud. What is in the lab's NetBox is data. */
const signMakers = new Set(['src/cli/spoken.ts', 'src/cli/moving-step.ts']);
const sources = globSync('src/**/*.ts').filter(path => !signMakers.has(path) && !path.startsWith('src/lab/fleet/'));
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
const foreign = /[^\u0000-\u007f]/;

/** The texts of a source that have signs, with the letter x for what is put into them: comments are for those who read the source. */
function textsWithSigns(source: string): string[] {
  return source
    .split('\n')
    .map(line => line.replace(/^\s*(\/?\*|\/\/).*|\s\/\/ .*$/, ''))
    .filter(line => foreign.test(line))
    .flatMap(line => line.replaceAll(/\$\{[^}]*\}/g, 'x').split(/['"`]/))
    .filter(text => foreign.test(text));
}

test('--plain has words for every sign that bmtool prints', () => {
  const texts = sources.flatMap(path => textsWithSigns(readFileSync(path, 'utf8')));
  expect(texts).toContain('✗');
  expect(texts.filter(text => foreign.test(spoken(text)))).toEqual([]);
});

test('what is printed as it is has no signs', () => {
  const manual = openManual();
  const pages = [
    ...[[], ...manual.commands.map(({ path }) => path.split(' '))].map(words => manual.helpOf(words) ?? ''),
    ...manual.topics.map(({ text }) => text),
    ...manual.settings.map(({ says }) => says),
    ...Object.values(errors).flatMap(({ title, says }) => [title, ...partsOf(says).map(part => JSON.stringify(part))]),
  ];
  expect(pages.filter(page => foreign.test(page))).toEqual([]);
  const printed = sources
    .flatMap(path => readFileSync(path, 'utf8').split('\n'))
    .filter(line => /\bprint\(/.test(line) && foreign.test(line));
  expect(printed).toEqual([]);
});
