import { expect, test } from 'vitest';
import { paintFor } from '../../../src/cli/screen.ts';
import { say, table } from '../../../src/cli/view.ts';
import type { Change, Fields } from '../../../src/core/change.ts';
import { changeText } from '../../../src/features/runs/change-text.ts';
import { runsShow } from '../../../src/features/runs/command.ts';

const about = { key: 'x', label: 'x', subject: 'x' };
const update = (before: Fields, after: Fields): Change => ({
  ...about,
  op: 'update',
  kind: 'dcim.device',
  id: 1,
  before,
  after,
});

test.each<[Change, string]>([
  [
    update({ status: 'offline', oob_ip: null }, { status: 'planned', oob_ip: 7 }),
    'status: offline → planned, out-of-band address: none → 7',
  ],
  [
    update({ primary_mac_address: null }, { primary_mac_address: { ref: 'mac:1' } }),
    'primary MAC address: none → the new one',
  ],
  [
    update({ b_terminations: [{ object_type: 'dcim.interface', object_id: 5 }] }, { b_terminations: [] }),
    'B end: interface 5 → none',
  ],
  [update({ tags: [{ slug: 'a' }, 3] }, { tags: [] }), 'tags: slug a, 3 → none'],
  [
    {
      ...about,
      op: 'create',
      kind: 'extras.journalentry',
      after: { kind: 'warning', comments: 'MAC **set** from `a.csv`.\n\nmore' },
    },
    'MAC set from a.csv.',
  ],
  [{ ...about, op: 'delete', kind: 'dcim.macaddress', id: 2, before: { mac_address: 'x', comments: '' } }, ''],
])('%j', (change, text) => {
  expect(changeText(change)).toBe(text);
});

test('a run is told before its changes', () => {
  const change = update({ status: 'offline' }, { status: 'planned' });
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
    table(['op', 'object', 'change', 'fate'], [['update', 'x', 'status: offline → planned', 'done']]),
    say('Take it back: bmtool undo r'),
  ]);
});
