import type { RecordKind } from '../../adapters/postgres/record/kinds.ts';
import { type Block, say, table, type View } from '../../cli/view.ts';
import type { Side } from '../../engine/snapshots/diff.ts';
import type { ObjectDiff, Op, ShapeDiff } from '../../engine/snapshots/record-diff.ts';
import type { DiffOutcome } from './diff.ts';
import { conclusion, type KindSummary, ops, plural, summaryOf } from './diff-summary.ts';
import { snapshotText } from './words.ts';

const opWords: Readonly<Record<Op, string>> = {
  removed: 'gone',
  added: 'new',
  changed: 'changed',
  remade: 'made anew',
};
const shownOfEach = 10;
const mostCharacters = 60;

export function diffText(outcome: DiffOutcome, view: View): Block[] {
  const head = say(`${sideText(outcome.before, outcome)} → ${sideText(outcome.after, outcome)}`);
  const last = say(view.paint.bold(conclusion(outcome)));
  if (!view.terminal) return [head, ...shapeBlocks(outcome.shape), allRows(outcome), last];
  const summary = summaryOf(outcome);
  const different = summary.filter(({ kind }) => outcome.objects.some(object => object.kind === kind));
  const isCut = summary.some(one => !view.verbose && ops.reduce((sum, op) => sum + one[op], 0) > shownOfEach);
  return [
    head,
    ...shapeBlocks(outcome.shape),
    ...(different.length > 0 ? [summaryTable(different)] : []),
    ...different.map(({ kind }) =>
      detailTable(
        kind,
        outcome.objects.filter(object => object.kind === kind),
        view,
      ),
    ),
    ...(outcome.tables.length > 0
      ? [
          table(
            ['other tables', 'rows before', 'rows after'],
            outcome.tables.map(({ table: name, before, after }) => [name, countText(before), countText(after)]),
          ),
        ]
      : []),
    last,
    ...(isCut ? [say(`The first ${shownOfEach} of each kind are shown; --verbose shows all.`)] : []),
  ];
}

function sideText(side: Side, { source }: DiffOutcome): string {
  return side === 'live' ? `${source} now` : `${snapshotText(side)} UTC`;
}

function summaryTable(summary: readonly KindSummary[]): Block {
  const rows = summary.map(one => [
    plural[one.kind],
    ...ops.map(op => (one[op] === 0 ? '–' : one[op].toLocaleString('en-US'))),
    Object.entries(one.fields)
      .sort(([, a], [, b]) => b - a)
      .map(([field, count]) => `${field} ${count.toLocaleString('en-US')}`)
      .join(', '),
  ]);
  return table(['', ...ops.map(op => opWords[op]), 'fields'], rows);
}

function detailTable(kind: RecordKind, objects: readonly ObjectDiff[], { paint, verbose }: View): Block {
  const words = {
    removed: paint.bad(opWords.removed),
    added: paint.good(opWords.added),
    changed: opWords.changed,
    remade: opWords.remade,
  };
  const shown = verbose ? objects : objects.slice(0, shownOfEach);
  const most = verbose ? Infinity : mostCharacters;
  const rows = shown.flatMap(({ op, name, fields }) => {
    const [first, ...others] = fieldRows(fields, most);
    return [[cut(name, most), words[op], ...(first ?? [])], ...others.map(row => ['', '', ...row])];
  });
  const hasFields = shown.some(({ fields }) => Object.keys(fields).length > 0);
  return table([plural[kind], '', ...(hasFields ? ['field', 'before', 'after'] : [])], rows);
}

/** A field, and what it was and is; texts that are longer are cut so that what differs is seen. */
function fieldRows(fields: ObjectDiff['fields'], most: number): string[][] {
  return Object.entries(fields).map(([name, { before, after }]) => {
    const [was, is] = [oneLine(valueText(before)), oneLine(valueText(after))];
    if (was === is) return [name, ...[before, after].map(value => exactText(value))];
    const from = Math.max(0, Math.max(was.length, is.length) > most ? firstDifference(was, is) - most / 2 : 0);
    return [name, ...[was, is].map(text => cut(from === 0 ? text : `…${text.slice(from)}`, most))];
  });
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}

/** Piped, there is nobody to scroll: all of it, each row whole. */
function allRows({ objects, tables }: DiffOutcome): Block {
  const rows = [
    ...objects.flatMap(({ kind, op, id, name, fields }) => {
      const about = [kind, op, String(id), oneLine(name)];
      const changes = fieldRows(fields, Infinity);
      return changes.length === 0 ? [[...about, '', '', '']] : changes.map(change => [...about, ...change]);
    }),
    ...tables.map(({ table: name, before, after }) => [
      'table',
      'changed',
      '',
      name,
      'rows',
      String(before ?? ''),
      String(after ?? ''),
    ]),
  ];
  return table(['kind', 'what', 'id', 'name', 'field', 'before', 'after'], rows);
}

function shapeBlocks(shape: readonly ShapeDiff[]): Block[] {
  return (['before', 'after'] as const).flatMap(only => {
    const own = shape.filter(one => one.only === only);
    const names = own.map(({ kind, column }) => (column === null ? plural[kind] : `${column} of ${plural[kind]}`));
    return names.length === 0
      ? []
      : [say(`Only ${only === 'before' ? 'the first' : 'the second'} has, so not compared: ${names.join(', ')}.`)];
  });
}

/** A reference by its name; what has none by its number. */
function valueText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (value === '') return '""';
  if (isReference(value)) return value.name ?? `number ${value.id}`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Where the words are the same: references to others of one name, texts with other spaces in them. */
function exactText(value: unknown): string {
  return isReference(value) ? `${valueText(value)} (id ${value.id})` : JSON.stringify(value);
}

function isReference(value: unknown): value is { id: number; name: string | null } {
  return typeof value === 'object' && value !== null && 'id' in value && 'name' in value;
}

function countText(count: number | null): string {
  return count === null ? 'no such table' : count.toLocaleString('en-US');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function cut(text: string, most: number): string {
  const line = oneLine(text);
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
