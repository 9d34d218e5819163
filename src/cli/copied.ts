import { groups, sections } from './groups.ts';
import { withoutPaint } from './screen.ts';

/**
 * The words of a line, where what is to be copied is one word: a command of bmtool's, and what stands in quotes or backticks. What is longer than
 * `columns` comes in its parts. Joined by blanks they are the line again.
 */
export function piecesOf(line: string, columns: number): string[] {
  const words = line.split(' ');
  const fits = (start: number, end: number) => withoutPaint(words.slice(start, end).join(' ')).length <= columns;
  const pieces: string[] = [];
  for (let start = 0, end = 0; start < words.length; start = end) {
    const ends = [endOfCommand(words, start), endOfQuoted(words, start)];
    end = ends.find(one => one > start && fits(start, one)) ?? start + 1;
    pieces.push(words.slice(start, end).join(' '));
  }
  return pieces;
}

const known = new Set(sections.flatMap(({ has }) => has));

/** Behind the last word of the command that begins at `start`; `start` where none does. */
function endOfCommand(words: readonly string[], start: number): number {
  const at = (i: number) => withoutPaint(words[i] ?? '');
  if (!/^\W*bmtool$/.test(at(start)) || !known.has(withoutStop(at(start + 1)))) return start;
  // Behind a colon nothing but the command stands; elsewhere the sentence may go on, in words that no command has.
  const isAlone = at(start - 1).endsWith(':');
  let path = '';
  let end = start + 1;
  while (end < words.length && !isStop(at(end - 1))) {
    const isOfPath = path === '' || path in groups;
    const isHeld = isAlone || isOfPath || /^(--.*|&&|[|>])$/.test(at(end - 1));
    if (!isHeld && isProse(at(end))) break;
    path = at(end) === 'bmtool' ? '' : `${path} ${withoutStop(at(end))}`.trim();
    end = Math.max(end + 1, endOfQuoted(words, end));
  }
  return end;
}

/** Names, flags, numbers and what a shell reads are none. */
function isProse(word: string): boolean {
  return word.startsWith('(') || /^[a-z]*[.,;:)]*$/.test(word);
}

function isStop(word: string): boolean {
  return /[.,;)]$/.test(word);
}

/** Behind the word that closes what the word at `start` opens; `start` where it opens nothing. */
function endOfQuoted(words: readonly string[], start: number): number {
  if (!/^[(=\w-]*["`]/.test(withoutPaint(words[start] ?? ''))) return start;
  const quoted = /^[^"`]*(?:"[^"]*"|`[^`]*`)\S*/.exec(withoutPaint(words.slice(start).join(' ')))?.[0];
  return quoted === undefined ? start : start + quoted.split(' ').length;
}

function withoutStop(word: string): string {
  return word.replace(/\W+$/, '');
}
