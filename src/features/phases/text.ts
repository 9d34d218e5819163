import { type Block, say, table, type View } from '../../cli/view.ts';
import { counted } from '../../core/counted.ts';
import { kindText } from '../../core/plan.ts';
import { planRows } from '../../core/plan-rows.ts';
import type { Problem } from '../../core/problem.ts';
import type { Check } from './checks.ts';
import type { RestoreOutcome } from './outcome.ts';
import { phaseText } from './phase.ts';
import { groupText } from './words.ts';

/** As many as one looks through at a terminal; `--verbose` shows all. */
const shownProblems = 20;
const shownPerKind = 10;

type Summary = Pick<
  RestoreOutcome,
  'phase' | 'servers' | 'total' | 'changes' | 'events' | 'queue' | 'estimateSeconds' | 'problems'
>;

/** What is about to happen, before anybody is asked. */
export function summaryLines(summary: Summary): string[] {
  const { changes, events, queue, estimateSeconds, problems } = summary;
  const groups = Map.groupBy(changes, ({ op, kind }) => `${op} ${kind}`);
  return [
    `${capital(phaseText(summary.phase))} for ${scopeText(summary)}:`,
    ...(events > 0 ? [`  remove ${counted(events, 'event')} from ${queue}`] : []),
    ...[...groups.values()].map(group => `  ${groupText(group)}`),
    ...(problems.length > 0 ? [`  leave ${counted(problems.length, 'server')} alone`] : []),
    `${counted(changes.length, 'write')}, ${estimateText(estimateSeconds)}`,
  ];
}

export function restoreText(outcome: RestoreOutcome, view: View): Block[] {
  const { paint } = view;
  if (outcome.state === 'planned') return plannedText(outcome, view);
  if (outcome.state === 'declined') return [say('Nothing was changed.')];
  const trouble = [...outcome.problems, ...outcome.failures];
  const blocks: Block[] = troubleBlocks(trouble, view);
  if (outcome.results.length > 0) {
    const rows = outcome.results.map(({ op, kind, done, failed, skipped }) => [
      `${op} ${kindText(kind, 2)}`,
      String(done),
      failed > 0 ? paint.bad(String(failed)) : '0',
      String(skipped),
    ]);
    blocks.push(table(['change', 'done', 'failed', 'skipped'], rows));
  }
  if (outcome.state === 'interrupted') {
    const limit = outcome.servers < outcome.total ? ` --limit ${outcome.servers}` : '';
    const isWritten = outcome.results.length > 0 && outcome.results.every(({ skipped }) => skipped === 0);
    const run = outcome.runId ? ` as run ${outcome.runId}` : '';
    return [
      ...blocks,
      say(paint.bold(`Interrupted after ${outcome.seconds.toFixed(1)} s${run}.`)),
      isWritten
        ? say(`All of it had been written; it was not verified any more: bmtool verify ${outcome.phase}`)
        : say(`To go on: bmtool state restore ${outcome.phase}${limit}`),
      say(`To take back what was done: bmtool undo ${outcome.runId ?? 'RUN (bmtool runs list)'}`),
    ];
  }
  blocks.push(checksTable(outcome.checks, view));
  const wrong = outcome.checks.filter(check => !check.ok).length;
  const be = outcome.servers === 1 ? 'is' : 'are';
  const where = `${capital(scopeText(outcome))} ${be} ${wrong === 0 ? '' : 'not all '}in ${phaseText(outcome.phase)}`;
  const left = trouble.length > 0 ? `, ${trouble.length} left alone or refused (above)` : '';
  blocks.push(say(paint.bold(`${where}${left}.`)));
  if (outcome.via !== undefined) blocks.push(...viaText(outcome.via, outcome.seconds));
  else if (outcome.played !== undefined)
    blocks.push(say(`${counted(outcome.played, 'lease')} played and worked off, ${outcome.seconds.toFixed(1)} s.`));
  else if (outcome.runId === undefined)
    blocks.push(say(`Nothing to write: 0 changes, ${outcome.seconds.toFixed(1)} s.`));
  else {
    const events = outcome.events > 0 ? `, ${counted(outcome.events, 'event')} removed` : '';
    blocks.push(say(`Done in ${outcome.seconds.toFixed(1)} s as run ${outcome.runId}${events}.`));
    blocks.push(say(`Take it back: bmtool undo ${outcome.runId}`));
  }
  return blocks;
}

function viaText({ snapshot, timestamp, blockedMs }: NonNullable<RestoreOutcome['via']>, seconds: number): Block[] {
  return [
    say(
      `Done in ${seconds.toFixed(1)} s from the snapshot "${snapshot}" of ${timestamp} UTC; NetBox could not connect for ${Math.round(blockedMs)} ms.`,
    ),
    say('Take it back: bmtool snapshot undo'),
  ];
}

function plannedText(outcome: RestoreOutcome, view: View): Block[] {
  if (outcome.via !== undefined)
    return [say(`Would put ${outcome.planned} UTC in the place of NetBox's database. Nothing was written.`)];
  const { columns, rows, hidden } = planRows(outcome.changes, view.verbose ? undefined : shownPerKind);
  const blocks: Block[] = troubleBlocks(outcome.problems, view);
  if (rows.length > 0) blocks.push(table(columns, rows));
  if (hidden > 0) blocks.push(say(view.paint.dim(`… and ${hidden} more; --verbose lists them all`)));
  if (outcome.changes.length + outcome.events === 0)
    return [...blocks, say(`${capital(scopeText(outcome))}: nothing to write for ${phaseText(outcome.phase)}.`)];
  return [...blocks, ...summaryLines(outcome).map(say), say('Nothing was written.')];
}

/** The verification, a row a question. */
export function checksTable(checks: readonly Check[], { paint }: View): Block {
  return table(
    ['', 'asked', 'expected', 'found', 'otherwise'],
    checks.map(({ ok, asked, expected, found, offenders, moreOffenders }) => [
      ok ? paint.good('✓') : paint.bad('✗'),
      asked,
      String(expected),
      ok ? String(found) : paint.bad(String(found)),
      [...offenders, ...(moreOffenders > 0 ? [`… ${moreOffenders} more`] : [])].join(', '),
    ]),
  );
}

function troubleBlocks(trouble: readonly Problem[], view: View): Block[] {
  if (trouble.length === 0) return [];
  const shown = view.terminal && !view.verbose ? trouble.slice(0, shownProblems) : trouble;
  const hidden = trouble.length - shown.length;
  return [
    table(
      ['not done', 'why'],
      shown.map(({ subject, message }) => [subject, message]),
    ),
    ...(hidden > 0 ? [say(view.paint.dim(`… and ${hidden} more; --verbose lists them all`))] : []),
  ];
}

function scopeText({ servers, total }: Pick<RestoreOutcome, 'servers' | 'total'>): string {
  if (servers === total) return counted(total, 'server');
  return servers === 1 ? `the first of ${total} servers` : `the first ${servers} of ${total} servers`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Less than this is mostly what comes before and after the writes: reading, rights, the verification. */
const leastEstimateSeconds = 10;

function estimateText(seconds: number | undefined): string {
  if (seconds === undefined) return 'for how long is not known: no earlier run to go by';
  if (seconds < leastEstimateSeconds) return 'some seconds, by the last runs here';
  return `about ${seconds < 180 ? `${seconds} s` : `${Math.round(seconds / 60)} min`}, by the last runs here`;
}
