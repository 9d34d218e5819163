import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { Failure } from '../../core/failure.ts';
import { osWords, unreadableWords } from '../../files/os-words.ts';
import { type HeadLook, lookAtHead, type Separator } from './head.ts';
import { findForeignByte } from './utf8.ts';

/** One data row. `line` is the line on which it begins, as an editor counts. */
export type SheetRow = { readonly line: number; readonly cells: readonly string[] };

/** How a table is written down: what the program of whoever sent it reads without being asked. */
export type SheetForm = {
  readonly separator: Separator;
  /** The byte order mark, by which Excel knows UTF-8. */
  readonly bom: boolean;
  /** Excel's own first line, `sep=;`. */
  readonly namesSeparator: boolean;
};

/** An opened table of text with a header. Its rows can be gone through more than once and are never all in memory. */
export type Sheet = {
  readonly name: string;
  readonly header: readonly string[];
  readonly bytes: number;
  readonly form: SheetForm;
  rows(): AsyncIterable<SheetRow>;
};

export type Sheets = {
  /** A path, or `-` for standard input. `Failure` (exit 2) for what is no table of text. */
  open(path: string): Promise<Sheet>;
  /** Refuses (`Failure`, exit 2) a file that `save` could not write, before any work is done for it. */
  checkWritable(path: string): Promise<void>;
  /** Writes rows to a file that appears whole or not at all, in the form of another. */
  save(path: string, rows: AsyncIterable<readonly string[]>, form: SheetForm): Promise<void>;
  close(): Promise<void>;
};

/** Longer lines are no manifest; without a bound one line could fill the memory. */
const longestRow = 1024 * 1024;
const headBytes = 64 * 1024;
const chunkBytes = 64 * 1024;

const byteOrderMark = Buffer.from('\ufeff');

type TableLook = Exclude<HeadLook, { refusal: string }>;

export function openSheets(stdin: NodeJS.ReadableStream): Sheets {
  const closers: (() => Promise<void>)[] = [];
  return {
    async open(path) {
      const name = path === '-' ? 'standard input' : basename(path);
      const { handle, bytes } = path === '-' ? await spool(stdin, closers) : await openFile(path, closers);
      const head = Buffer.alloc(Math.min(headBytes, bytes));
      await handle.read(head, 0, head.length, 0);
      const look = lookAtHead(head);
      if ('refusal' in look)
        throw new Failure('not-a-table', `${path === '-' ? name : path} ${look.refusal}`, { next: look.next });
      await refuseOtherEncodings(path === '-' ? name : path, () => readChunks(handle, bytes));
      const reader = (fromRecord: number) => readRows(handle, bytes, look, fromRecord, path);
      let header: readonly string[] = [];
      for await (const row of reader(1)) {
        header = row.cells;
        break;
      }
      const form = {
        separator: look.separator,
        bom: head.subarray(0, byteOrderMark.length).equals(byteOrderMark),
        namesSeparator: look.headerFrom > 1,
      };
      return { name, header, bytes, form, rows: () => reader(2) };
    },
    checkWritable,
    save: saveRows,
    close: async () => {
      for (const close of closers.toReversed()) await close();
    },
  };
}

async function openFile(
  path: string,
  closers: (() => Promise<void>)[],
): Promise<{ handle: FileHandle; bytes: number }> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    const { why, next } = unreadableWords(path, error);
    throw new Failure('file-unreadable', `${path} ${why}`, { next, cause: error });
  }
  const stat = await handle.stat();
  if (stat.isDirectory()) {
    await handle.close();
    throw new Failure('not-a-file', `${path} is a directory`, { next: 'Name the CSV file inside it.' });
  }
  // A pipe, <(…) for instance, can be read only once.
  if (!stat.isFile()) return spool(Readable.from(handle.createReadStream()), closers);
  closers.push(() => handle.close());
  return { handle, bytes: stat.size };
}

/** Copies what can be read only once to a private file, so that it can be gone through again. */
async function spool(
  source: NodeJS.ReadableStream,
  closers: (() => Promise<void>)[],
): Promise<{ handle: FileHandle; bytes: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'bmtool-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'input');
  await pipeline(source, createWriteStream(path, { mode: 0o600 }));
  const handle = await open(path, 'r');
  closers.push(() => handle.close());
  return { handle, bytes: (await handle.stat()).size };
}

