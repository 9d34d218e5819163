import { describe, expect, test } from 'vitest';
import { filled } from '../../src/cli/view.ts';
import { wrapped } from '../../src/cli/wrap.ts';

const bold = (text: string) => `\u001b[1m${text}\u001b[22m`;

describe.each([
  [
    'a command behind a colon, to the end of the line',
    'Take it back: bmtool undo 20261121',
    ['Take it back:', 'bmtool undo 20261121'],
  ],
  [
    'a name that looks like a word',
    'Put it back: bmtool snapshot restore before',
    ['Put it back:', 'bmtool snapshot restore before'],
  ],
  ['only its sentence', 'Start: bmtool lab up. It is small.', ['Start: bmtool lab up. It is', 'small.']],
  ['one of two', 'bmtool runs list, then bmtool undo ID', ['bmtool runs list, then', 'bmtool undo ID']],
  [
    'a command that a sentence goes on behind',
    'Here bmtool dhcp dead list shows all of them',
    ['Here bmtool dhcp dead list', 'shows all of them'],
  ],
  [
    'flags with their values',
    'Then run bmtool lab up --servers 24 again',
    ['Then run', 'bmtool lab up --servers 24', 'again'],
  ],
  ['two in a row', 'After that bmtool start && bmtool doctor', ['After that', 'bmtool start && bmtool doctor']],
  ['the program is no command', 'what everybody knows bmtool writes', ['what everybody knows bmtool', 'writes']],
  ['what is quoted', 'it takes --mac-column="iLO MAC x" as', ['it takes', '--mac-column="iLO MAC x" as']],
  ['what is in backticks', 'and that will be `discovered by then` so', ['and that will be', '`discovered by then` so']],
  [
    'a quote that is never closed',
    'a disk of 24" is too large to be carried',
    ['a disk of 24" is too large to', 'be carried'],
  ],
  [
    'what is too long for any line, in its parts',
    'See bmtool load-macs new.csv --mac-column "iLO MAC"',
    ['See bmtool load-macs new.csv', '--mac-column "iLO MAC"'],
  ],
])('%s', (_, text, lines) => {
  test('stays whole where it is filled in', () => expect(filled(text, 30).split('\n')).toEqual(lines));
  test('stays whole on a terminal', () => expect(wrapped(text, 30).split('\n')).toEqual(lines));
});

test('colours have no width, and hide no command', () => {
  const command = bold('bmtool undo 20261121');
  expect(wrapped(`  Take it back: ${command}`, 30)).toBe(`  Take it back:\n  ${command}`);
});
