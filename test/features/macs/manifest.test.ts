import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { openSheets, type Sheet, type Sheets } from '../../../src/adapters/sheet/sheets.ts';
import { Failure } from '../../../src/core/failure.ts';
import { silent } from '../../../src/core/progress.ts';
import { type Manifest, readManifest } from '../../../src/features/macs/manifest.ts';
import { tries } from '../../support/tries.ts';

const opened: Sheets[] = [];
afterEach(async () => {
  for (const sheets of opened.splice(0)) await sheets.close();
});

async function manifestOf(text: string, limit?: number): Promise<Manifest> {
  const sheets = openSheets(Readable.from([Buffer.from(text)]));
  opened.push(sheets);
  const sheet = await sheets.open('-');
  return readManifest(sheet, { limit, progress: silent });
}

const header = 'server_serial,server_bmc_mac';
const manifest = (...rows: string[]) => manifestOf([header, ...rows, ''].join('\n'));

async function defectsOf(read: Manifest): Promise<(string | undefined)[]> {
  const defects: (string | undefined)[] = [];
  for await (const row of read.rows()) {
    const defect = read.defectOf(row);
    defects.push(defect && `${defect.column}: ${defect.reason}`);
  }
  return defects;
}

describe('the header', () => {
  it.each([
    ['as the supplier was told', 'server_serial,server_bmc_mac\nA,9440c9000001'],
    ['in any case, with blanks', ' Server_Serial , SERVER_BMC_MAC \nA,9440c9000001'],
    ['in any order', 'server_bmc_mac,server_serial\n9440c9000001,A'],
    ['with further columns', 'rack,server_serial,note,server_bmc_mac\nR1,A,"x, y",9440c9000001'],
    ['with a mark, semicolons, quotes, CRLF', '\ufeff"server_serial";"server_bmc_mac"\r\n"A";"94-40-C9-00-00-01"\r\n'],
    ['with tabs', 'server_serial\tserver_bmc_mac\nA\t9440.c900.0001'],
  ])('%s', async (_, text) => {
    expect((await manifestOf(text)).entries).toEqual([{ line: 2, serial: 'A', mac: '94:40:C9:00:00:01' }]);
  });

  it.each([
    ['serial,mac\nA,B', 'has no column server_serial and no column server_bmc_mac; its first line is: serial, mac'],
    ['server_serial,mac\nA,B', 'has no column server_bmc_mac'],
    ['server_bmc_mac\nB', 'has no column server_serial'],
    ['server_serial,server_bmc_mac,Server_Serial\nA,B,C', 'has the column server_serial twice'],
    [`${'long,'.repeat(100)}\n1`, '...'],
  ])('%j is wrong', async (text, says) => {
    const error = await manifestOf(text).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).exit).toBe(2);
    expect((error as Failure).message).toContain(says);
    expect((error as Failure).next).toContain('server_serial and server_bmc_mac');
  });
});

it.each([`${header}\n`, header, `\n${header}\n\n\n`])('a header alone is refused: %j', async text => {
  const error = await manifestOf(text).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ exit: 2, message: 'standard input has no rows, only a header' });
});

describe('columns that look swapped', () => {
  it.each([
    [true, ['9440c9000001,A', '94:40:c9:00:00:02,B']],
    [true, ['9440c9000001,not-yet']],
    [false, ['9440c9000001,A', 'B,9440c9000002']],
    [false, ['9440c9000001,A', '94:40:c9:00:00:02,']],
    [false, ['9440c9000001,9440c9000002']],
    [false, ['A,B']],
  ])('%s: %j', async (looksSwapped, rows) => {
    expect(await manifest(...rows)).toMatchObject({ looksSwapped });
  });
});

describe('rows that cannot be used', () => {
  it.each([
    ['an empty serial', ',9440c9000001', 'server_serial: serial is empty'],
    ['a blank serial', '  ,9440c9000001', 'server_serial: serial is empty'],
    [
      'a serial that NetBox has no room for',
      `${'x'.repeat(51)},9440c9000001`,
      'server_serial: serial is longer than the 50 characters that NetBox keeps',
    ],
    ['an empty MAC', 'A,', 'server_bmc_mac: MAC is empty'],
    ['a missing cell', 'A', 'server_bmc_mac: MAC is empty'],
    ['a malformed MAC', 'A,94:40:c9', 'server_bmc_mac: "94:40:c9" is not a MAC address'],
    ['a multicast MAC', 'A,01:00:5e:00:00:01', 'server_bmc_mac: 01:00:5E:00:00:01 is a multicast address'],
    ['the broadcast MAC', 'A,ffffffffffff', 'server_bmc_mac: FF:FF:FF:FF:FF:FF is a broadcast address'],
    ['the all-zero MAC', 'A,000000000000', 'server_bmc_mac: 00:00:00:00:00:00 is the all-zero address, not a real MAC'],
  ])('%s', async (_, row, defect) => {
    const read = await manifest(row, 'B,9440c9000002');
    expect(await defectsOf(read)).toEqual([defect, undefined]);
    expect(read.entries.map(entry => entry.serial)).toEqual(['B']);
    expect(read.rowCount).toBe(2);
  });
});

