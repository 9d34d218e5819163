import type { SheetRow } from '../../adapters/sheet/sheets.ts';
import type { Change, ChangeKey, ChangeResult } from '../../core/change.ts';
import { counted } from '../../core/counted.ts';
import type { Manifest } from './manifest.ts';
import type { RowPlan } from './plan.ts';
import { isPlain, noVerdicts, type RowVerdict, type VerdictCounts, verdicts } from './verdict.ts';

/** The result of `load-macs`. Rows are made on demand: a manifest may have a million. */
export type MacsOutcome = {
  /** The manifest: its file, or `-`. */
  readonly manifest: string;
  /** Only the plan was made. */
  readonly dryRun: boolean;
  /** Conflicts count as failures. */
  readonly strict: boolean;
  /** It was cut short by a signal. */
  readonly interrupted: boolean;
  /** Rows of the manifest, as far as it was read. */
  readonly rowCount: number;
  /** How many rows had each verdict. */
  readonly counts: VerdictCounts;
  /** Rows with a warning. */
  readonly warnings: number;
  /** The first rows that are not plain success. */
  readonly listed: readonly RowVerdict[];
  readonly unlisted: number;
  /** What the plan writes, or wrote, in words. */
  readonly planned: string;
  /** Changes in the plan. */
  readonly changes: number;
  /** Changes that NetBox carried out. */
  readonly done: number;
  /** What would be written; after a dry run alone. */
  readonly plan?: readonly Change[];
  /** The run that wrote it; none when nothing was written. */
  readonly runId: string | undefined;
  /** Changes that a fresh plan still wants after this run; 0 is the proof that all is done. Nothing after a dry run. */
  readonly left: number | undefined;
  /** The file with the verdicts. */
  readonly report: string | undefined;
  /** How long it took. */
  readonly seconds: number;
  readonly rows: () => AsyncIterable<RowVerdict>;
};

/** As a document: with all rows. */
export type MacsJson = Omit<MacsOutcome, 'rows' | 'listed' | 'unlisted'> & {
  /** Every row, in the order of the manifest. */
  readonly rows: AsyncIterable<RowVerdict>;
};

/** More rows than this nobody reads on a screen; `--report` has them all. */
const mostListed = 1000;

/** Rows as they turned out: the plan's verdicts, corrected by what NetBox said to the writes. */
export function openRows(
  manifest: Manifest,
  plans: readonly RowPlan[],
  results: ReadonlyMap<ChangeKey, ChangeResult> | undefined,
) {
  const byLine = new Map(plans.map(plan => [plan.row.line, plan]));
  const rowOf = (row: SheetRow): RowVerdict => {
    const plan = byLine.get(row.line);
    if (plan) return results ? settled(plan, results) : plan.row;
    const { serial, mac } = manifest.cellsOf(row);
    const defect = manifest.defectOf(row);
    return {
      line: row.line,
      serial,
      mac,
      verdict: 'invalid',
      reason: defect ? `${defect.column}: ${defect.reason}` : 'unknown',
    };
  };
  return async function* rows(): AsyncGenerator<RowVerdict> {
    for await (const row of manifest.rows()) yield rowOf(row);
  };
}

/** Counts all rows and keeps the first of those that a person should see. */
export async function countRows(
  rows: AsyncIterable<RowVerdict>,
): Promise<Pick<MacsOutcome, 'counts' | 'warnings' | 'listed' | 'unlisted'>> {
  const counts = noVerdicts();
  const listed: RowVerdict[] = [];
  let warnings = 0;
  let notPlain = 0;
  for await (const row of rows) {
    counts[row.verdict] += 1;
    if (row.warning !== undefined) warnings += 1;
    if (isPlain(row)) continue;
    notPlain += 1;
    if (listed.length < mostListed) listed.push(row);
  }
  return { counts, warnings, listed, unlisted: notPlain - listed.length };
}

/** The manifest with two more columns: correct it and feed it back in. */
export async function* reportRows(
  manifest: Manifest,
  rows: AsyncIterable<RowVerdict>,
): AsyncGenerator<readonly string[]> {
  const own = ['verdict', 'reason'];
  const kept = manifest.header
    .map((name, index) => ({ name, index }))
    .filter(({ name }) => !own.includes(name.trim().toLowerCase()));
  yield [...kept.map(({ name }) => name), ...own];
  const verdictRows = rows[Symbol.asyncIterator]();
  for await (const row of manifest.rows()) {
    const { value } = await verdictRows.next();
    const verdict = value as RowVerdict | undefined;
    yield [
      ...kept.map(({ index }) => row.cells[index] ?? ''),
      verdict?.verdict ?? '',
      [verdict?.reason, verdict?.warning].filter(Boolean).join('; '),
    ];
  }
}

/** By the first change of the row that is not done: those after it need it. */
function settled({ row, changes }: RowPlan, results: ReadonlyMap<ChangeKey, ChangeResult>): RowVerdict {
  const at = changes.findIndex(({ key }) => results.get(key)?.state !== 'done');
  const change = changes[at];
  if (change === undefined) return row;
  const { warning, ...bare } = row;
  const result = results.get(change.key);
  const reason = result?.state === 'failed' || result?.state === 'skipped' ? result.reason : 'its answer was lost';
  // A journal entry that is missing does not change what was found or set.
  if (change.kind === 'extras.journalentry')
    return { ...row, warning: [warning, `journal entry not written: ${reason}`].filter(Boolean).join('; ') };
  if (result?.state === 'failed') return { ...bare, verdict: 'refused', reason: `${change.label}: ${reason}` };
  if (result === undefined || at > 0)
    return { ...bare, verdict: 'unfinished', reason: `the MAC address is not the primary one yet: ${reason}` };
  return { ...bare, verdict: 'not-done', reason };
}

/** `601 rows: 598 set, 2 unchanged, 1 conflict` */
export function countsText(counts: VerdictCounts, rowCount: number): string {
  const parts = (Object.keys(verdicts) as (keyof typeof verdicts)[])
    .filter(name => counts[name] > 0)
    .map(name => `${counts[name]} ${name}`);
  return `${counted(rowCount, 'row')}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}
