import type { Shell } from './scripts.ts';

/** What a shell handed over, as the words behind `bmtool`; the last one is being typed. */
export type Handed = {
  readonly words: readonly string[];
  /** How many characters of each answer the shell has already, and does not replace. */
  readonly has: number;
};

/**
 * zsh and fish hand over the words. bash hands over the line up to the cursor and what it takes for the last word: it cuts at `:` and `=` too, and would
 * put an answer behind what it had cut off.
 */
export function handedBy(shell: Shell, args: readonly string[]): Handed {
  if (shell !== 'bash') return { words: args, has: 0 };
  const [line = '', cut = ''] = args;
  const words = splitLine(line).slice(1);
  const last = words.at(-1) ?? '';
  const replaced = /^[:=]$/.test(cut) || !last.endsWith(cut) ? '' : cut;
  return { words, has: last.endsWith(cut) ? last.length - replaced.length : 0 };
}

/** A line as a shell would take it apart: blanks, both kinds of quotes, backslashes. The last word may be empty or unfinished. */
export function splitLine(line: string): string[] {
  const words = [''];
  let quote = '';
  for (let i = 0; i < line.length; i += 1) {
    const char = line[i] ?? '';
    const add = (text: string) => {
      words[words.length - 1] += text;
    };
    if (quote !== '') {
      if (char === quote) quote = '';
      else add(char);
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '\\') add(line[++i] ?? '');
    else if (/\s/.test(char)) {
      if (words.at(-1) !== '') words.push('');
    } else add(char);
  }
  return words;
}
