import { expect, test } from 'vitest';
import { paintFor } from '../../../src/cli/screen.ts';
import { say, table } from '../../../src/cli/view.ts';
import type { MacsOutcome } from '../../../src/features/macs/outcome.ts';
import { macsText } from '../../../src/features/macs/text.ts';
import { noVerdicts, type RowVerdict } from '../../../src/features/macs/verdict.ts';

const columns = ['line', 'serial', 'mac', 'verdict', 'about'];
const row = (line: number, rest: Partial<RowVerdict>): RowVerdict => ({
  line,
  serial: `S${line}`,
  mac: 'm',
  verdict: 'set',
  ...rest,
});
const cut: MacsOutcome = {
  ...{ manifest: 'a.csv', dryRun: false, strict: false, interrupted: true, rowCount: 3, planned: 'create' },
  ...{ counts: { ...noVerdicts(), set: 1, refused: 1, 'not-done': 1 }, warnings: 0, unlisted: 0 },
  ...{ changes: 9, done: 3, runId: 'r', left: undefined, report: undefined, seconds: 2 },
  listed: [row(3, { verdict: 'refused', reason: 'no' }), row(4, { verdict: 'not-done', reason: 'interrupted' })],
  rows: async function* () {},
};

test('at a terminal rows whose turn did not come are only counted; elsewhere each is told', () => {
  const view = { paint: paintFor(false), verbose: false };
  const refused = ['3', 'S3', 'm', 'refused', 'no'];
  expect(macsText(cut, { ...view, terminal: true })).toEqual([
    table(columns, [refused]),
    say('a.csv: 3 rows: 1 set, 1 refused, 1 not-done'),
    say('Interrupted after 2.0 s as run r: 3 of 9 changes written.'),
    say('Take it back: bmtool undo r'),
    say('To go on, run the same command again: what is done is not done twice.'),
  ]);
  expect(macsText(cut, { ...view, terminal: false })[0]).toEqual(
    table(columns, [refused, ['4', 'S4', 'm', 'not-done', 'interrupted']]),
  );
});
