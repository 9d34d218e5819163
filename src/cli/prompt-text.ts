import stringWidth from 'string-width';
import { plain } from './screen.ts';
import { wrapped } from './wrap.ts';

/**
 * What a prompt asks, in lines that fit: it would break them inside of words itself. Before the first stands a sign and a blank, and the others are set
 * in as far; so much room as `behind` says is left at the end, or else it has a line of its own.
 */
export function promptText(text: string, columns: number, behind = 0): string {
  const room = columns - 2;
  const lines = wrapped(plain(text), room).split('\n');
  const isFull = stringWidth(lines.at(-1) ?? '') + behind > room;
  return `${lines.join('\n  ')}${isFull ? '\n ' : ''}`;
}
