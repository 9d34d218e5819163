import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const tailBytes = 64 * 1024;

/** The last `count` lines of a file, at most 64 kB of it; none when there is no such file. */
export function tailOf(path: string, count: number): string[] {
  return readTail(path, count).lines;
}

/**
 * The last `count` lines of a file and then, until the signal ends it, every line that is added. A file that was emptied is
 * read from its start again.
 */
export async function* followFile(
  path: string,
  options: { lines: number; signal: AbortSignal; everyMs: number },
): AsyncGenerator<string> {
  const tail = readTail(path, options.lines);
  yield* tail.lines;
  let at = tail.end;
  let rest = '';
  while (!options.signal.aborted) {
    const { text, end } = readFrom(path, at);
    at = end;
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
    if (text === '') await pause(options.everyMs, undefined, { signal: options.signal }).catch(() => {});
  }
}

function readTail(path: string, count: number): { lines: string[]; end: number } {
  if (!existsSync(path)) return { lines: [], end: 0 };
  const size = sizeOf(path);
  const { text, end } = readFrom(path, Math.max(0, size - tailBytes));
  const lines = text.split('\n');
  if (size > tailBytes) lines.shift();
  if (lines.at(-1) === '') lines.pop();
  return { lines: count === 0 ? [] : lines.slice(-count), end };
}

function sizeOf(path: string): number {
  const file = openSync(path, 'r');
  try {
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

/** What stands in the file from `offset` on; from the start when the file is shorter than that by now. */
function readFrom(path: string, offset: number): { text: string; end: number } {
  if (!existsSync(path)) return { text: '', end: 0 };
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const from = size < offset ? 0 : offset;
    const bytes = Buffer.alloc(size - from);
    const count = readSync(file, bytes, 0, bytes.length, from);
    return { text: bytes.toString('utf8', 0, count), end: from + count };
  } finally {
    closeSync(file);
  }
}
