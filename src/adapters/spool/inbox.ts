import {
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { inboxName } from './append.ts';

/** How far each of the spool's files was read, by inode: a file keeps its number when it is renamed. */
export type Cursor = Readonly<Record<string, number>>;

export type News = { readonly lines: readonly Uint8Array[]; readonly cursor: Cursor };

/** What is read at a time. */
const pageBytes = 1024 * 1024;
/** From here on the worker takes the inbox away, once it was read. */
const segmentBytes = 4 * 1024 * 1024;
/** A hook that opened the inbox before it was taken away has written long since. */
const quietMs = 60_000;
const segmentPrefix = 'segment-';

/** Whole lines that were appended since, oldest file first; at most a page. A line without its end is still being written: the next one's break ends it. */
export function readNews(folder: string, cursor: Cursor): News {
  const lines: Uint8Array[] = [];
  const next: Record<string, number> = {};
  let room = pageBytes;
  for (const { name, inode, size } of spoolFiles(folder)) {
    const before = cursor[inode] ?? 0;
    // Smaller than what was read of it: emptied by hand.
    const from = before > size ? 0 : before;
    const bytes = room <= 0 ? new Uint8Array() : readFrom(join(folder, name), from, Math.min(size - from, room));
    const whole = bytes.lastIndexOf(newline) + 1;
    lines.push(...linesOf(bytes.subarray(0, whole)));
    // A line longer than a page is no record: it is stepped over.
    const step = whole === 0 && bytes.length === pageBytes ? bytes.length : whole;
    next[inode] = from + step;
    room -= bytes.length;
  }
  return { lines, cursor: next };
}

/** Takes a large inbox away when all of it was read, and removes segments that are read and quiet. */
export function tidy(folder: string, cursor: Cursor, nowMs: number): Cursor {
  const files = spoolFiles(folder);
  const inbox = files.find(({ name }) => name === inboxName);
  if (inbox && inbox.size >= segmentBytes && cursor[inbox.inode] === inbox.size) rotate(folder, nowMs);
  const kept = { ...cursor };
  for (const { name, inode, size, changedMs } of files) {
    if (name === inboxName || cursor[inode] !== size || nowMs - changedMs < quietMs) continue;
    delete kept[inode];
    rmSync(join(folder, name), { force: true });
  }
  return kept;
}

/** How many lines were appended since, on all pages. */
export function countNews(folder: string, cursor: Cursor): number {
  const news = readNews(folder, cursor);
  const isAll = JSON.stringify(news.cursor) === JSON.stringify(cursor);
  return isAll ? news.lines.length : news.lines.length + countNews(folder, news.cursor);
}

export function bytesIn(folder: string): number {
  return spoolFiles(folder).reduce((sum, { size }) => sum + size, 0);
}

/** There is an inbox at every moment: a second name for the old one, then a new one over the old name. */
function rotate(folder: string, nowMs: number): void {
  const [inbox, fresh] = [join(folder, inboxName), join(folder, `${inboxName}.new`)];
  const { mode, uid, gid } = statSync(inbox);
  rmSync(fresh, { force: true });
  closeSync(openSync(fresh, 'wx', mode));
  // Only root can give a file away; everybody else has the group by the folder's setgid bit.
  if (process.getuid?.() === 0) chownSync(fresh, uid, gid);
  linkSync(inbox, join(folder, `${segmentPrefix}${nowMs}`));
  renameSync(fresh, inbox);
}

type SpoolFile = { readonly name: string; readonly inode: string; readonly size: number; readonly changedMs: number };

/** Segments by age, the inbox last. A rotation that was cut short leaves the inbox with a second name: that one is dropped. */
function spoolFiles(folder: string): SpoolFile[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder)
    .filter(name => name.startsWith(segmentPrefix))
    .sort();
  const stat = (name: string): SpoolFile[] => {
    const { ino, size, mtimeMs, isFile } = statFile(join(folder, name));
    return isFile ? [{ name, inode: String(ino), size, changedMs: mtimeMs }] : [];
  };
  const [inbox] = stat(inboxName);
  const segments = names.flatMap(stat).filter(({ name, inode }) => {
    if (inode !== inbox?.inode) return true;
    unlinkSync(join(folder, name));
    return false;
  });
  return [...segments, ...(inbox ? [inbox] : [])];
}

function statFile(path: string) {
  const found = statSync(path, { throwIfNoEntry: false });
  return {
    ino: found?.ino ?? 0,
    size: found?.size ?? 0,
    mtimeMs: found?.mtimeMs ?? 0,
    isFile: found?.isFile() ?? false,
  };
}

function readFrom(path: string, from: number, length: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, fstatSync(file).size - from)));
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
  } finally {
    closeSync(file);
  }
}

const newline = 10;

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(newline, from);
    if (end > from) lines.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return lines;
}
