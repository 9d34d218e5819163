import { expect, test } from 'vitest';
import type { Run } from '../../../src/adapters/runs/run.ts';
import type { Change } from '../../../src/core/change.ts';
import { followRemade, openRemade } from '../../../src/features/undo/remade.ts';
import { create, remove, update } from '../../core/changes.ts';

/** A run that did all of it; `ids`: what was made. */
function runOf(id: string, changes: readonly Change[], ids: Record<string, number> = {}, undoes?: string): Run {
  const results = new Map(
    changes.map(({ key, ...change }) => [
      key,
      { key, state: 'done' as const, id: ids[key] ?? ('id' in change ? change.id : 0), version: `of ${id}` },
    ]),
  );
  return { header: { id, undoes }, changes, results } as unknown as Run;
}

const referenceOf = (_: string, field: string) => (field === 'primary_mac_address' ? 'dcim.macaddress' : undefined);
const clear = runOf('clear', [remove('gone', { id: 5 })]);
const back = runOf('back', [create('gone')], { gone: 8 }, 'clear');
const primary = update('primary', { id: 1, before: { primary_mac_address: 5 }, after: { primary_mac_address: null } });

test.each<[string, Run[], number]>([
  ['nothing', [], 5],
  ['deleted', [clear], 5],
  ['and made again', [back, clear], 8],
  [
    'twice',
    [runOf('back 2', [create('x')], { x: 11 }, 'clear 2'), runOf('clear 2', [remove('x', { id: 8 })]), back, clear],
    11,
  ],
  [
    'by a redo, of what the first run made',
    [
      runOf('redo', [create('made')], { made: 9 }, 'undo'),
      runOf('undo', [remove('made', { id: 5 })], {}, 'load'),
      runOf('load', [create('made')], { made: 5 }),
    ],
    9,
  ],
])('an object of which runs since say: %s', (_, runs, id) => {
  const [removal, change] = followRemade(
    [remove('mac', { id: 5, version: 'first' }), primary],
    openRemade(runs),
    referenceOf,
  );
  expect(removal).toMatchObject({ id, version: id === 5 ? 'first' : expect.stringMatching(/^of (back|back 2|redo)$/) });
  expect(change).toMatchObject({ id: 1, before: { primary_mac_address: id } });
});
