/** Every sign that bmtool prints is in here: a test reads the sources for others. Marks at the start of a line or alone in a cell, and signs that screen readers skip or spell out: what `--plain` says in their stead. */
const words: readonly (readonly [sign: RegExp, says: string])[] = [
  [/^(\s*)✓ /gm, '$1ok: '],
  [/^(\s*)✗ /gm, '$1failed: '],
  [/^(\s*)! /gm, '$1warning: '],
  [/^✓$/g, 'ok'],
  [/^✗$/g, 'failed'],
  [/^!$/g, 'warning'],
  [/^[–-]$/g, 'none'],
  [/ ?→ ?/g, ' to '],
  [/ – /g, ' to '],
  [/ · /g, ', '],
  [/…/g, '...'],
];

/** A text, or a table's cell, as it is read aloud. */
export function spoken(text: string): string {
  return words.reduce((said, [sign, says]) => said.replaceAll(sign, says), text);
}