describe('rows that repeat', () => {
  it('name each other, whatever the case of the serial', async () => {
    const read = await manifest('abc,9440c9000001', 'B,9440c9000002', 'ABC,9440c9000003', ' Abc ,9440c9000004');
    expect(await defectsOf(read)).toEqual([
      'server_serial: serial abc is also on line 4',
      undefined,
      'server_serial: serial ABC is also on line 2',
      'server_serial: serial Abc is also on line 2',
    ]);
    expect(read.entries).toEqual([{ line: 3, serial: 'B', mac: '94:40:C9:00:00:02' }]);
  });

  it('name each other, however the MAC is written', async () => {
    const read = await manifest('A,94:40:c9:00:00:01', 'B,9440.C900.0001', 'C,9440c9000002');
    expect(await defectsOf(read)).toEqual([
      'server_bmc_mac: MAC 94:40:C9:00:00:01 is also on line 3',
      'server_bmc_mac: MAC 94:40:C9:00:00:01 is also on line 2',
      undefined,
    ]);
    expect(read.entries.map(entry => entry.serial)).toEqual(['C']);
  });

  it('count also when the other row cannot be used for another reason', async () => {
    const bySerial = await manifest('A,9440c9000001', 'A,broken');
    expect(await defectsOf(bySerial)).toEqual([
      'server_serial: serial A is also on line 3',
      'server_bmc_mac: "broken" is not a MAC address',
    ]);
    const byMac = await manifest('A,9440c9000001', ',9440c9000001');
    expect(await defectsOf(byMac)).toEqual([
      'server_bmc_mac: MAC 94:40:C9:00:00:01 is also on line 3',
      'server_serial: serial is empty',
    ]);
    expect([...bySerial.entries, ...byMac.entries]).toEqual([]);
  });

  it('do not count when there is nothing in the cell', async () => {
    expect(await defectsOf(await manifest(',', ','))).toEqual([
      'server_serial: serial is empty',
      'server_serial: serial is empty',
    ]);
  });

  it('are found among many', async () => {
    const hex = (i: number) => i.toString(16).padStart(6, '0');
    const rows = Array.from({ length: 5000 }, (_, i) => `S${i === 4000 ? 17 : i},9440c9${hex(i === 4500 ? 99 : i)}`);
    const read = await manifest(...rows);
    expect(read.entries).toHaveLength(4996);
    expect((await defectsOf(read)).flatMap((defect, i) => (defect ? [`${i}: ${defect}`] : []))).toEqual([
      '17: server_serial: serial S17 is also on line 4002',
      '99: server_bmc_mac: MAC 94:40:C9:00:00:63 is also on line 4502',
      '4000: server_serial: serial S17 is also on line 19',
      '4500: server_bmc_mac: MAC 94:40:C9:00:00:63 is also on line 101',
    ]);
  });
});

describe('a limit', () => {
  it('is a number of rows, and what comes after does not count', async () => {
    const read = await manifestOf(`${header}\nA,9440c9000001\nbad,\nB,9440c9000002\nA,9440c9000003\n`, 2);
    expect(read.rowCount).toBe(2);
    expect(read.entries).toEqual([{ line: 2, serial: 'A', mac: '94:40:C9:00:00:01' }]);
    expect(await defectsOf(read)).toEqual([undefined, 'server_bmc_mac: MAC is empty']);
  });

  it('may be larger than the file', async () => {
    expect((await manifestOf(`${header}\nA,9440c9000001\n`, 100)).rowCount).toBe(1);
  });
});

it('every row is either an entry or has a defect, and no two entries share anything', async () => {
  const serial = fc.constantFrom('A', 'a', 'B', 'C', '', 'D');
  const mac = fc.constantFrom(
    '9440c9000001',
    '94:40:C9:00:00:01',
    '9440c9000002',
    '9440c9000003',
    '',
    'x',
    'ffffffffffff',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(serial, mac), { minLength: 1, maxLength: 8 }), async pairs => {
      const read = await manifest(...pairs.map(pair => pair.join(',')));
      const good = (await defectsOf(read)).filter(defect => defect === undefined);
      expect(good).toHaveLength(read.entries.length);
      expect(read.rowCount).toBe(pairs.length);
      expect(new Set(read.entries.map(entry => entry.serial.toLowerCase())).size).toBe(read.entries.length);
      expect(new Set(read.entries.map(entry => entry.mac)).size).toBe(read.entries.length);
    }),
    { numRuns: tries(60) },
  );
});

describe('the manifests that come with the project', () => {
  const folder = join(import.meta.dirname, '../../../fixtures/manifests');
  const refused = new Set([
    'binary.csv',
    'empty.csv',
    'header-only.csv',
    'no-header.csv',
    'utf16.csv',
    'wrong-header.csv',
  ]);

  it.each(readdirSync(folder).filter(name => !name.endsWith('.md')))('%s', async name => {
    const sheets = openSheets(Readable.from([]));
    opened.push(sheets);
    const reading = sheets
      .open(join(folder, name))
      .then((sheet: Sheet) => readManifest(sheet, { limit: undefined, progress: silent }));
    if (refused.has(name)) await expect(reading).rejects.toThrow(Failure);
    else {
      const read = await reading;
      const defects = (await defectsOf(read)).filter(defect => defect !== undefined).length;
      expect(read.entries.length + defects).toBe(read.rowCount);
      if (name === 'servers-601.csv') expect([read.entries.length, defects]).toEqual([601, 0]);
      if (name === 'dirty.csv') expect(defects).toBeGreaterThan(5);
    }
  });
});
