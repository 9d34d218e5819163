import { piecesOf } from './copied.ts';

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

/** Paragraphs broken between words and not in commands, so that no line is longer than `width`. What is set in by blanks stands as it is: tables, lists, examples. */
export function filled(text: string, width = 80): string {
  return text
    .split('\n\n')
    .map(paragraph => (/^\s/m.test(paragraph) ? paragraph : fill(paragraph, width)))
    .join('\n\n');
}

/** Lines that are longer than `width` broken between words, the rest as far in as the line was. Words stay whole, to be copied; what is painted stays as it is. */
export function folded(text: string, width: number): string {
  return text
    .split('\n')
    .map(line => {
      if (line.length <= width || line.includes('\u001b')) return line;
      const head = /^\s*/.exec(line)?.[0] ?? '';
      return hanging(head, line.trim(), width);
    })
    .join('\n');
}

/** Words behind a head, their further lines below its end. */
export function hanging(head: string, says: string, width = 80): string {
  return head + filled(says, width - head.length).replaceAll('\n', `\n${' '.repeat(head.length)}`);
}

function fill(paragraph: string, width: number): string {
  const lines: string[] = [];
  for (const word of piecesOf(paragraph.replaceAll(/\s+/g, ' '), width)) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join('\n');
}
