import CliTable from 'cli-table3';
import stringWidth from 'string-width';
import { records } from './records.ts';
import { plainPainted } from './screen.ts';
import type { Paint, Table } from './view.ts';
import { broken } from './wrap.ts';

const gap = 2;
const leastColumn = 8;

/**
 * A table for a person: aligned columns without frames, the widest ones wrapped so that all fit into a terminal `width` characters wide; where it is
 * too narrow for that, lines.
 */
export function tableText({ columns, rows }: Table, width: number, paint: Paint): string {
  const cells = rows.map(row => columns.map((_, i) => plainPainted(row[i] ?? '').replaceAll('\t', ' ')));
  const widest = (measure: (cell: string) => number) =>
    columns.map((name, i) => cells.reduce((most, row) => Math.max(most, measure(row[i] ?? '')), measure(name)));
  const widths = fitWidths(widest(stringWidth), width, () => widest(longestWord));
  if (widths === undefined) {
    const names = columns.map(name => name && paint.bold(name));
    return records({ columns: names, rows: cells })
      .map(line => `${broken(line, width, { hard: true })}\n`)
      .join('');
  }
  const drawn = new CliTable({ chars: noFrame, style: { compact: true, 'padding-left': 0, 'padding-right': gap } });
  drawn.push(columns.map((name, i) => paint.bold(broken(name, widths[i] ?? width, { hard: true }))));
  for (const row of cells) drawn.push(row.map((cell, i) => broken(cell, widths[i] ?? width, { hard: true })));
  return `${drawn
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n')}\n`;
}

/**
 * Takes width from the widest columns until the sum fits: first between words, then inside words; but not in the first column, which has the name or id
 * that a person copies. Nothing where a column would have to fall below `leastColumn`.
 */
export function fitWidths(
  natural: readonly number[],
  available: number,
  words: () => readonly number[],
): number[] | undefined {
  const widths = [...natural];
  // With a gap behind the last column, too: cli-table3 takes some newer emoji for one column wide.
  let over = widths.reduce((sum, width) => sum + width + gap, 0) - available;
  if (over <= 0) return widths;
  const longest = words();
  const first = Math.min(longest[0] ?? 0, Math.floor(available / 2));
  for (const least of [longest, [first]]) {
    for (; over > 0; over -= 1) {
      const floor = (i: number) => Math.max(leastColumn, least[i] ?? 0);
      const giving = widths.reduce(
        (most, width, i) => (width > floor(i) && width > (widths[most] ?? 0) ? i : most),
        -1,
      );
      if (giving < 0) break;
      widths[giving] = (widths[giving] ?? 0) - 1;
    }
  }
  return over > 0 ? undefined : widths;
}

function longestWord(cell: string): number {
  return Math.max(...cell.split(/\s/).map(word => stringWidth(word)));
}

const noFrame = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
} as const;
