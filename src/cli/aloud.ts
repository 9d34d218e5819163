import { records } from './records.ts';
import { plain, withoutPaint } from './screen.ts';
import { spoken } from './spoken.ts';
import type { Table } from './view.ts';

/** A table as it is read aloud. */
export function aloud({ columns, rows }: Table): string {
  const said = records({ columns: columns.map(spoken), rows: rows.map(row => row.map(cellText)) });
  return said.map(line => `${line}\n`).join('');
}

export function cellText(cell: string): string {
  return spoken(plain(withoutPaint(cell)).replaceAll(/[\t\n]/g, ' '));
}
