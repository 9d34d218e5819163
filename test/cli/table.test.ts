import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { paintFor } from '../../src/cli/screen.ts';
import { tabSeparated } from '../../src/cli/tab-separated.ts';
import { fitWidths, tableText } from '../../src/cli/table.ts';

const bare = paintFor(false);
const coloured = paintFor(true);
const esc = '\u001b';

describe('a table on a terminal', () => {
  it('aligns columns and frames nothing', () => {
    const text = tableText(
      {
        columns: ['run', 'done'],
        rows: [
          ['a', '1/2'],
          ['longer', '30/40'],
        ],
      },
      80,
      bare,
    );
    expect(text).toBe('run     done\na       1/2\nlonger  30/40\n');
  });

  it('fits the terminal, and loses no word of a long cell', () => {
    const words = Array.from({ length: 60 }, (_, i) => `word${i}`);
    const text = tableText(
      { columns: ['line', 'serial', 'about'], rows: [['2', 'CZ2D0001', words.join(' ')]] },
      80,
      bare,
    );
    for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80);
    for (const word of words) expect(text.replaceAll(/\s/g, '')).toContain(word);
  });

  it('breaks no command that fits into its column', () => {
    const next = 'It was stopped, and there is data: bmtool lab up --servers 96';
    const text = tableText({ columns: ['', 'next'], rows: [['lab', next]] }, 50, bare);
    expect(text).toMatch(/^\s*bmtool lab up --servers 96/m);
  });

  it('fits whatever is in it: wide letters, emoji, colours, long words', () => {
    const cell = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.constantFrom('服务器'.repeat(30), '🖥️'.repeat(40), 'x'.repeat(300), 'a\nb', '\t'.repeat(20)),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
        fc.integer({ min: 40, max: 120 }),
        fc.boolean(),
        (rows, width, painted) => {
          const shown = rows.map(([a, b, c]) => [a, painted ? coloured.bad(b) : b, c]);
          const text = tableText({ columns: ['first', 'second', 'third'], rows: shown }, width, coloured);
          for (const line of text.split('\n'))
            expect(stringWidth(line), JSON.stringify(line)).toBeLessThanOrEqual(width);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('breaks the names of columns, too', () => {
    const text = tableText({ columns: ['run', 'listens on'], rows: [['a', '1']] }, 15, bare);
    expect(text).toBe('run  listens\n     on\na    1\n');
  });

  it('is lines where columns have no room', () => {
    const columns = ['run', 'command', 'netbox'];
    const text = tableText({ columns, rows: [['20261129-190115-pvg', 'undo', 'x'.repeat(40)]] }, 30, bare);
    expect(text).toBe(`run: 20261129-190115-pvg\ncommand: undo\nnetbox: ${'x'.repeat(22)}\n${'x'.repeat(18)}\n\n`);
  });

  it('lets nothing through that moves the cursor, but keeps our colours', () => {
    const text = tableText(
      { columns: ['a'], rows: [[`${esc}[2J${esc}]0;title\u0007\u0000\u202e`], [coloured.bad('bad')]] },
      80,
      bare,
    );
    expect(text).not.toContain(`${esc}[2J`);
    expect(text).not.toContain(`${esc}]`);
    expect(text).not.toContain('\u202e');
    expect(text).toContain(coloured.bad('bad'));
  });

  it('has no colour of its own where none is wanted', () => {
    expect(tableText({ columns: ['a'], rows: [['b']] }, 80, bare)).not.toContain(esc);
  });

  it('takes very many rows on a pipe', () => {
    const rows = Array.from({ length: 20_000 }, () => ['x']);
    expect(tabSeparated({ columns: ['a'], rows })).toHaveLength(40_000);
  });
});

it.each<[string, number[], number[], number, number[] | undefined]>([
  ['the widest give way', [4, 10, 100], [4, 10, 20], 80, [4, 10, 60]],
  ['what fits stays', [4, 10], [4, 10], 80, [4, 10]],
  ['two as wide share', [90, 90], [5, 5], 80, [38, 38]],
  ['words stay whole while others have any to give', [19, 40, 40], [19, 38, 8], 80, [19, 38, 17]],
  ['the first column is not broken', [19, 60, 22], [19, 34, 22], 60, [19, 17, 18]],
  ['unless it takes more than half', [60, 10], [60, 10], 40, [26, 10]],
  ['none falls below eight', [50, 50, 50], [50, 50, 50], 30, undefined],
])('widths: %s', (_, natural, words, available, widths) => {
  expect(fitWidths(natural, available, () => words)).toEqual(widths);
});

describe('a table on a pipe', () => {
  it('is one line a row, tabs between cells, no header', () => {
    expect(
      tabSeparated({
        columns: ['a', 'b'],
        rows: [
          ['1', 'x\ty\nz'],
          ['2', ''],
        ],
      }),
    ).toBe('1\tx y z\n2\t\n');
  });

  it('has no colour, also when the cells have', () => {
    expect(tabSeparated({ columns: ['a'], rows: [[coloured.bad('bad')], [`${esc}[2Jx`]] })).toBe('bad\n?[2Jx\n');
  });
});
