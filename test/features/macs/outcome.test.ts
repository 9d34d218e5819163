import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { openSheets, type Sheets } from '../../../src/adapters/sheet/sheets.ts';
import type { ChangeResult } from '../../../src/core/change.ts';
import { silent } from '../../../src/core/progress.ts';
import { type Manifest, readManifest } from '../../../src/features/macs/manifest.ts';
import { countRows, countsText, openRows, reportRows } from '../../../src/features/macs/outcome.ts';
import type { RowPlan } from '../../../src/features/macs/plan.ts';
import { isPlain, noVerdicts, type RowVerdict, verdictExit, verdicts } from '../../../src/features/macs/verdict.ts';
import { create, update } from '../../core/changes.ts';

const opened: Sheets[] = [];
afterEach(async () => {
  for (const sheets of opened.splice(0)) await sheets.close();
});

async function manifestOf(text: string): Promise<Manifest> {
  const sheets = openSheets(Readable.from([Buffer.from(text)]));
  opened.push(sheets);
  return readManifest(await sheets.open('-'), { limit: undefined, progress: silent });
}

const row = (line: number, rest: Partial<RowVerdict> = {}): RowVerdict => ({
  line,
  serial: `S${line}`,
  mac: '94:40:C9:00:00:01',
  verdict: 'set',
  ...rest,
});
const setPlan = (line: number): RowPlan => ({
  row: row(line),
  changes: [
    create('mac', { label: 'MAC x' }),
    update('primary', { label: 'srv iLO', needs: ['mac'] }),
    create('entry', { kind: 'extras.journalentry', needs: ['primary'] }),
  ],
});

const done = (key: string): ChangeResult => ({ key, state: 'done', id: 1 });
const failed = (key: string): ChangeResult => ({ key, state: 'failed', reason: 'no' });
const skipped = (key: string): ChangeResult => ({ key, state: 'skipped', reason: 'interrupted' });

describe('a row as it turned out', () => {
  it.each<[string, ChangeResult[], Partial<RowVerdict>]>([
    ['all done', [done('mac'), done('primary'), done('entry')], { verdict: 'set' }],
    [
      'the MAC refused',
      [failed('mac'), skipped('primary'), skipped('entry')],
      { verdict: 'refused', reason: 'MAC x: no' },
    ],
    [
      'the interface refused',
      [done('mac'), failed('primary'), skipped('entry')],
      { verdict: 'refused', reason: 'srv iLO: no' },
    ],
    [
      'only the entry refused',
      [done('mac'), done('primary'), failed('entry')],
      { verdict: 'set', warning: 'journal entry not written: no' },
    ],
    [
      'never begun',
      [skipped('mac'), skipped('primary'), skipped('entry')],
      { verdict: 'not-done', reason: 'interrupted' },
    ],
    [
      'interrupted half way',
      [done('mac'), skipped('primary'), skipped('entry')],
      { verdict: 'unfinished', reason: 'the MAC address is not the primary one yet: interrupted' },
    ],
    [
      'interrupted before the journal entry',
      [done('mac'), done('primary'), skipped('entry')],
      { verdict: 'set', warning: 'journal entry not written: interrupted' },
    ],
    [
      'an answer lost',
      [done('mac')],
      { verdict: 'unfinished', reason: 'the MAC address is not the primary one yet: its answer was lost' },
    ],
    [
      'no answer at all',
      [],
      { verdict: 'unfinished', reason: 'the MAC address is not the primary one yet: its answer was lost' },
    ],
  ])('%s', async (_, results, expected) => {
    const manifest = await manifestOf('server_serial,server_bmc_mac\nS2,94:40:c9:00:00:01\n');
    const rows = openRows(manifest, [setPlan(2)], new Map(results.map(result => [result.key, result])));
    expect(await Array.fromAsync(rows())).toEqual([row(2, expected)]);
  });

  it('adds to the warning that it has, which is dropped where the row is no success', async () => {
    const manifest = await manifestOf('server_serial,server_bmc_mac\nS2,94:40:c9:00:00:01\n');
    const plan = { ...setPlan(2), row: row(2, { warning: 'odd' }) };
    const rowAfter = async (...results: ChangeResult[]) =>
      Array.fromAsync(openRows(manifest, [plan], new Map(results.map(result => [result.key, result])))());
    expect(await rowAfter(done('mac'), done('primary'), skipped('entry'))).toEqual([
      row(2, { warning: 'odd; journal entry not written: interrupted' }),
    ]);
    expect(await rowAfter(failed('mac'))).toEqual([row(2, { verdict: 'refused', reason: 'MAC x: no' })]);
  });

  it('is as planned when nothing was carried out', async () => {
    const manifest = await manifestOf('server_serial,server_bmc_mac\nS2,94:40:c9:00:00:01\n');
    expect(await Array.fromAsync(openRows(manifest, [setPlan(2)], undefined)())).toEqual([row(2)]);
  });

  it('shows invalid cells as they stand in the file, with column and reason', async () => {
    const manifest = await manifestOf('server_serial,server_bmc_mac\n S2 , nope \n');
    expect(await Array.fromAsync(openRows(manifest, [], undefined)())).toEqual([
      { line: 2, serial: 'S2', mac: 'nope', verdict: 'invalid', reason: 'server_bmc_mac: "nope" is not a MAC address' },
    ]);
  });
});

