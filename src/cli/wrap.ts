import wrapAnsi from 'wrap-ansi';
import { withoutPaint } from './screen.ts';

/**
 * Lines broken between words where they are longer than the terminal, which would break them inside; what is broken off stands as far in as the line
 * does, and `hang` columns more. Longer words stay whole, to be copied.
 */
export function wrapped(text: string, columns: number, hang = 0): string {
  return text
    .split('\n')
    .map(line => {
      const indent = /^ */.exec(withoutPaint(line))?.[0] ?? '';
      const [first = '', ...rest] = wrapAnsi(line.replace(indent, ''), columns - indent.length - hang).split('\n');
      const below = `${indent}${' '.repeat(hang)}`;
      return [`${indent}${first}`, ...rest.map(part => `${below}${part}`)].map(part => part.trimEnd()).join('\n');
    })
    .join('\n');
}
