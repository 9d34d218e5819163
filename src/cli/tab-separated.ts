import { plain, withoutPaint } from './screen.ts';
import type { Table } from './view.ts';

/** The same rows for programs: one line a row, tabs between cells, no header, no colour. */
export function tabSeparated({ rows }: Table): string {
  return rows
    .map(row => `${row.map(cell => plain(withoutPaint(cell)).replaceAll(/[\t\n]/g, ' ')).join('\t')}\n`)
    .join('');
}
