import { expect, test } from 'vitest';
import type { Authored } from '../../../src/adapters/netbox/change-log.ts';
import { runIn, withoutTakenBack } from '../../../src/features/undo/later.ts';

const entryOf = (run: string): Authored => ({
  user: 'ann',
  time: '2026-11-21T08:00:00.123456Z',
  action: 'update',
  message: run === 'hand' ? '' : `bmtool x run ${run}`,
  request: run,
});

test.each<[string, Record<string, string>, string, string]>([
  ['a later run', {}, 'B', 'B'],
  ['a later run that was taken back', { U: 'B' }, 'U B', ''],
  ['... and done again', { U: 'B', R: 'U' }, 'R U B', 'B'],
  ['... and taken back again', { U: 'B', R: 'U', V: 'R' }, 'V R U B', ''],
  ['of two one was taken back', { U: 'C' }, 'U C B', 'B'],
  ['both were', { U: 'C', V: 'B' }, 'V U C B', ''],
  ['an undo that left this object alone', { U: 'B' }, 'B', 'B'],
  ['the undo of what wrote nothing to this object', { U: 'B' }, 'U', 'U'],
  ['by hand beside them', { U: 'B' }, 'U hand B', 'hand'],
])('%s: what counts of %j %s is "%s"', (_, undoes, written, counts) => {
  const entries = written.split(' ').map(entryOf);
  const known = { idOf: runIn, undoes: (id: string) => undoes[id] };
  expect(
    withoutTakenBack(entries, known)
      .map(({ request }) => request)
      .join(' '),
  ).toBe(counts);
});
