import { expect, test } from 'vitest';
import type { View } from '../../../src/cli/view.ts';
import { undo } from '../../../src/features/undo/command.ts';
import { create, remove } from '../../core/changes.ts';

type Outcome = Parameters<NonNullable<typeof undo.text>>[0];

const same = (text: string) => text;
const view: View = {
  paint: { good: same, warn: same, bad: same, dim: same, bold: same },
  verbose: false,
  terminal: true,
};
const about: Outcome = {
  undone: 'a1',
  command: 'load-macs x.csv',
  state: 'applied',
  planned: '',
  changes: 0,
  done: 0,
  gone: 0,
  putBack: 0,
  refused: [],
  laterRuns: [],
  failed: [],
  undoneBefore: undefined,
  runId: undefined,
};
const left = { severity: 'error', subject: 'srv-1 iLO', message: 'admin changed it' } as const;

const saysOf = (outcome: Partial<Outcome>, wish: Partial<View> = {}) =>
  undo.text({ ...about, ...outcome }, { ...view, ...wish }).map(block => ('text' in block ? block.text : block.block));

test.each<[Partial<Outcome>, string]>([
  [{ changes: 2, done: 2, runId: 'b2' }, 'Run a1 (load-macs x.csv) undone: 2 of 2 changes'],
  [{ changes: 1, done: 1, gone: 1, runId: 'b2' }, 'Run a1 (load-macs x.csv) undone: 1 of 1 change, 1 was gone already'],
  [{}, 'Run a1 (load-macs x.csv): nothing to undo'],
  [
    { gone: 3, refused: [left], undoneBefore: 'b2' },
    'Run a1 (load-macs x.csv): nothing to undo, 3 were gone already, 1 left alone',
  ],
  [
    { planned: 'put 5 events back into the queue', runId: 'b2' },
    'Run a1 (load-macs x.csv) undone: put 5 events back into the queue',
  ],
])('%j', (outcome, says) => {
  expect(saysOf(outcome)).toContain(says);
});

test('a plan is listed with --verbose', () => {
  const planned = { state: 'planned', changes: 2, plan: [create('a'), remove('b')] } as const;
  expect(saysOf(planned)).not.toContain('table');
  expect(saysOf(planned, { verbose: true })).toContain('table');
});
