/** The few colours that mean something, where a word or a mark always says the same. On a pipe, under NO_COLOR or with `--no-color` they are plain text. */
export type Paint = {
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
};

export type Table = { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };

/**
 * What a command says, top to bottom. On a terminal everything is printed; piped, `table`, `row` and `print` are the result
 * on stdout (tables as tab-separated rows without a header) and `say` is talk, which goes to stderr. `print` is printed as it is, also for a screen reader.
 */
export type Block =
  | { readonly block: 'say'; readonly text: string }
  | { readonly block: 'print'; readonly text: string }
  | { readonly block: 'table'; readonly table: Table }
  | { readonly block: 'row'; readonly cells: readonly RowCell[] };

/** A cell, and the least width that it has on a terminal. */
export type RowCell = string | readonly [text: string, width: number];

export function say(text: string): Block {
  return { block: 'say', text };
}

export function print(text: string): Block {
  return { block: 'print', text };
}

export function table(columns: readonly string[], rows: readonly (readonly string[])[]): Block {
  return { block: 'table', table: { columns, rows } };
}

/** A row of what comes little by little, when nobody can know yet how wide the columns will be. */
export function row(cells: readonly RowCell[]): Block {
  return { block: 'row', cells };
}

/** What a command may know about the place where its words are shown. */
export type View = { readonly paint: Paint; readonly verbose: boolean; readonly terminal: boolean };
