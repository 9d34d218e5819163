import { expect, test } from 'vitest';
import { shelfOf } from '../../../src/engine/snapshots/shelf.ts';
import { netboxWord, phaseText, phaseWord, restoreQuestion } from '../../../src/features/snapshots/words.ts';
import { aLive, aSnapshot } from '../../support/shelves.ts';

test('who is asked about a restore is told what it puts out, and what brings that back', () => {
  const [snapshot] = shelfOf(aLive(), [aSnapshot('20261121_113012_4f2')]).snapshots;
  if (snapshot === undefined) throw new Error('no snapshot');
  const { name, savedAt } = snapshot.manifest;
  const nowMs = Date.parse(savedAt) + 300_000;
  expect(restoreQuestion(snapshot, { source: 'netbox', where: 'db:5432' }, nowMs)).toBe(
    `What was written to NetBox since "${name}" was saved, 5 min ago, goes; bmtool snapshot undo brings it back. ` +
      `Put "${name}" of ${snapshot.timestamp} in the place of netbox on db:5432?`,
  );
});

test.each([
  [{ netbox: '4.7.3', phase: 2 }, '2', 'phase 2', '4.7.3'],
  [{ netbox: '4.7.3', phase: 0 }, '0', 'phase 0', '4.7.3'],
  [{ netbox: '4.7.3', phase: null }, '–', 'in no phase', '4.7.3'],
  [{ netbox: '', phase: null }, 'not known', 'phase not known', 'not known'],
])('%j', (about, inTable, inSentence, netbox) => {
  expect([phaseWord(about), phaseText(about), netboxWord(about)]).toEqual([inTable, inSentence, netbox]);
});
