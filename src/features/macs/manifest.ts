import type { Sheet, SheetRow } from '../../adapters/sheet/sheets.ts';
import { Failure } from '../../core/failure.ts';
import { type Mac, macNumber, parseMac } from '../../core/mac.ts';
import type { Progress } from '../../core/progress.ts';
import { type Fingerprint, fingerprintOfNumber, fingerprintOfText, openRepeats } from './repeats.ts';

/** A row that can be looked up: both cells well-formed and found once in the file. */
export type Entry = { readonly line: number; readonly serial: string; readonly mac: Mac };

/** Why a row cannot be used, with the column it is about. */
export type Defect = { readonly column: string; readonly reason: string };

/**
 * A supplier's manifest after its first reading. Rows that cannot be used are not kept, only counted: a million of them
 * must not cost memory. `defectOf` judges a row again when its turn comes to be printed.
 */
export type Manifest = {
  readonly name: string;
  readonly rowCount: number;
  readonly entries: readonly Entry[];
  readonly defectOf: (row: SheetRow) => Defect | undefined;
  /** Serial and MAC as they stand in the file. */
  readonly cellsOf: (row: SheetRow) => { serial: string; mac: string };
  readonly rows: () => AsyncIterable<SheetRow>;
  readonly header: readonly string[];
};

const serialColumn = 'server_serial';
const macColumn = 'server_bmc_mac';

type Columns = { readonly serial: number; readonly mac: number };
type CellReading = { readonly serial: string; readonly mac: Mac | undefined; readonly defect: Defect | undefined };

/**
 * Reads a manifest twice, start to end: for what repeats, then for what is of use. The header's case, order and further columns do not matter. Of rows that share a serial or
 * a MAC none is taken: which of them is right only the supplier knows.
 */
export async function readManifest(
  sheet: Sheet,
  options: { limit: number | undefined; progress: Progress },
): Promise<Manifest> {
  const columns = readHeader(sheet);
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  const step = options.progress.step(`reading ${sheet.name}`);
  const serials = openRepeats();
  const macs = openRepeats();
  let rowCount = 0;
  let hopeful = 0;
  for await (const row of firstRows(sheet.rows(), limit)) {
    rowCount += 1;
    if (rowCount % 10_000 === 0) step.at(rowCount);
    const reading = readCells(row, columns);
    const serialRepeats = reading.serial !== '' && serials.saw(fingerprintOfSerial(reading.serial), row.line);
    const macRepeats = reading.mac !== undefined && macs.saw(fingerprintOfNumber(macNumber(reading.mac)), row.line);
    if (!serialRepeats && !macRepeats && reading.defect === undefined) hopeful += 1;
  }
  step.done(`read ${sheet.name}: ${rowCount} rows`);

  const repeatOf = (line: number, serial: string, mac: Mac): Defect | undefined => {
    const sameSerial = serials.otherLine(fingerprintOfSerial(serial), line);
    if (sameSerial !== undefined)
      return { column: serialColumn, reason: `serial ${serial} is also on line ${sameSerial}` };
    const sameMac = macs.otherLine(fingerprintOfNumber(macNumber(mac)), line);
    return sameMac === undefined ? undefined : { column: macColumn, reason: `MAC ${mac} is also on line ${sameMac}` };
  };
  const defectOf = (row: SheetRow): Defect | undefined => {
    const { serial, mac, defect } = readCells(row, columns);
    return defect ?? (mac === undefined ? undefined : repeatOf(row.line, serial, mac));
  };
  // Only now is it known which rows stand alone: those that do not are never kept.
  const entries: Entry[] = [];
  if (hopeful > 0) {
    for await (const row of firstRows(sheet.rows(), limit)) {
      const { serial, mac } = readCells(row, columns);
      if (mac !== undefined && defectOf(row) === undefined) entries.push({ line: row.line, serial, mac });
    }
  }
  return {
    name: sheet.name,
    rowCount,
    entries,
    defectOf,
    cellsOf: row => ({ serial: cell(row, columns.serial), mac: cell(row, columns.mac) }),
    rows: () => firstRows(sheet.rows(), limit),
    header: sheet.header,
  };
}

function readHeader(sheet: Sheet): Columns {
  const names = sheet.header.map(name => name.trim().toLowerCase());
  const find = (wanted: string) => {
    const at = names.indexOf(wanted);
    if (at >= 0 && names.lastIndexOf(wanted) !== at) throw wrongHeader(sheet, `has the column ${wanted} twice`);
    return at;
  };
  const columns = { serial: find(serialColumn), mac: find(macColumn) };
  const missing = [serialColumn, macColumn].filter(name => !names.includes(name));
  if (missing.length > 0) throw wrongHeader(sheet, `has no column ${missing.join(' and no column ')}`);
  return columns;
}

function wrongHeader(sheet: Sheet, what: string): Failure {
  const seen = sheet.header.map(name => name.trim()).join(', ');
  return new Failure(
    'wrong-columns',
    `${sheet.name} ${what}; its first line is: ${seen.length > 120 ? `${seen.slice(0, 117)}...` : seen}`,
    {
      next: `The first line must name the columns ${serialColumn} and ${macColumn}, in any order and case; further columns are fine.`,
    },
  );
}

/** Each cell by itself: a MAC stands on its line also when the serial beside it is no good. */
function readCells(row: SheetRow, columns: Columns): CellReading {
  const serial = cell(row, columns.serial);
  const reading = parseMac(cell(row, columns.mac));
  const defect = serialDefect(serial) ?? (reading.ok ? undefined : { column: macColumn, reason: reading.reason });
  return { serial, mac: reading.ok ? reading.mac : undefined, defect };
}

function serialDefect(serial: string): Defect | undefined {
  if (serial === '') return { column: serialColumn, reason: 'serial is empty' };
  if (serial.length > 50)
    return { column: serialColumn, reason: 'serial is longer than the 50 characters that NetBox keeps' };
  return undefined;
}

/** NetBox compares serials without case. */
function fingerprintOfSerial(serial: string): Fingerprint {
  return fingerprintOfText(serial.toLowerCase());
}

function cell(row: SheetRow, index: number): string {
  return (row.cells[index] ?? '').trim();
}

async function* firstRows(rows: AsyncIterable<SheetRow>, limit: number): AsyncGenerator<SheetRow> {
  let left = limit;
  for await (const row of rows) {
    if (left-- <= 0) return;
    yield row;
  }
}
