import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSheets, type Sheet, type SheetRow, type Sheets } from '../../../src/adapters/sheet/sheets.ts';
import { Failure } from '../../../src/core/failure.ts';

let folder: string;
let sheets: Sheets;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bmtool-sheet-'));
  sheets = openSheets(Readable.from([]));
});
afterEach(async () => {
  await sheets.close();
  rmSync(folder, { recursive: true, force: true });
});

function put(text: string | Buffer, name = 'a.csv'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function rowsOf(sheet: Sheet): Promise<SheetRow[]> {
  return Array.fromAsync(sheet.rows());
}

async function refusalOf(attempt: Promise<unknown>): Promise<Failure> {
  const error = await attempt.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(Failure);
  expect((error as Failure).exit).toBe(2);
  return error as Failure;
}

describe('a table of text', () => {
  it.each([
    ['plain', 'a,b\n1,2\n3,4\n'],
    ['with a byte order mark', '\ufeffa,b\n1,2\n3,4\n'],
    ['with the ends of Windows', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['with the ends of both, Windows first', 'a,b\r\n1,2\n3,4\r\n'],
    ['with the ends of both', 'a,b\n1,2\r\n3,4\n'],
    ['without an end', 'a,b\n1,2\n3,4'],
    ['quoted', '"a","b"\n"1","2"\n"3","4"\n'],
    ['with a mark, quoted, of Windows', '\ufeff"a","b"\r\n"1","2"\r\n"3","4"\r\n'],
    ['with semicolons', 'a;b\n1;2\n3;4\n'],
    ['with tabs', 'a\tb\n1\t2\n3\t4\n'],
  ])('%s', async (_, text) => {
    const sheet = await sheets.open(put(text));
    expect(sheet.header).toEqual(['a', 'b']);
    expect(await rowsOf(sheet)).toEqual([
      { line: 2, cells: ['1', '2'] },
      { line: 3, cells: ['3', '4'] },
    ]);
  });

  it('can be gone through again, and twice at a time', async () => {
    const sheet = await sheets.open(put(`a,b\n${'1,2\n'.repeat(20_000)}`));
    const first = sheet.rows()[Symbol.asyncIterator]();
    await first.next();
    expect(await rowsOf(sheet)).toHaveLength(20_000);
    expect((await first.next()).value).toEqual({ line: 3, cells: ['1', '2'] });
    await first.return?.();
    expect(await rowsOf(sheet)).toHaveLength(20_000);
  });

  it('counts lines as an editor does', async () => {
    const sheet = await sheets.open(put('\na,b\n\n1,"two\nlines"\n3,"and\r\nthree\r\nmore"\n\n\n5,6\n'));
    expect((await rowsOf(sheet)).map(({ line, cells }) => [line, cells[0]])).toEqual([
      [4, '1'],
      [6, '3'],
      [11, '5'],
    ]);
  });

  it('may say in its first line what separates', async () => {
    const sheet = await sheets.open(put('sep=;\r\na;b,c\r\n1;2\r\n\r\n3;4\r\n'));
    expect(sheet.header).toEqual(['a', 'b,c']);
    expect(await rowsOf(sheet)).toEqual([
      { line: 3, cells: ['1', '2'] },
      { line: 5, cells: ['3', '4'] },
    ]);
  });

  it('may say so, and is refused by the line of the file', async () => {
    const opening = sheets.open(put('sep=;\na;b\n1;"2\n'));
    expect((await refusalOf(opening)).message).toMatch(/Quote Not Closed.* line 3/);
  });

  it('keeps rows that are too short or too long, and quotes inside a cell', async () => {
    const sheet = await sheets.open(put('a,b\n1\n1,2,3\n5" drive,"say ""x"""\n'));
    expect((await rowsOf(sheet)).map(row => row.cells)).toEqual([['1'], ['1', '2', '3'], ['5" drive', 'say "x"']]);
  });

  it('has no rows when there is only a header', async () => {
    const sheet = await sheets.open(put('a,b\n'));
    expect(sheet.header).toEqual(['a', 'b']);
    expect(await rowsOf(sheet)).toEqual([]);
  });

  it('is as long as it was when it was opened', async () => {
    const path = put('a,b\n1,2\n');
    const sheet = await sheets.open(path);
    appendFileSync(path, '3,4\n');
    expect(await rowsOf(sheet)).toEqual([{ line: 2, cells: ['1', '2'] }]);
  });

  it('is refused when one cell never ends', async () => {
    const sheet = await sheets.open(put(`a,b\n"1${'x\n'.repeat(600_000)}`));
    expect((await refusalOf(rowsOf(sheet))).message).toContain('is not a table of text');
  });
});

describe('standard input and pipes', () => {
  it('are read once and gone through as often as needed', async () => {
    const own = openSheets(Readable.from([Buffer.from('a,b\n1,'), Buffer.from('2\n')]));
    const sheet = await own.open('-');
    expect(sheet.name).toBe('standard input');
    for (let i = 0; i < 2; i++) expect(await rowsOf(sheet)).toEqual([{ line: 2, cells: ['1', '2'] }]);
    await own.close();
  });

  it('leave nothing behind', async () => {
    const before = readdirSync(tmpdir()).filter(name => name.startsWith('bmtool-'));
    const own = openSheets(Readable.from([Buffer.from('a,b\n1,2\n')]));
    await own.open('-');
    await own.close();
    const after = readdirSync(tmpdir()).filter(name => name.startsWith('bmtool-'));
    expect(after.filter(name => !before.includes(name) && existsSync(join(tmpdir(), name, 'input')))).toEqual([]);
  });

  it('a named pipe', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const [sheet] = await Promise.all([sheets.open(path), writeFile(path, 'a,b\n1,2\n')]);
    for (let i = 0; i < 2; i++) expect(await rowsOf(sheet)).toEqual([{ line: 2, cells: ['1', '2'] }]);
  });

  it('nothing on standard input is refused by that name', async () => {
    expect((await refusalOf(sheets.open('-'))).message).toBe('standard input is empty');
  });
});

describe('what is no table', () => {
  it.each([
    ['what is not there', () => join(folder, 'none.csv'), 'does not exist'],
    ['a folder', () => folder, 'is a directory'],
    ['a folder behind a file', () => `${put('a,b\n')}/b.csv`, 'does not exist'],
    ['an empty file', () => put(''), 'is empty'],
    [
      'a picture',
      () => put(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d])),
      'is a binary file',
    ],
  ])('%s', async (_, path, says) => {
    const given = path();
    const refusal = await refusalOf(sheets.open(given));
    expect(refusal.message).toContain(`${given} ${says}`);
    expect(refusal.next).toBeTruthy();
  });
});

