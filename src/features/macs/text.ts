import { type Block, say, table, type View } from '../../cli/view.ts';
import { counted } from '../../core/counted.ts';
import { planRows } from '../../core/plan-rows.ts';
import { countsText, type MacsOutcome } from './outcome.ts';
import { type RowVerdict, verdicts } from './verdict.ts';

/** As many rows as one looks through at a terminal; `--verbose` shows more. */
const shownOnTerminal = 40;

/** What a person reads after `load-macs`: the rows that want attention, then one summary line, then what to do next. */
export function macsText(outcome: MacsOutcome, view: View): Block[] {
  const { paint } = view;
  const brief = view.terminal && !view.verbose;
  const rows = brief ? outcome.listed.filter(row => ['bad', 'notice'].includes(weightOf(row))) : outcome.listed;
  const shown = brief ? rows.slice(0, shownOnTerminal) : rows;
  const hidden = rows.length - shown.length + outcome.unlisted;
  const blocks: Block[] = [];
  if (shown.length > 0) {
    const cells = ({ line, serial, mac, verdict, device, reason, warning }: RowVerdict) => [
      String(line),
      serial,
      mac,
      coloured(verdict, view),
      [device, reason, warning].filter(Boolean).join(': '),
    ];
    blocks.push(table(['line', 'serial', 'mac', 'verdict', 'about'], shown.map(cells)));
  }
  if (hidden > 0) blocks.push(say(paint.dim(`… and ${hidden} more. --report FILE writes them all.`)));
  if (brief) blocks.push(...warningLines(outcome.listed).map(line => say(`${paint.warn('!')} ${line}`)));
  if (view.verbose && outcome.plan?.length) {
    const { columns, rows: planned } = planRows(outcome.plan);
    blocks.push(table(columns, planned));
  }
  const summary = countsText(outcome.counts, outcome.rowCount);
  const warnings = outcome.warnings > 0 ? `, ${outcome.warnings} with a warning` : '';
  blocks.push(say(paint.bold(`${outcome.dryRun ? 'Plan for ' : ''}${outcome.manifest}: ${summary}${warnings}`)));
  blocks.push(...nextLines(outcome, view).map(say));
  return blocks;
}

/** The same warning on a hundred rows (an ODM's OUI, say) is one line with the first of them. */
function warningLines(listed: readonly RowVerdict[]): string[] {
  const groups = Map.groupBy(
    listed.filter(row => weightOf(row) === 'good'),
    row => row.warning ?? '',
  );
  return [...groups].map(([warning, rows]) => {
    const lines = rows
      .slice(0, 4)
      .map(row => row.line)
      .join(', ');
    return rows.length === 1
      ? `line ${lines}: ${warning}`
      : `${rows.length} rows (lines ${lines}${rows.length > 4 ? ', …' : ''}): ${warning}`;
  });
}

function weightOf(row: RowVerdict) {
  return verdicts[row.verdict].weight;
}

function nextLines(outcome: MacsOutcome, { paint }: View): string[] {
  const lines: string[] = [];
  if (outcome.dryRun)
    lines.push(outcome.planned ? `Would ${outcome.planned}. Nothing was written.` : 'Nothing to write.');
  else if (outcome.runId === undefined) lines.push('Nothing to write: 0 changes.');
  else {
    const { changes, done } = outcome;
    const howFar = done < changes ? `: ${done} of ${counted(changes, 'change')} written` : '';
    lines.push(
      `${outcome.interrupted ? 'Interrupted after' : 'Done in'} ${outcome.seconds.toFixed(1)} s as run ${outcome.runId}${howFar}.`,
      `Take it back: bmtool undo ${outcome.runId}`,
    );
    if (outcome.interrupted && done === changes) lines.push('All of it had been written; it was not checked any more.');
    else if (outcome.interrupted) lines.push('To go on, run the same command again: what is done is not done twice.');
    else if (outcome.left === 0) lines.push(paint.good('Checked: a second plan finds nothing left to do.'));
    else if (outcome.left)
      lines.push(
        paint.warn(
          `A second plan still finds ${counted(outcome.left, 'change')} to make: see the rows above, then run the same command again.`,
        ),
      );
  }
  if (outcome.report) lines.push(`Report: ${outcome.report}`);
  return lines;
}

function coloured(verdict: RowVerdict['verdict'], { paint }: View): string {
  const { weight } = verdicts[verdict];
  return { bad: paint.bad, open: paint.bad, notice: paint.warn, good: paint.good }[weight](verdict);
}
