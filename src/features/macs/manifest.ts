import type { Sheet, SheetRow } from '../../adapters/sheet/sheets.ts';
import { counted } from '../../core/counted.ts';
import { Failure } from '../../core/failure.ts';
import { type Mac, macNumber, parseMac } from '../../core/mac.ts';
import type { Progress } from '../../core/progress.ts';
import { type ColumnNames, type Columns, findColumns, usualNames } from './columns.ts';
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
  /** Every row has a MAC address for its serial, and for its MAC something that is none. */
  readonly looksSwapped: boolean;
  readonly defectOf: (row: SheetRow) => Defect | undefined;
  /** Serial and MAC as they stand in the file. */
  readonly cellsOf: (row: SheetRow) => { serial: string; mac: string };
  readonly rows: () => AsyncIterable<SheetRow>;
  readonly header: readonly string[];
  readonly form: Sheet['form'];
};

type CellReading = { readonly serial: string; readonly mac: Mac | undefined; readonly defect: Defect | undefined };

/**
 * Reads a manifest twice, start to end: for what repeats, then for what is of use. Of rows that share a serial or
 * a MAC none is taken: which of them is right only the supplier knows. `Failure` (exit 2) for one without rows: there were to be some.
 */
export async function readManifest(
  sheet: Sheet,
  options: { limit: number | undefined; progress: Progress; names?: ColumnNames },
): Promise<Manifest> {
  const columns = findColumns(sheet, options.names ?? usualNames);
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  const step = options.progress.step(`reading ${sheet.name}`);
  const serials = openRepeats();
  const macs = openRepeats();
  let rowCount = 0;
  let hopeful = 0;
  let looksSwapped = true;
  for await (const row of firstRows(sheet.rows(), limit)) {
    rowCount += 1;
    if (rowCount % 10_000 === 0) step.at(rowCount);
    const reading = readCells(row, columns);
    const serialRepeats = reading.serial !== '' && serials.saw(fingerprintOfSerial(reading.serial), row.line);
    const macRepeats = reading.mac !== undefined && macs.saw(fingerprintOfNumber(macNumber(reading.mac)), row.line);
    looksSwapped &&= isSwapped(row, columns);
    if (!serialRepeats && !macRepeats && reading.defect === undefined) hopeful += 1;
  }
  step.done(`read ${sheet.name}: ${counted(rowCount, 'row')}`);
  if (rowCount === 0)
    throw new Failure('manifest-without-rows', `${sheet.name} has no rows, only a header`, {
      next: 'Below the header there must be one line a server. Ask whoever made the file.',
    });

  const repeatOf = (line: number, serial: string, mac: Mac): Defect | undefined => {
    const sameSerial = serials.otherLine(fingerprintOfSerial(serial), line);
    if (sameSerial !== undefined)
      return { column: columns.serial.name, reason: `serial ${serial} is also on line ${sameSerial}` };
    const sameMac = macs.otherLine(fingerprintOfNumber(macNumber(mac)), line);
    return sameMac === undefined
      ? undefined
      : { column: columns.mac.name, reason: `MAC ${mac} is also on line ${sameMac}` };
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
    looksSwapped,
    defectOf,
    cellsOf: row => ({ serial: cell(row, columns.serial.at), mac: cell(row, columns.mac.at) }),
    rows: () => firstRows(sheet.rows(), limit),
    header: sheet.header,
    form: sheet.form,
  };
}

/** Each cell by itself: a MAC stands on its line also when the serial beside it is no good. */
function readCells(row: SheetRow, columns: Columns): CellReading {
  const serial = cell(row, columns.serial.at);
  const reading = parseMac(cell(row, columns.mac.at));
  const wrong = serialDefect(serial);
  const defect = wrong
    ? { column: columns.serial.name, reason: wrong }
    : reading.ok
      ? undefined
      : { column: columns.mac.name, reason: reading.reason };
  return { serial, mac: reading.ok ? reading.mac : undefined, defect };
}

function isSwapped(row: SheetRow, columns: Columns): boolean {
  const mac = cell(row, columns.mac.at);
  return mac !== '' && !parseMac(mac).ok && parseMac(cell(row, columns.serial.at)).ok;
}

function serialDefect(serial: string): string | undefined {
  if (serial === '') return 'serial is empty';
  return serial.length > 50 ? 'serial is longer than the 50 characters that NetBox keeps' : undefined;
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
