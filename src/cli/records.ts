import type { Table } from './view.ts';

/**
 * A table in lines, a thing at a time, for readers who have no room for columns: `first: second` where there are two columns, else each row as lines
 * `column: value` with an empty line behind. Empty cells are left out; a column without a name has its cells alone.
 */
export function records({ columns, rows }: Table): string[] {
  const used = columns.map((name, i) => ({ name, i })).filter(({ i }) => rows.some(row => row[i]));
  if (used.length === 2 && used.every(({ name }) => name))
    return rows.map(row => used.map(({ i }) => row[i]).join(': '));
  return rows.flatMap(row => [
    ...used.filter(({ i }) => row[i]).map(({ name, i }) => (name ? `${name}: ${row[i]}` : `${row[i]}`)),
    '',
  ]);
}
