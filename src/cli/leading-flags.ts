import { commonFlags } from './describe.ts';

const switches = new Set(commonFlags.filter(({ placeholder }) => !placeholder).map(({ flag }) => flag));

/** No command among the words, and nothing that is asked of bmtool itself. */
export function isFlagsAlone(argv: readonly string[]): boolean {
  return argv.every(word => switches.has(word));
}

/**
 * The words as they are read: what every command takes may stand before it, too (`bmtool --plain doctor`), and is put behind the words that name it. So
 * is what overrides a setting. `namedBy` tells how many words that are.
 */
export function withFlagsBehind(
  argv: readonly string[],
  settingFlags: readonly { readonly flag: string }[],
  namedBy: (words: readonly string[]) => number,
): readonly string[] {
  const valued = new Set([
    ...commonFlags.filter(({ placeholder }) => placeholder).map(({ flag }) => flag),
    ...settingFlags.map(({ flag }) => flag),
  ]);
  let end = 0;
  for (let word = argv[0] ?? ''; ; word = argv[end] ?? '') {
    if (valued.has(word)) end += 2;
    else if (switches.has(word) || valued.has(word.replace(/=.*/s, ''))) end += 1;
    else break;
  }
  const [flags, words] = [argv.slice(0, end), argv.slice(end)];
  // What names no command stays first all the same: a word that is misspelled, or --help.
  const named = Math.max(1, namedBy(words));
  return [...words.slice(0, named), ...flags, ...words.slice(named)];
}
