import CliTable from 'cli-table3';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { plainPainted } from './screen.ts';
import type { Paint, Table } from './view.ts';

const gap = 2;
const leastColumn = 8;

/** A table for a person: aligned columns without frames, the widest ones wrapped so that all fit into a terminal `width` characters wide. */
export function tableText({ columns, rows }: Table, width: number, paint: Paint): string {
  const cells = rows.map(row => columns.map((_, i) => plainPainted(row[i] ?? '').replaceAll('\t', ' ')));
  const natural = columns.map((name, i) =>
    cells.reduce((widest, row) => Math.max(widest, stringWidth(row[i] ?? '')), stringWidth(name)),
  );
  const widths = fitWidths(natural, width);
  const drawn = new CliTable({ chars: noFrame, style: { compact: true, 'padding-left': 0, 'padding-right': gap } });
  drawn.push(columns.map(name => paint.bold(name)));
  for (const row of cells) drawn.push(row.map((cell, i) => wrapAnsi(cell, widths[i] ?? width, { hard: true })));
  return `${drawn
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n')}\n`;
}

/** Takes width from the widest column until the sum fits; no column falls below `leastColumn`. */
export function fitWidths(natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  const total = () => widths.reduce((sum, width) => sum + width + gap, 0);
  while (total() > available) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= leastColumn) break;
    widths[widest] = width - 1;
  }
  return widths;
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
