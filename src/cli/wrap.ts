import wrapAnsi from 'wrap-ansi';

/** Lines broken between words where they are longer than the terminal, which would break them inside. Longer words stay whole, to be copied. */
export function wrapped(text: string, columns: number): string {
  return wrapAnsi(text, columns, { trim: false })
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n');
}
