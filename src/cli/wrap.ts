import wrapAnsi from 'wrap-ansi';
import { piecesOf } from './copied.ts';
import { withoutPaint } from './screen.ts';

/** Stands for a blank that no line is broken at: private to whoever uses it (Unicode), one column wide. */
const blank = '\ue000';

/**
 * Lines broken between words where they are longer than the terminal, which would break them inside; what is broken off stands as far in as the line
 * does, and `hang` columns more. Longer words stay whole, to be copied; so do commands and what is quoted, where they fit into a line.
 */
export function wrapped(text: string, columns: number, hang = 0): string {
  return text
    .split('\n')
    .map(line => {
      const indent = /^ */.exec(withoutPaint(line))?.[0] ?? '';
      const room = columns - indent.length - hang;
      const [first = '', ...rest] = broken(line.replace(indent, ''), room).split('\n');
      const below = `${indent}${' '.repeat(hang)}`;
      return [`${indent}${first}`, ...rest.map(part => `${below}${part}`)].map(part => part.trimEnd()).join('\n');
    })
    .join('\n');
}

/** Lines of at most `columns`: broken between words, and with `hard` inside of those that are longer. */
export function broken(line: string, columns: number, { hard = false } = {}): string {
  const pieces = piecesOf(line, columns).map(piece => piece.replaceAll(' ', blank));
  return wrapAnsi(pieces.join(' '), columns, { hard }).replaceAll(blank, ' ');
}
