import type { Bytes } from './entry.ts';

/** The whole lines of a text, without their ends. A line longer than any is passed over. */
export function linesOf(text: Bytes, longest: number): { lines: string[]; used: number } {
  const end = text.lastIndexOf('\n') + 1;
  const lines = text
    .slice(0, end)
    .split('\n')
    .filter(line => line.length > 0 && line.length <= longest)
    .map(line => (line.endsWith('\r') ? line.slice(0, -1) : line));
  return { lines, used: end === 0 && text.length > longest ? text.length : end };
}
