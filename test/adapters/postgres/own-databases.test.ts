import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LiveNote } from '../../../src/adapters/postgres/manifest.ts';
import {
  type OwnRole,
  ownName,
  readOwnName,
  splitNote,
  stampOf,
  withNote,
} from '../../../src/adapters/postgres/own-databases.ts';
import { nothingWaiting } from '../../support/snapshots.ts';

const stamp = stampOf(new Date('2026-11-21T11:30:12.345Z'), '4f2');
const roles: OwnRole[] = ['snapshot', 'warm', 'next', 'undo'];

test.each(roles)('the name of a %s says so, and whose it is', role => {
  const name = ownName('netbox', { role, stamp });
  expect(name).toMatch(new RegExp(`^bmtool_${role}_20261121_113012_4f2_[0-9a-f]{8}$`));
  expect(readOwnName('netbox', name)).toEqual({ role, stamp });
  expect(readOwnName('netbox2', name)).toBeUndefined();
});

test('fits PostgreSQL, whose names have 63 bytes', () => {
  expect(ownName('x'.repeat(63), { role: 'snapshot', stamp }).length).toBeLessThanOrEqual(63);
});

describe('what only looks like one', () => {
  const name = ownName('netbox', { role: 'snapshot', stamp });
  test.each([
    ['another digest', `${name.slice(0, -8)}00000000`],
    ['another role', name.replace('snapshot', 'undo')],
    ['another time', name.replace('113012', '113013')],
    ['more behind it', `${name}_old`],
    ['a name by hand', 'bmtool_snapshot_before_upgrade'],
    ['nothing', ''],
  ])('%s', (_, other) => expect(readOwnName('netbox', other)).toBeUndefined());
});

describe('the note in the comment of the live database', () => {
  const aNote = fc.oneof<fc.Arbitrary<LiveNote>[]>(
    fc.constant({ doing: 'blocked' }),
    fc.array(fc.string()).map(entries => ({
      doing: 'restored',
      comment: entries.join(),
      waiting: { ...nothingWaiting, queue: { key: 'queue', entries, digest: '0' } },
    })),
  );

  test('comes and goes, and the rest stays to the last character', () => {
    fc.assert(
      fc.property(fc.string(), aNote, aNote, (comment, first, second) => {
        fc.pre(splitNote(comment).note === undefined);
        expect(splitNote(withNote(comment, first))).toEqual({ text: comment, note: first });
        expect(splitNote(withNote(withNote(comment, first), second))).toEqual({ text: comment, note: second });
      }),
    );
  });

  test.each(['', 'Ours. Do not touch.', 'see: bmtool at work: {"doing":"blocked"}', 'a\nbmtool at work: later'])(
    'a comment that tells of no step: %j',
    comment => expect(splitNote(comment)).toEqual({ text: comment, note: undefined }),
  );
});
