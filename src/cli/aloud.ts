import { plain, withoutPaint } from './screen.ts';
import { spoken } from './spoken.ts';
import type { Table } from './view.ts';

/** A table as it is read aloud, a thing at a time: `first: second` where there are two columns, else each row as lines `column: value` with an empty line behind. Empty cells are left out. */
export function aloud({ columns, rows }: Table): string {
  const used = columns.map((name, i) => ({ name: spoken(name), i })).filter(({ i }) => rows.some(row => row[i]));
  if (used.length === 2 && used.every(({ name }) => name))
    return rows.map(row => `${used.map(({ i }) => cellText(row[i])).join(': ')}\n`).join('');
  const record = (row: readonly string[]) =>
    used
      .filter(({ i }) => row[i])
      .map(({ name, i }) => `${name && `${name}: `}${cellText(row[i])}\n`)
      .join('');
  return rows.map(row => `${record(row)}\n`).join('');
}

export function cellText(cell = ''): string {
  return spoken(plain(withoutPaint(cell)).replaceAll(/[\t\n]/g, ' '));
}