describe('encodings', () => {
  const row = `1,${'x'.repeat(60)}\n`;
  const many = `a,b\n${row.repeat(3000)}`;
  /** Ends at each place around the end of a chunk. */
  const upTo = (bytes: number) => `a,b\n${'x'.repeat(bytes - 4)}`;

  it.each([
    ['umlauts', 'a,b\nMünchen,2\n'],
    ['the sign that stands for what cannot be read', 'a,b\n\ufffd,2\n'],
    ...[0, 1, 2, 3, 4].map((i): [string, string] => [
      `a character across two chunks, ${i}`,
      `${upTo(64 * 1024 - i)}😀\n`,
    ]),
  ])('UTF-8 is read: %s', async (_, text) => {
    const sheet = await sheets.open(put(text));
    expect((await rowsOf(sheet))[0]?.cells.join()).toBe(text.trim().split('\n')[1]);
  });

  it.each([
    ['an umlaut', Buffer.from('a,b\n1,2\r\nMünchen,2\n', 'latin1'), 'line 3 has the byte FC, in Windows-1252 ü'],
    ['a dash', Buffer.from([...Buffer.from('a,b\n1 '), 0x96, 0x20, 0x31]), 'line 2 has the byte 96, in Windows-1252 –'],
    ['far down', Buffer.from(`${many}Köln,2\n${many}`, 'latin1'), 'line 3002 has the byte F6'],
    ['in the header', Buffer.from('a,Größe\n1,2\n', 'latin1'), 'line 1 has the byte F6'],
    ['a character that is cut off', Buffer.from('a,b\n1,ü').subarray(0, -1), 'line 2 has the byte C3'],
    ['one that means nothing there', Buffer.from([0x61, 0x0a, 0x81, 0x0a]), 'line 2 has the byte 81'],
    [
      'half a character before another chunk',
      Buffer.from(`${upTo(64 * 1024 - 1)}Ü2\n`, 'latin1'),
      'line 2 has the byte DC',
    ],
  ])('another one is refused: %s', async (_, bytes, says) => {
    const path = put(bytes);
    const refusal = await refusalOf(sheets.open(path));
    expect(refusal.message).toContain(`${path} is not in UTF-8: ${says}`);
    expect(refusal.next).toContain('iconv');
  });
});

describe('saving', () => {
  const plainForm = { separator: ',', bom: false, namesSeparator: false } as const;

  async function* rows(count: number): AsyncGenerator<string[]> {
    for (let i = 0; i < count; i++) yield [String(i), 'a,b', 'say "x"', 'two\nlines'];
  }

  it('writes what opening reads', async () => {
    const path = join(folder, 'out.csv');
    await sheets.save(path, rows(3), plainForm);
    const sheet = await sheets.open(path);
    expect(sheet.header).toEqual(['0', 'a,b', 'say "x"', 'two\nlines']);
    expect((await rowsOf(sheet)).map(row => row.cells[0])).toEqual(['1', '2']);
  });

  it.each(['a,b\n1,2\n', '\ufeffa;b\n1;2\n', 'a\tb\n1\t2\n', '\ufeffsep=;\na;b\n1;2\n', 'sep=,\na,b\n1,2\n'])(
    'is in the form of what was opened: %j',
    async text => {
      const sheet = await sheets.open(put(text));
      async function* all() {
        yield sheet.header;
        for await (const { cells } of sheet.rows()) yield cells;
      }
      const path = join(folder, 'again.csv');
      await sheets.save(path, all(), sheet.form);
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  it('leaves the old file alone, and no other behind, when it goes wrong half way', async () => {
    const path = put('old', 'out.csv');
    async function* broken() {
      yield* rows(2);
      throw new Error('no more');
    }
    await expect(sheets.save(path, broken(), plainForm)).rejects.toThrow('no more');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['out.csv']);
  });

  it('says beforehand, by the name that was given, where it could not', async () => {
    const path = join(folder, 'none', 'out.csv');
    const refusal = await refusalOf(sheets.checkWritable(path));
    expect(refusal.message).toBe(`Cannot write ${path}: ENOENT: no such file or directory`);
  });

  it('says where it cannot write', async () => {
    mkdirSync(join(folder, 'out.csv'));
    await expect(sheets.save(join(folder, 'out.csv'), rows(1), plainForm)).rejects.toThrow(
      `Cannot write ${join(folder, 'out.csv')}`,
    );
    const path = join(folder, 'none', 'out.csv');
    await expect(sheets.save(path, rows(1), plainForm)).rejects.toMatchObject({
      message: `Cannot write ${path}: ENOENT: no such file or directory`,
    });
    expect(readdirSync(folder)).toEqual(['out.csv']);
  });
});
