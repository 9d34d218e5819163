import { expect, test } from 'vitest';
import type { Block, View } from '../../../src/cli/view.ts';
import type { ObjectDiff } from '../../../src/engine/snapshots/record-diff.ts';
import { shelfOf } from '../../../src/engine/snapshots/shelf.ts';
import type { DiffOutcome } from '../../../src/features/snapshots/diff.ts';
import { summaryOf } from '../../../src/features/snapshots/diff-summary.ts';
import { diffText } from '../../../src/features/snapshots/diff-text.ts';
import { aLive, aSnapshot } from '../../support/shelves.ts';

const same = (text: string) => text;
const view: View = {
  paint: { good: same, warn: same, bad: same, dim: same, bold: same },
  verbose: false,
  terminal: true,
};

const [snapshot] = shelfOf(aLive(), [aSnapshot('20261121_113012_4f2')]).snapshots;
if (snapshot === undefined) throw new Error('no snapshot');
const nothing: DiffOutcome = {
  before: snapshot,
  after: 'live',
  source: 'netbox',
  kinds: ['device', 'interface', 'mac', 'address', 'cable', 'journal'],
  objects: [],
  tables: [],
  shape: [],
};
const changed = (name: string, fields: ObjectDiff['fields'], op: ObjectDiff['op'] = 'changed'): ObjectDiff => ({
  kind: 'device',
  op,
  id: 7,
  name,
  fields,
});

/** Lines as they stand in blocks: cells with | between them. */
function lines(blocks: readonly Block[]): string[] {
  return blocks.flatMap(block =>
    block.block === 'table'
      ? [block.table.columns, ...block.table.rows].map(row => row.join('|'))
      : 'text' in block
        ? [`${block.block}: ${block.text}`]
        : [],
  );
}

test('nothing differs', () => {
  expect(lines(diffText(nothing, view))).toEqual([
    'say: "1" of 20261121-113012 UTC → netbox now',
    'say: Nothing differs.',
  ]);
});

const some: DiffOutcome = {
  ...nothing,
  objects: [
    changed('srv-1', {
      status: { before: 'offline', after: 'planned' },
      role: { before: { id: 1, name: 'Server' }, after: { id: 2, name: 'Server' } },
      oob_ip: { before: null, after: { id: 3, name: '10.0.0.1/24' } },
      template: { before: { id: 4, name: null }, after: '' },
      local: { before: { a: [1] }, after: 5 },
      comments: { before: '1\n', after: '1' },
    }),
    changed('srv-2', {}, 'removed'),
    { kind: 'journal', op: 'added', id: 9, name: 'srv-1: hello', fields: {} },
  ],
  tables: [{ table: 'core_job', before: 2, after: null }],
  shape: [{ kind: 'device', column: 'owner_id', only: 'after' }],
};

test('on a terminal: a summary, then each kind, by names', () => {
  expect(lines(diffText(some, view))).toEqual([
    'say: "1" of 20261121-113012 UTC → netbox now',
    'say: Only the second has, so not compared: owner_id of devices.',
    '|gone|new|changed|made anew|fields',
    'devices|1|–|1|–|status 1, role 1, oob_ip 1, template 1, local 1, comments 1',
    'journal entries|–|1|–|–|',
    'devices||field|before|after',
    'srv-1|changed|status|offline|planned',
    '||role|Server (id 1)|Server (id 2)',
    '||oob_ip|–|10.0.0.1/24',
    '||template|number 4|""',
    '||local|{"a":[1]}|5',
    '||comments|"1\\n"|"1"',
    'srv-2|gone',
    'journal entries|',
    'srv-1: hello|new',
    'other tables|rows before|rows after',
    'core_job|2|no such table',
    'say: Different: 2 devices, 1 journal entry, the rows of 1 other table and what NetBox keeps of them.',
  ]);
});

test('piped: every row whole, all of them, and lines in one', () => {
  const many = Array.from({ length: 12 }, (_, i) =>
    changed(`srv-${i}`, { comments: { before: 'a\nb', after: 'c\td' } }),
  );
  const found = lines(diffText({ ...some, objects: [...some.objects, ...many] }, { ...view, terminal: false }));
  expect(found.slice(2)).toEqual([
    'kind|what|id|name|field|before|after',
    'device|changed|7|srv-1|status|offline|planned',
    'device|changed|7|srv-1|role|Server (id 1)|Server (id 2)',
    'device|changed|7|srv-1|oob_ip|–|10.0.0.1/24',
    'device|changed|7|srv-1|template|number 4|""',
    'device|changed|7|srv-1|local|{"a":[1]}|5',
    'device|changed|7|srv-1|comments|"1\\n"|"1"',
    'device|removed|7|srv-2|||',
    'journal|added|9|srv-1: hello|||',
    ...many.map(({ name }) => `device|changed|7|${name}|comments|a b|c d`),
    'table|changed||core_job|rows|2|',
    'say: Different: 14 devices, 1 journal entry, the rows of 1 other table and what NetBox keeps of them.',
  ]);
});

test('the first ten of each kind, or all', () => {
  const objects = Array.from({ length: 11 }, (_, i) => changed(`srv-${i}`, {}, 'added'));
  const shown = (verbose: boolean) =>
    lines(diffText({ ...nothing, objects }, { ...view, verbose })).filter(line => /^srv/.test(line));
  expect([shown(false).length, shown(true).length]).toEqual([10, 11]);
  expect(lines(diffText({ ...nothing, objects }, view)).at(-1)).toContain('--verbose shows all');
  expect(lines(diffText({ ...nothing, objects: objects.slice(1) }, view)).at(-1)).toBe('say: Different: 10 devices.');
});

test('long values are cut, unless all is asked for', () => {
  const objects = [changed('srv-1', { comments: { before: 'x'.repeat(90), after: '' } })];
  const cells = (verbose: boolean) => lines(diffText({ ...nothing, objects }, { ...view, verbose })).join('\n');
  expect(cells(false)).toContain(`|${'x'.repeat(59)}…|`);
  expect(cells(true)).toContain(`|${'x'.repeat(90)}|`);
});

test('of a long text that changed far behind, that place is shown', () => {
  const [before, after] = ['old', 'new'].map(word => `${'x'.repeat(200)} ${word} ${'y'.repeat(200)}`);
  const found = lines(
    diffText({ ...nothing, objects: [changed('srv-1', { comments: { before, after } })] }, view),
  ).join('\n');
  expect(found).toMatch(/\|…x{29} old y+…\|…x{29} new y+…$/m);
});

test('the summary counts objects, and objects by field', () => {
  expect(summaryOf(some)[0]).toEqual({
    kind: 'device',
    removed: 1,
    added: 0,
    changed: 1,
    remade: 0,
    fields: { status: 1, role: 1, oob_ip: 1, template: 1, local: 1, comments: 1 },
  });
});
