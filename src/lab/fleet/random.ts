/** A deterministic stream of choices. The same seed and label give the same stream on every machine. */
export type Random = {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
  /** One of the values, each as often as its weight says. */
  weighted<T>(from: readonly (readonly [value: T, weight: number])[]): T;
  /** `length` characters out of `alphabet`. */
  text(length: number, alphabet: string): string;
};

/**
 * Opens the stream that belongs to a seed and a label. One stream per question ("serials", "vendors"), so that a new
 * row in one table does not reshuffle everything else.
 */
export function seededRandom(seed: number, label: string): Random {
  let state = hash(`${seed}/${label}`);
  // Mulberry32: 32 bits of state, passes gjrand; far more than a fleet needs, and six lines.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick: from => from[below(from.length)] ?? from[0],
    weighted: from => pickWeighted(from, next()),
    text: (length, alphabet) => Array.from({ length }, () => alphabet[below(alphabet.length)]).join(''),
  };
}

function pickWeighted<T>(from: readonly (readonly [T, number])[], point: number): T {
  const total = from.reduce((sum, [, weight]) => sum + weight, 0);
  let left = point * total;
  for (const [value, weight] of from) {
    left -= weight;
    if (left < 0) return value;
  }
  throw new Error('a weighted choice needs at least one value with a weight');
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return value | 0;
}
