import { expect, test } from 'vitest';
import type { Sheet } from '../../../src/adapters/sheet/sheets.ts';
import type { Ask, Choice } from '../../../src/cli/ask.ts';
import { chooseNames, findColumns } from '../../../src/features/macs/columns.ts';

function sheetOf(header: readonly string[], ...rows: readonly (readonly string[])[]): Sheet {
  return {
    name: 'new.csv',
    header,
    bytes: 1,
    form: { separator: ',', bom: false, namesSeparator: false },
    async *rows() {
      for (const [i, cells] of rows.entries()) yield { line: 2 + i, cells };
    },
  };
}

/** A person who takes the columns of these names, and what they were offered. */
function someone(...answers: string[]): Ask & { readonly offered: string[][]; readonly told: (string | undefined)[] } {
  const offered: string[][] = [];
  const told: (string | undefined)[] = [];
  const choose = async <T>(_: string, choices: readonly Choice<T>[]) => {
    offered.push(choices.map(({ name }) => name));
    told.push(...choices.map(({ says }) => says));
    const answer = answers.shift();
    const choice = choices.find(({ name }) => name === answer);
    if (choice === undefined) throw new Error(`nobody offered ${answer}`);
    return choice.value;
  };
  return { canAsk: true, choose, yesNo: never, text: never, secret: never, offered, told };
}

const nobody: Ask = { canAsk: false, choose: never, yesNo: never, text: never, secret: never };
const nothing = { serial: undefined, mac: undefined };

async function never(): Promise<never> {
  throw new Error('nobody is to be asked');
}

test('a person chooses among the columns that are there, never one twice', async () => {
  const person = someone('Serial No', 'iLO MAC');
  const names = await chooseNames(
    sheetOf(['Rack', 'Serial No', 'iLO MAC'], ['R1', 'S1', '94:40:c9:00:00:01']),
    nothing,
    person,
  );
  expect(names).toEqual({ serial: 'Serial No', mac: 'iLO MAC' });
  expect(person.offered).toEqual([
    ['Rack', 'Serial No', 'iLO MAC'],
    ['Rack', 'iLO MAC'],
  ]);
});

test('they see of each column the first cell that has something in it', async () => {
  const person = someone('Serial No');
  const sheet = sheetOf(
    ['Serial No', 'server_bmc_mac', 'Rack', 'Note'],
    ['', ' '],
    [],
    ['S1', 'x', ''],
    ['S2', 'y', 'R1'],
  );
  await chooseNames(sheet, nothing, person);
  expect(person.told).toEqual(['for instance S1', 'for instance R1', 'nothing in the first 100 rows']);
});

test('only what is missing is asked for', async () => {
  const person = someone('iLO MAC');
  const names = await chooseNames(sheetOf(['SERVER_SERIAL', 'iLO MAC', 'Rack']), nothing, person);
  expect(names).toEqual({ serial: 'server_serial', mac: 'iLO MAC' });
  expect(person.offered).toEqual([['iLO MAC', 'Rack']]);
});

test.each([
  { who: nobody, header: ['a', 'b'], said: nothing, names: { serial: 'server_serial', mac: 'server_bmc_mac' } },
  { who: nobody, header: ['a', 'b'], said: { serial: 'a', mac: 'b' }, names: { serial: 'a', mac: 'b' } },
  { who: someone(), header: ['a', 'b'], said: { serial: 'x', mac: 'b' }, names: { serial: 'x', mac: 'b' } },
  { who: someone(), header: ['one'], said: nothing, names: { serial: 'server_serial', mac: 'server_bmc_mac' } },
])('without a person, or where it was said, nobody is asked: $header', async ({ who, header, said, names }) => {
  expect(await chooseNames(sheetOf(header), said, who)).toEqual(names);
});

test('columns of other names are found in any case', () => {
  expect(findColumns(sheetOf(['Rack', 'Serial No', 'iLO MAC']), { serial: 'serial no', mac: 'ILO MAC' })).toEqual({
    serial: { name: 'Serial No', at: 1 },
    mac: { name: 'iLO MAC', at: 2 },
  });
});

test('a column that was named and is not there is refused with its name', () => {
  expect(() => findColumns(sheetOf(['a', 'b']), { serial: 'x', mac: 'b' })).toThrow(
    /has no column x; its first line is: a, b/,
  );
});
