import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { Failure } from '../../../core/failure.ts';
import { digestOf, type FileManifest, fileManifest } from '../manifest.ts';

/**
 * A snapshot in a file: one line of JSON, filled up with spaces, and behind it the bytes of `pg_dump -Fc`.
 *
 *     {"bmtool":"snapshot","format":1,"sha256":"…","dump":{"bytes":2863904,"sha256":"…","by":"pg_dump 18.6"},"manifest":{…}}
 *
 * The first sha256 is that of the line itself, to the end of the line, without these 64 characters: together the two answer for every byte of
 * the file. They tell damage; against somebody who writes a file of their own they tell nothing.
 */
export type Head = { readonly dump: DumpPart; readonly manifest: FileManifest };

export type DumpPart = {
  readonly bytes: number;
  readonly sha256: string;
  /** `pg_dump 18.6` */
  readonly by: string;
};

const format = 1;
const begin = '{"bmtool":"snapshot","format":';
const newline = 0x0a;
/** A queue of some hundred thousand events. */
const mostBytes = 64 * 2 ** 20;

const short = (length: number) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be in it
  v.pipe(v.string(), v.maxLength(length), v.regex(/^[^\u0000-\u001f\u007f-\u009f]*$/u));

/** What an entry of the queue can be: anything else would be refused when it is put back, which is too late. */
const entry = v.pipe(
  v.string(),
  v.check(text => {
    if (!text.startsWith('base64:')) return text.isWellFormed();
    const coded = text.slice('base64:'.length);
    return Buffer.from(coded, 'base64').toString('base64') === coded;
  }),
);

/** Stricter than what bmtool wrote itself beside its databases: a file may come from anybody. */
const head = v.object({
  dump: v.object({
    bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    by: v.pipe(v.string(), v.regex(/^pg_dump \d{1,4}[\w.]{0,20}$/)),
  }),
  manifest: v.object({
    ...fileManifest.entries,
    name: short(100),
    savedAt: v.pipe(
      fileManifest.entries.savedAt,
      v.check(text => !Number.isNaN(Date.parse(text))),
    ),
    note: short(1000),
    who: short(300),
    tool: short(50),
    source: short(100),
    netbox: short(50),
    postgres: short(50),
    queue: v.pipe(
      v.object({ ...fileManifest.entries.queue.entries, entries: v.array(entry) }),
      v.check(({ entries, digest }) => digestOf(entries) === digest),
    ),
  }),
});

/** The room that a head takes, whatever its dump turns out to be. Throws `Failure` when it is too much. */
export function headRoom(manifest: FileManifest, by: string): number {
  const widest = { bytes: Number.MAX_SAFE_INTEGER, sha256: '0'.repeat(64), by };
  const room = Buffer.byteLength(headLine({ dump: widest, manifest }, '0'.repeat(64))) + 1;
  if (room <= mostBytes) return room;
  throw new Failure('queue-too-large', `${manifest.queue.entries.length} events in the queue are too much for a file`, {
    next: 'Work off the queue first, or take those that matter out of it.',
  });
}

/** The line that fills the room, with its end. */
export function writeHead(content: Head, room: number): Buffer {
  const digest = digestOfLine(filled(headLine(content, ''), room - digestLength));
  return filled(headLine(content, digest), room);
}

function headLine({ dump, manifest }: Head, sha256: string): string {
  return `${begin}${format},"sha256":"${sha256}",${JSON.stringify({ dump, manifest }).slice(1)}`;
}

function filled(line: string, room: number): Buffer {
  return Buffer.from(`${line}${' '.repeat(room - Buffer.byteLength(line) - 1)}\n`);
}

const digestLength = 64;
const digestOfLine = (bare: Buffer) => createHash('sha256').update(bare).digest('hex');

/**
 * Reads the head at the beginning of a file; nothing when its end is not among these bytes. Throws `Failure` (exit 2) for what cannot be one.
 *
 * @param start as much of the file as has been read
 */
export function readHead(start: Buffer, file: string): { head: Head; room: number } | undefined {
  checkKind(start, file);
  const end = start.indexOf(newline);
  if (end === -1 && start.length > mostBytes) throw damaged(file, 'its first line has no end');
  if (end === -1) return undefined;
  const line = start.subarray(0, end + 1);
  // One character for each byte, so that places are places.
  const beginning = line.subarray(0, 200).toString('latin1');
  const [, number, digest] = /^[^0-9]*(\d{1,9})(?:,"sha256":"([0-9a-f]{64})")?/.exec(beginning) ?? [];
  if (number !== undefined && Number(number) > format) throw newer(file, number);
  const at = digest === undefined ? -1 : beginning.indexOf(digest);
  if (
    digest === undefined ||
    digest !== digestOfLine(Buffer.concat([line.subarray(0, at), line.subarray(at + digestLength)]))
  )
    throw damaged(file, 'its first line is not what was written');
  return { head: parse(line, file), room: line.length };
}

/** What is right by its digest and wrong all the same was written by another program. */
function parse(line: Buffer, file: string): Head {
  const parsed = v.safeParse(head, JSON.parse(line.toString()));
  if (parsed.success) return parsed.output;
  const place = v.getDotPath(parsed.issues[0]) ?? 'its beginning';
  throw new Failure('export-damaged', `${file} says what no bmtool writes, at "${place}"`, { next: untouched });
}

const untouched = 'Nothing was changed. Take the file anew from where it was exported.';

export function damaged(file: string, what: string): Failure {
  return new Failure('export-damaged', `${file} is cut off or was changed: ${what}`, { next: untouched });
}

function newer(file: string, number: string): Failure {
  return new Failure(
    'export-too-new',
    `${file} has format ${number}, of a newer bmtool; this one reads format ${format}`,
    { next: 'Nothing was changed. Bring bmtool up to date.' },
  );
}

/** What people take for an exported snapshot, by its first bytes. */
const others: readonly (readonly [start: string, what: string])[] = [
  ['PGDMP', 'a dump of pg_dump (custom format)'],
  ['toc.dat', 'a dump of pg_dump (tar format)'],
  ['--\n-- PostgreSQL database', 'a dump of pg_dump (SQL)'],
  ['\u001f\u008b', 'packed by gzip'],
  ['(\u00b5/\u00fd', 'packed by zstd'],
];

function checkKind(start: Buffer, file: string): void {
  const next =
    'Nothing was changed. bmtool imports what "bmtool snapshot export" wrote; pg_restore or psql load a plain dump.';
  if (start.length === 0) throw new Failure('not-an-export', `${file} is empty`, { next: untouched });
  const text = start.subarray(0, 100).toString('latin1');
  if (text.startsWith(begin) || begin.startsWith(text)) return;
  const other = others.find(([mark]) => text.startsWith(mark))?.[1];
  throw new Failure(
    'not-an-export',
    `${file} is ${other === undefined ? 'no exported snapshot' : `${other}, not an exported snapshot`}`,
    { next },
  );
}
