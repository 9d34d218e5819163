/**
 * Splits what pg_dump wrote into statements, without comments and psql's meta commands (`\restrict`, `\connect`).
 * Knows the lexical rules that decide where a statement ends: quoted strings and names, dollar-quoted function bodies,
 * nested block comments (PostgreSQL manual, 4.1). Whatever stands inside quotes is kept byte for byte.
 *
 * Each statement comes without its semicolon and with the blanks around it cut off.
 */
export function parseDump(dump: string): string[] {
  const statements: string[] = [];
  let current = '';
  let at = 0;
  while (at < dump.length) {
    const token = readToken(dump, { at, before: current });
    if (token.kind === 'end') {
      if (current.trim() !== '') statements.push(current.trim());
      current = '';
    } else if (token.kind === 'code') {
      current += dump.slice(at, token.end);
    }
    at = token.end;
  }
  if (current.trim() !== '') throw new Error(`the dump ends inside a statement: ${current.trim().slice(0, 80)}`);
  return statements;
}

/**
 * What remains of a dump that any PostgreSQL from 15 loads, in any database, as one simple query, the same on every run:
 * session settings go (the loader's session is not psql's), sequences that stand at their start go (CREATE set them),
 * and every timestamp value inside an INSERT becomes `timestamp`.
 *
 * @param timestamp ISO text, e.g. `2026-01-01 00:00:00+00`
 */
export function planSchema(statements: readonly string[], timestamp: string): string[] {
  const kept = statements
    .filter(statement => !isSessionSetting(statement) && !isUntouchedSequence(statement))
    .map(statement => (statement.startsWith('INSERT ') ? withTimestamps(statement, timestamp) : statement));
  return [...preamble, ...kept];
}

/** What the statements of a dump count on; until the end of the transaction only, so the session stays as it was. */
const preamble = ["SELECT pg_catalog.set_config('search_path', '', true)", 'SET LOCAL check_function_bodies = false'];

type Token = { kind: 'code' | 'skip' | 'end'; end: number };

function readToken(text: string, { at, before }: { at: number; before: string }): Token {
  const two = text.slice(at, at + 2);
  if (two === '--') return { kind: 'skip', end: lineEnd(text, at) };
  if (two === '/*') return { kind: 'skip', end: blockCommentEnd(text, at) };
  const char = text[at];
  if (char === '\\' && before.trim() === '') return { kind: 'skip', end: lineEnd(text, at) };
  if (char === ';') return { kind: 'end', end: at + 1 };
  if (char === "'" || char === '"') return { kind: 'code', end: quoteEnd(text, at) };
  if (char === '$') return { kind: 'code', end: dollarEnd(text, at) };
  return { kind: 'code', end: plainEnd(text, at) };
}

/** The run of characters that cannot start anything special; at least one, so that the reader always advances. */
function plainEnd(text: string, at: number): number {
  const special = /[-/\\;'"$]/g;
  special.lastIndex = at + 1;
  return special.exec(text)?.index ?? text.length;
}

function lineEnd(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline === -1 ? text.length : newline;
}

function blockCommentEnd(text: string, at: number): number {
  let depth = 0;
  const marks = /\/\*|\*\//g;
  marks.lastIndex = at;
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  throw new Error('the dump ends inside a comment');
}

/** `E'...'` is the only string in which a backslash escapes (standard_conforming_strings is on in every dump). */
function isEscapeString(text: string, at: number): boolean {
  return /(^|[^A-Za-z0-9_$])[eE]$/.test(text.slice(Math.max(0, at - 2), at));
}

function quoteEnd(text: string, at: number): number {
  const quote = text[at];
  const backslashEscapes = quote === "'" && isEscapeString(text, at);
  for (let i = at + 1; i < text.length; i += 1) {
    if (backslashEscapes && text[i] === '\\') i += 1;
    else if (text[i] === quote && text[i + 1] === quote) i += 1;
    else if (text[i] === quote) return i + 1;
  }
  throw new Error(`the dump ends inside quotes: ${text.slice(at, at + 80)}`);
}

function dollarEnd(text: string, at: number): number {
  // In the middle of a name `$` is a letter (`a$b$c`), not the start of a quote.
  if (/[A-Za-z0-9_\u0080-\uffff]/.test(text[at - 1] ?? '')) return at + 1;
  const tag = /^\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/.exec(text.slice(at, at + 80))?.[0];
  if (tag === undefined) return at + 1;
  const close = text.indexOf(tag, at + tag.length);
  if (close === -1) throw new Error(`the dump ends inside ${tag}`);
  return close + tag.length;
}

function isSessionSetting(statement: string): boolean {
  return /^(?:SET |SELECT pg_catalog\.set_config\()/.test(statement);
}

function isUntouchedSequence(statement: string): boolean {
  return /^SELECT pg_catalog\.setval\('[^']+', 1, false\)$/.test(statement);
}

/** Replaces whole string literals only, so that a date inside a longer text stays. */
function withTimestamps(statement: string, timestamp: string): string {
  return statement.replace(/'(?:[^']|'')*'/g, literal =>
    /^'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\+00'$/.test(literal) ? `'${timestamp}'` : literal,
  );
}
