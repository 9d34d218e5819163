import { expect, test } from 'vitest';
import { paintFor } from '../../../src/cli/screen.ts';
import { say, table } from '../../../src/cli/view.ts';
import { runsShow } from '../../../src/features/runs/command.ts';
import { update } from '../../core/changes.ts';

test('a run is told before its changes', () => {
  const change = update('x', { before: { status: 'offline' }, after: { status: 'planned' } });
  const [first, ...others] = runsShow.text(
    {
      ...{ id: 'r', command: 'load-macs a.csv', netbox: 'http://nb', user: 'me', startedAt: '2026-11-21T07:12:33Z' },
      ...{ state: 'finished', changes: 1, done: 1, failed: 0, unknown: 0, skipped: 0, undoneBy: undefined },
      rows: [{ change, fate: 'done', result: undefined }],
    },
    { paint: paintFor(false), verbose: false, terminal: true },
  );
  expect(first).toEqual(say('Run r: load-macs a.csv'));
  expect(others.slice(-2)).toEqual([
    table(['op', 'object', 'change', 'fate'], [['update', 'x', 'status offline → planned', 'done']]),
    say('Take it back: bmtool undo r'),
  ]);
});
