/**
 * Every sign that bmtool prints is in here: a test reads the sources for others. Marks stand at the start of a line or alone in a cell; the other signs screen
 * readers skip or spell out. What `--plain` says in their stead. As strings: esbuild writes these in ASCII, and patterns as they are.
 */
const marks: readonly (readonly [mark: string, says: string])[] = [
  ['✓', 'ok'],
  ['✗', 'failed'],
  ['!', 'warning'],
];
const signs: readonly (readonly [pattern: string, says: string])[] = [
  ['^[–-]$', 'none'],
  [' ?→ ?', ' to '],
  [' – ', ' to '],
  [' · ', ', '],
  ['…', '...'],
];

const words: readonly (readonly [sign: RegExp, says: string])[] = [
  ...marks.map(([mark, says]) => [new RegExp(`^(\\s*)${mark} `, 'gm'), `$1${says}: `] as const),
  ...marks.map(([mark, says]) => [new RegExp(`^${mark}$`, 'g'), says] as const),
  ...signs.map(([pattern, says]) => [new RegExp(pattern, 'g'), says] as const),
];

/** A text, or a table's cell, as it is read aloud. */
export function spoken(text: string): string {
  return words.reduce((said, [sign, says]) => said.replaceAll(sign, says), text);
}