/** Which encoding it is nobody can know for sure, and what is guessed wrong is written to the report. */
async function refuseOtherEncodings(name: string, chunks: () => AsyncIterable<Buffer>): Promise<void> {
  const foreign = await findForeignByte(chunks);
  if (foreign === undefined) return;
  const { line, byte } = foreign;
  const character = new TextDecoder('windows-1252').decode(Uint8Array.of(byte));
  const likely = /\p{L}|\p{P}|\p{S}/u.test(character) ? `, in Windows-1252 ${character}` : '';
  throw new Failure(
    'not-a-table',
    `${name} is not in UTF-8: line ${line} has the byte ${byte.toString(16).toUpperCase()}${likely}`,
    {
      next: 'Save it as "CSV UTF-8", as Excel calls it, or: iconv -f windows-1252 -t utf-8 OLD.csv > NEW.csv',
    },
  );
}

/** `fromRecord` 1 includes the header. Never reads past the size that the file had when it was opened. */
async function* readRows(
  handle: FileHandle,
  bytes: number,
  { separator, headerFrom }: TableLook,
  fromRecord: number,
  path: string,
): AsyncGenerator<SheetRow> {
  const source = Readable.from(readChunks(handle, bytes), { objectMode: false });
  const parser = parse({
    bom: true,
    delimiter: separator,
    from_line: headerFrom,
    // All of them: left to find it out, it takes the one of the first line, and what ends otherwise becomes one row with the next.
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: longestRow,
  });
  source.on('error', error => parser.destroy(error));
  source.pipe(parser);
  try {
    // Counted here: csv-parse counts a CRLF inside quotes as two lines, and its counts cost as much again as the rows.
    let line: number = headerFrom;
    let records = 0;
    for await (const cells of parser as AsyncIterable<string[]>) {
      const isEmpty = cells.length === 1 && cells[0] === '';
      if (!isEmpty) records += 1;
      if (!isEmpty && records >= fromRecord) yield { line, cells };
      line += 1 + breaksIn(cells);
    }
  } catch (error) {
    throw new Failure('not-a-table', `${path} is not a table of text: ${(error as Error).message}`, {
      next: 'Save it as CSV (UTF-8), one server a line.',
    });
  } finally {
    source.destroy();
    parser.destroy();
  }
}

/** Reads by position, so that the handle serves one reading after another; a stream would close it. */
async function* readChunks(handle: FileHandle, bytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes; ) {
    const { bytesRead, buffer } = await handle.read(
      Buffer.allocUnsafe(Math.min(chunkBytes, bytes - at)),
      0,
      undefined,
      at,
    );
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function breaksIn(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) if (/[\r\n]/.test(cell)) count += cell.match(/\r\n|\r|\n/g)?.length ?? 0;
  return count;
}

async function checkWritable(path: string): Promise<void> {
  const temporary = temporaryOf(path);
  try {
    if ((await stat(path).catch(() => undefined))?.isDirectory()) throw new Error('it is a directory');
    await (await open(temporary, 'w')).close();
    await rm(temporary);
  } catch (error) {
    throw new Failure('report-unwritable', `Cannot write ${path}: ${osWords(error)}`, {
      next: 'Name a file in a folder that exists and may be written. Nothing was changed.',
    });
  }
}

function temporaryOf(path: string): string {
  return `${path}.${process.pid}.tmp`;
}

async function saveRows(
  path: string,
  rows: AsyncIterable<readonly string[]>,
  { separator, bom, namesSeparator }: SheetForm,
): Promise<void> {
  const { stringify } = await import('csv-stringify');
  const temporary = temporaryOf(path);
  try {
    const file = createWriteStream(temporary, { flags: 'w' });
    file.write(`${bom ? '\ufeff' : ''}${namesSeparator ? `sep=${separator}\n` : ''}`);
    await pipeline(Readable.from(rows), stringify({ delimiter: separator }), file);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new Failure('report-lost', `Cannot write ${path}: ${osWords(error)}`, {
      next: 'What was written to NetBox stays. Make room, and run the same command again: it writes nothing twice.',
    });
  }
}