describe('the report', () => {
  const text = 'rack,server_serial,note,server_bmc_mac\nR1,S2,"a, b",94:40:c9:00:00:01\nR2,S3,,nope\n';
  const asFile = (rows: readonly (readonly string[])[]) =>
    rows.map(cells => cells.map(cell => `"${cell}"`).join(',')).join('\n');

  it('is the manifest with two more columns, and can be fed back in', async () => {
    const manifest = await manifestOf(text);
    const rows = openRows(manifest, [{ ...setPlan(2), row: row(2, { warning: 'odd' }) }], undefined);
    const report = await Array.fromAsync(reportRows(manifest, rows()));
    expect(report).toEqual([
      ['rack', 'server_serial', 'note', 'server_bmc_mac', 'verdict', 'reason'],
      ['R1', 'S2', 'a, b', '94:40:c9:00:00:01', 'set', 'odd'],
      ['R2', 'S3', '', 'nope', 'invalid', 'server_bmc_mac: "nope" is not a MAC address'],
    ]);
    const again = await manifestOf(asFile(report));
    expect(again.entries).toEqual(manifest.entries);
    const second = await Array.fromAsync(reportRows(again, openRows(again, [], undefined)()));
    expect(second[0]).toEqual(report[0]);
  });
});

describe('counting', () => {
  async function* rowsOf(list: readonly RowVerdict[]) {
    yield* list;
  }

  it('lists what is not plain success, the first thousand of it', async () => {
    const invalid = Array.from({ length: 1200 }, (_, i) => row(i, { verdict: 'invalid' }));
    const counted = await countRows(
      rowsOf([row(1), row(2, { verdict: 'unchanged' }), row(3, { warning: 'odd' }), ...invalid]),
    );
    expect(counted.counts).toEqual({ ...noVerdicts(), set: 2, unchanged: 1, invalid: 1200 });
    expect([counted.warnings, counted.listed.length, counted.unlisted]).toEqual([1, 1000, 201]);
    expect(counted.listed[0]?.line).toBe(3);
  });

  it('says it in one line', () => {
    expect(countsText({ ...noVerdicts(), set: 598, unchanged: 2, conflict: 1 }, 601)).toBe(
      '601 rows: 598 set, 2 unchanged, 1 conflict',
    );
    expect(countsText(noVerdicts(), 0)).toBe('0 rows');
    expect(countsText({ ...noVerdicts(), set: 1 }, 1)).toBe('1 row: 1 set');
  });
});

describe('the exit code', () => {
  it.each(Object.entries(verdicts))('%s', (name, { weight }) => {
    const counts = { ...noVerdicts(), [name]: 1, set: 5 };
    expect(verdictExit(counts, { strict: false })).toBe(['bad', 'open'].includes(weight) ? 1 : 0);
    expect(verdictExit(counts, { strict: true })).toBe(weight === 'good' ? 0 : 1);
    expect(isPlain(row(1, { verdict: name as keyof typeof verdicts }))).toBe(weight === 'good');
  });

  it('is 1 for just what the issue calls failed', () => {
    const fails = Object.entries(verdicts).flatMap(([name, { weight }]) =>
      ['bad', 'open'].includes(weight) ? [name] : [],
    );
    expect(fails.sort()).toEqual([
      'ambiguous',
      'invalid',
      'no-bmc-interface',
      'not-done',
      'not-found',
      'refused',
      'taken',
      'unfinished',
    ]);
  });
});
