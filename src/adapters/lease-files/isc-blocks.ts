import type { Bytes } from './entry.ts';

/** A lease's block without its head and its last brace. */
export type Block = { readonly address: string; readonly body: Bytes };

/** A word of a statement: bare, or what was in quotes, its escapes undone. */
export type Word = { readonly text: Bytes; readonly quoted: boolean };
export type Statement = readonly Word[];

const head = /^[ \t]*lease[ \t]+([\d.]{7,15})[ \t]*\{/gm;
/** What decides where a block ends: strings and comments hide braces. dhcpd never breaks a line inside quotes, so neither does a torn one. */
const turns = /"(?:\\[^\n]|[^"\\\n])*"?|#[^\n]*|[{}]/g;

/**
 * Finds the whole lease blocks of a text. One that has no end before the next begins was torn (dhcpd died, the disk was full) and is left out;
 * one at the very end may be still being written: `used` stops before it, unless it is longer than any.
 */
export function blocksOf(text: Bytes, longest: number): { blocks: Block[]; used: number } {
  const blocks: Block[] = [];
  const heads = [...text.matchAll(head)];
  let used = 0;
  for (const [i, found] of heads.entries()) {
    // A head inside the block before it is that block's text.
    if (found.index < used) continue;
    const from = found.index + found[0].length;
    const next = heads[i + 1]?.index ?? text.length;
    const end = endOf(text, from, Math.min(next, from + longest));
    if (end !== undefined) {
      blocks.push({ address: found[1] ?? '', body: text.slice(from, end) });
      used = end + 1;
    } else if (heads[i + 1] === undefined && text.length - found.index <= longest) {
      return { blocks, used: found.index };
    }
  }
  const lines = text.lastIndexOf('\n') + 1;
  return { blocks, used: Math.max(used, lines === 0 && text.length > longest ? text.length : lines) };
}

/** Where the brace is that closes a block; nothing when it is not before `limit`. */
function endOf(text: Bytes, from: number, limit: number): number | undefined {
  let depth = 1;
  turns.lastIndex = from;
  for (let found = turns.exec(text); found !== null && found.index < limit; found = turns.exec(text)) {
    if (found[0] === '{') depth += 1;
    if (found[0] === '}') depth -= 1;
    if (depth === 0) return found.index;
  }
  return undefined;
}

const pieces = /"((?:\\[^\n]|[^"\\\n])*)"?|#[^\n]*|[{};]|[^\s"#{};]+/g;

/** The statements of a block itself, as words. Those of blocks inside it (`on expiry { … }`) are the server's to carry out. */
export function statementsOf(body: Bytes): Statement[] {
  const statements: Statement[] = [];
  let words: Word[] = [];
  let depth = 0;
  for (const [piece, quoted] of body.matchAll(pieces)) {
    if (piece === '{') depth += 1;
    else if (piece === '}') {
      depth -= 1;
      words = [];
    } else if (depth > 0 || piece.startsWith('#')) continue;
    else if (piece === ';') {
      statements.push(words);
      words = [];
    } else if (words.length < 8) {
      words.push(quoted === undefined ? { text: piece, quoted: false } : { text: unescaped(quoted), quoted: true });
    }
  }
  return statements;
}

const letters: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b' };

/** dhcpd writes what is not printable as `\ooo`, and `\"` and `\\`; its reader knows C's letters and `\xhh` besides. */
function unescaped(text: Bytes): Bytes {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(?:([0-3]?[0-7]{1,2})|x([0-9a-f]{1,2})|(.))/gis, (_, octal, hex, other: string) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return letters[other] ?? other;
  });
}
