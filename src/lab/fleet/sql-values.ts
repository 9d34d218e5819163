export type Value = string | number | boolean | null | undefined;

/** One kind of rows of one table. Columns that are in neither list become NULL or the table's default. */
export type Insert = {
  table: string;
  /** Column = SQL expression that holds for every row; it may name the columns of `v`, the varying part. */
  same: Readonly<Record<string, string>>;
  /** What differs from row to row: `name`, or `name::type` where text does not turn into the column's type by itself. */
  columns: readonly string[];
  rows: readonly (readonly Value[])[];
};

/** When the fleet was "created"; fixed, so that the same fleet gives the same bytes. */
export const writtenAt = '2026-01-05 08:00:00+00';

/** What every NetBox object has. */
export const objectColumns = {
  created: literal(writtenAt),
  last_updated: literal(writtenAt),
  custom_field_data: "'{}'",
} as const;

const rowsPerStatement = 1000;

/** INSERT statements with the constant columns said once, a thousand rows each. */
export function* insertSql({ table, same, columns, rows }: Insert): Iterable<string> {
  const names = columns.map(column => column.split('::', 1)[0] ?? column);
  const target = [...Object.keys(same), ...names].join(', ');
  const source = [...Object.values(same), ...columns.map(column => `v.${column}`)].join(', ');
  for (let first = 0; first < rows.length; first += rowsPerStatement) {
    const values = rows.slice(first, first + rowsPerStatement).map(row => `(${row.map(valueSql).join(',')})`);
    yield `INSERT INTO ${table} (${target})\nSELECT ${source}\nFROM (VALUES\n${values.join(',\n')}\n) AS v (${names.join(', ')});\n`;
  }
}

export function valueSql(value: Value): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'string' ? literal(value) : String(value);
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The id a model has in this database; ids of content types depend on the order of migrations. */
export function contentType(app: string, model: string): string {
  return `(SELECT id FROM django_content_type WHERE app_label = '${app}' AND model = '${model}')`;
}

/** Database ids, counted from 1 in the order of the list, by natural key. */
export function idsOf<T>(list: readonly T[], key: (item: T) => string): (key: string) => number {
  const ids = new Map(list.map((item, i) => [key(item), i + 1]));
  return wanted => {
    const id = ids.get(wanted);
    if (id === undefined) throw new Error(`the fleet refers to "${wanted}", which it does not contain`);
    return id;
  };
}
