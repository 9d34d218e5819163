import wrapAnsi from 'wrap-ansi';
import { withoutPaint } from './screen.ts';

/**
 * Lines broken between words where they are longer than the terminal, which would break them inside; what is broken off stands as far in as the line
 * does. Longer words stay whole, to be copied.
 */
export function wrapped(text: string, columns: number): string {
  return text
    .split('\n')
    .map(line => {
      const indent = /^ */.exec(withoutPaint(line))?.[0] ?? '';
      return wrapAnsi(line.replace(indent, ''), columns - indent.length)
        .split('\n')
        .map(part => `${indent}${part}`.trimEnd())
        .join('\n');
    })
    .join('\n');
}
