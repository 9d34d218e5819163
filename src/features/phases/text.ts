import { type Block, say, table, type View } from '../../cli/view.ts';
import type { Change, Fields } from '../../core/change.ts';
import { kindText } from '../../core/plan.ts';
import type { Problem } from '../../core/problem.ts';
import type { Check } from './checks.ts';
import type { RestoreOutcome } from './outcome.ts';
import { phaseText } from './phase.ts';
import { invertedTag } from './tag.ts';

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
    return [
      ...blocks,
      say(paint.bold(`Interrupted in ${outcome.seconds.toFixed(1)} s as run ${outcome.runId}.`)),
      say(
        `To go on: bmtool state restore ${outcome.phase}${limit}\nTo take back what was done: bmtool undo ${outcome.runId}`,
      ),
    ];
  }
  blocks.push(checksTable(outcome.checks, view));
  const wrong = outcome.checks.filter(check => !check.ok).length;
  const where = `${capital(scopeText(outcome))} ${wrong === 0 ? 'are in' : 'are not all in'} ${phaseText(outcome.phase)}`;
  const left = trouble.length > 0 ? `, ${trouble.length} left alone or refused (above)` : '';
  blocks.push(say(paint.bold(`${where}${left}.`)));
  if (outcome.runId === undefined) blocks.push(say(`Nothing to write: 0 changes, ${outcome.seconds.toFixed(1)} s.`));
  else {
    const events = outcome.events > 0 ? `, ${counted(outcome.events, 'event')} removed` : '';
    blocks.push(say(`Done in ${outcome.seconds.toFixed(1)} s as run ${outcome.runId}${events}.`));
    blocks.push(say(`Take it back: bmtool undo ${outcome.runId}`));
  }
  return blocks;
}

function plannedText(outcome: RestoreOutcome, view: View): Block[] {
  const groups = [...Map.groupBy(outcome.changes, ({ op, kind }) => `${op} ${kind}`).values()];
  const shown = groups.flatMap(group => (view.verbose ? group : group.slice(0, shownPerKind)));
  const blocks: Block[] = troubleBlocks(outcome.problems, view);
  if (shown.length > 0) {
    blocks.push(
      table(
        ['op', 'object', 'change'],
        shown.map(change => [change.op, change.label, changeText(change)]),
      ),
    );
  }
  const hidden = outcome.changes.length - shown.length;
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

/** What a group of changes does to servers, by verb and kind. */
const groupWords: Readonly<Record<string, (group: readonly Change[]) => string>> = {
  'create extras.tag': () => `make the tag ${invertedTag}`,
  'delete extras.tag': () => `remove the tag ${invertedTag}`,
  'create ipam.ipaddress': group => `give ${counted(group.length, 'server')} a BMC address`,
  'delete ipam.ipaddress': group => `remove ${counted(group.length, 'BMC address', 'BMC addresses')}`,
  'create extras.journalentry': group => `write ${counted(group.length, 'journal entry', 'journal entries')}`,
  'delete extras.journalentry': group => `remove ${counted(group.length, 'journal entry', 'journal entries')}`,
  'update dcim.device': devicesWords,
  'update dcim.cable': cablesWords,
};

function groupText(group: readonly Change[]): string {
  const [{ op, kind }] = group as [Change];
  return groupWords[`${op} ${kind}`]?.(group) ?? `${op} ${group.length} ${kindText(kind, group.length)}`;
}

function devicesWords(group: readonly Change[]): string {
  const updates = group.flatMap(change => (change.op === 'update' ? [change] : []));
  const having = (field: string) => updates.filter(({ after }) => field in after);
  const statuses = Map.groupBy(having('status'), ({ before, after }) => `${before.status} → ${after.status}`);
  const moves = [...statuses].map(([move, { length }]) => (statuses.size === 1 ? move : `${length} ${move}`));
  const [set, cleared] = [
    having('oob_ip').filter(({ after }) => after.oob_ip !== null).length,
    having('oob_ip').filter(({ after }) => after.oob_ip === null).length,
  ];
  return [
    ...(statuses.size > 0
      ? [`set the status of ${counted(having('status').length, 'server')} (${moves.join(', ')})`]
      : []),
    ...(set > 0 ? [`set the out-of-band address of ${counted(set, 'server')}`] : []),
    ...(cleared > 0 ? [`clear the out-of-band address of ${counted(cleared, 'server')}`] : []),
  ].join('\n  ');
}

function cablesWords(group: readonly Change[]): string {
  const isMove = (change: Change) =>
    change.op === 'update' && !('tags' in change.after && Object.keys(change.after).length === 1);
  const idsOf = (changes: readonly Change[]) =>
    new Set(changes.map(change => (change.op === 'update' ? change.id : 0))).size;
  const moved = group.filter(isMove);
  const retagged = idsOf(group) - idsOf(moved);
  return [
    ...(moved.length > 0
      ? [`move the switch ends of ${counted(idsOf(moved), 'cable')} (${counted(moved.length, 'write')})`]
      : []),
    ...(retagged > 0 ? [`change the tags of ${counted(retagged, 'cable')}`] : []),
  ].join('\n  ');
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function changeText(change: Change): string {
  const text = (value: unknown) =>
    typeof value === 'object' && value !== null && 'ref' in value ? 'new' : JSON.stringify(value);
  const list = (fields: Fields) =>
    Object.entries(fields)
      .map(([name, value]) => `${name}: ${text(value)}`)
      .join(', ');
  if (change.op === 'create') return list(change.after);
  if (change.op === 'delete') return '';
  return Object.keys(change.after)
    .map(name => `${name}: ${text(change.before[name])} → ${text(change.after[name])}`)
    .join(', ');
}

function scopeText({ servers, total }: Pick<RestoreOutcome, 'servers' | 'total'>): string {
  return servers === total ? `${total} servers` : `the first ${servers} of ${total} servers`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function estimateText(seconds: number | undefined): string {
  if (seconds === undefined) return 'for how long is not known: no earlier run to go by';
  return `about ${seconds < 180 ? `${Math.max(1, seconds)} s` : `${Math.round(seconds / 60)} min`}, by the last runs here`;
}
