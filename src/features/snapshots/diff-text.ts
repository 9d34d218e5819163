import type { RecordKind } from '../../adapters/postgres/record-kinds.ts';
import { type Block, say, table, type View } from '../../cli/view.ts';
import type { Side } from '../../engine/snapshots/diff.ts';
import type { ObjectDiff, Op, ShapeDiff } from '../../engine/snapshots/record-diff.ts';
import type { DiffOutcome } from './diff.ts';
import { counted, snapshotText } from './words.ts';

const nouns: Readonly<Record<RecordKind, string>> = {
  device: 'devices',
  interface: 'interfaces',
  mac: 'MAC addresses',
  address: 'IP addresses',
  cable: 'cables',
  journal: 'journal entries',
};
const opWords: Readonly<Record<Op, string>> = {
  removed: 'gone',
  added: 'new',
  changed: 'changed',
  remade: 'made anew',
};
const ops = ['removed', 'added', 'changed', 'remade'] as const;
const shownOfEach = 10;

type KindSummary = { readonly kind: RecordKind } & Readonly<Record<Op, number>> & {
    /** How many objects differ in each field. */
    readonly fields: Readonly<Record<string, number>>;
  };

export function summaryOf({ objects, kinds }: Pick<DiffOutcome, 'objects' | 'kinds'>): KindSummary[] {
  return kinds.map(kind => {
    const own = objects.filter(object => object.kind === kind);
    const [removed = 0, added = 0, changed = 0, remade = 0] = ops.map(
      op => own.filter(object => object.op === op).length,
    );
    const fields: Record<string, number> = {};
    for (const object of own) for (const name of Object.keys(object.fields)) fields[name] = (fields[name] ?? 0) + 1;
    return { kind, removed, added, changed, remade, fields };
  });
}

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

function conclusion(outcome: DiffOutcome): string {
  const { objects, tables, shape } = outcome;
  if (objects.length + tables.length + shape.length === 0) return 'Nothing differs.';
  const parts = summaryOf(outcome).flatMap(one => {
    const count = ops.reduce((sum, op) => sum + one[op], 0);
    return count === 0 ? [] : [`${count.toLocaleString('en-US')} ${nouns[one.kind]}`];
  });
  if (tables.length > 0) parts.push(`the rows of ${counted(tables.length, 'other table')}`);
  if (shape.length > 0) parts.push('what NetBox keeps of them');
  const [first = '', ...others] = parts.reverse();
  return `Different: ${others.length === 0 ? first : `${others.reverse().join(', ')} and ${first}`}.`;
}

function summaryTable(summary: readonly KindSummary[]): Block {
  const rows = summary.map(one => [
    nouns[one.kind],
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
  const short = verbose ? oneLine : (text: string) => cut(oneLine(text));
  const rows = shown.flatMap(({ op, name, fields }) => {
    const [first, ...others] = fieldRows(fields).map(row => row.map(short));
    return [[short(name), words[op], ...(first ?? [])], ...others.map(row => ['', '', ...row])];
  });
  const hasFields = shown.some(({ fields }) => Object.keys(fields).length > 0);
  return table([nouns[kind], '', ...(hasFields ? ['field', 'before', 'after'] : [])], rows);
}

function fieldRows(fields: ObjectDiff['fields']): string[][] {
  return Object.entries(fields).map(([name, { before, after }]) => {
    const [was, is] = [valueText(before), valueText(after)];
    return was === is ? [name, `${was} (${idText(before)})`, `${is} (${idText(after)})`] : [name, was, is];
  });
}

/** Piped, there is nobody to scroll: all of it, each row whole. */
function allRows({ objects, tables }: DiffOutcome): Block {
  const rows = [
    ...objects.flatMap(({ kind, op, id, name, fields }) => {
      const about = [kind, op, String(id), name];
      const changes = fieldRows(fields);
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
    const names = own.map(({ kind, column }) => (column === null ? nouns[kind] : `${column} of ${nouns[kind]}`));
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

function idText(value: unknown): string {
  return isReference(value) ? `id ${value.id}` : typeof value;
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

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
