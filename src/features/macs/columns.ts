import type { Sheet } from '../../adapters/sheet/sheets.ts';
import type { Ask } from '../../cli/ask.ts';
import { Failure } from '../../core/failure.ts';

/** What the two columns of a manifest are called in its first line, in any case. */
export type ColumnNames = { readonly serial: string; readonly mac: string };

/** A column: its name, for people, and its place. */
export type Column = { readonly name: string; readonly at: number };
export type Columns = { readonly serial: Column; readonly mac: Column };

export const usualNames: ColumnNames = { serial: 'server_serial', mac: 'server_bmc_mac' };

const questions: Readonly<Record<keyof ColumnNames, string>> = {
  serial: "Which column has the servers' serials?",
  mac: "Which column has the BMCs' MAC addresses?",
};

/** How suppliers call them, mostly. */
const looks: Readonly<Record<keyof ColumnNames, RegExp>> = { serial: /serial|\bs\/?n\b/i, mac: /mac/i };

/** Finds both columns. Throws `Failure` (exit 2) where one is missing or there twice. */
export function findColumns(sheet: Sheet, names: ColumnNames): Columns {
  const found = { serial: find(sheet, names.serial), mac: find(sheet, names.mac) };
  const missing = [names.serial, names.mac].filter((_, i) => Object.values(found)[i] === undefined);
  if (missing.length > 0) throw wrongHeader(sheet, names, `has no column ${missing.join(' and no column ')}`);
  return found as Columns;
}

/**
 * The names of the columns as they were said, or as they usually are; where one is not in the file and a person is there, they choose among those that are.
 */
export async function chooseNames(
  sheet: Sheet,
  said: { readonly [K in keyof ColumnNames]: string | undefined },
  ask: Ask,
): Promise<ColumnNames> {
  const names = { serial: said.serial ?? usualNames.serial, mac: said.mac ?? usualNames.mac };
  const roles = ['serial', 'mac'] as const;
  const unknown = roles.filter(role => said[role] === undefined && find(sheet, names[role]) === undefined);
  if (!ask.canAsk || unknown.length === 0 || sheet.header.length < 2) return names;
  const examples = await firstOfEach(sheet);
  for (const role of unknown) {
    const taken = find(sheet, names[role === 'serial' ? 'mac' : 'serial'])?.at;
    const choices = sheet.header
      .map((name, at) => ({
        name: name.trim() || `(column ${at + 1})`,
        value: name.trim(),
        says: exampleText(examples[at]),
        at,
      }))
      .filter(({ value, at }) => value !== '' && at !== taken);
    const likely = choices.find(({ name }) => looks[role].test(name))?.value;
    names[role] = await ask.choose(questions[role], choices, likely);
  }
  return names;
}

/** As far as somebody scrolls down a sheet to see what is in a column. */
const rowsLookedAt = 100;

/** The first cell of each column that is not empty: titles and subtotals leave cells out. */
async function firstOfEach(sheet: Sheet): Promise<readonly (string | undefined)[]> {
  const found: (string | undefined)[] = sheet.header.map(() => undefined);
  let looked = 0;
  for await (const { cells } of sheet.rows()) {
    for (const at of found.keys()) found[at] ??= cells[at]?.trim() || undefined;
    looked += 1;
    if (looked === rowsLookedAt || !found.includes(undefined)) break;
  }
  return found;
}

function exampleText(example: string | undefined): string {
  return example === undefined ? `nothing in the first ${rowsLookedAt} rows` : `for instance ${example}`;
}

function find(sheet: Sheet, wanted: string): Column | undefined {
  const names = sheet.header.map(name => name.trim().toLowerCase());
  const at = names.indexOf(wanted.trim().toLowerCase());
  if (at < 0) return undefined;
  if (names.lastIndexOf(names[at] ?? '') !== at) throw wrongHeader(sheet, usualNames, `has the column ${wanted} twice`);
  return { name: sheet.header[at]?.trim() || wanted, at };
}

function wrongHeader(sheet: Sheet, names: ColumnNames, what: string): Failure {
  const seen = sheet.header.map(name => name.trim()).join(', ');
  return new Failure(
    'wrong-columns',
    `${sheet.name} ${what}; its first line is: ${seen.length > 120 ? `${seen.slice(0, 117)}...` : seen}`,
    {
      next: `The first line must name the columns ${names.serial} and ${names.mac}, in any order and case; further columns are fine. Columns of other names: --serial-column NAME --mac-column NAME`,
    },
  );
}
