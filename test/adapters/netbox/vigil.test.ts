import { expect, test } from 'vitest';
import type { Answer } from '../../../src/adapters/netbox/answer.ts';
import { openVigil } from '../../../src/adapters/netbox/vigil.ts';

const answered = (status: number): Answer => ({ kind: 'answered', status, body: undefined, text: '', headers: {} });
const lost: Answer = { kind: 'lost', why: 'no answer within 3 s', timedOut: true };

/** A vigil with a clock that only the test moves on, and what it said so far. */
function vigil() {
  const said: string[] = [];
  let nowMs = 0;
  let due: { at: number; call: () => void } | undefined;
  const watch = openVigil({
    url: 'http://nbx',
    note: text => said.push(text),
    clock: () => nowMs,
    later(ms, call) {
      const mine = { at: nowMs + ms, call };
      due = mine;
      return () => {
        if (due === mine) due = undefined;
      };
    },
  });
  return {
    said,
    again: watch.again,
    /** A request that is answered when the test says so. */
    ask(longestMs = 120_000) {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      const done = watch.over(promise, longestMs);
      return async (answer: Answer) => {
        resolve(answer);
        await done;
      };
    },
    pass(ms: number) {
      nowMs += ms;
      if (due === undefined || due.at > nowMs) return;
      const { call } = due;
      due = undefined;
      call();
    },
  };
}

const isSilent = 'NetBox at http://nbx does not answer; waiting for 110 s more.';

test('a silence of ten seconds is told once, for all who wait, and so is its end', async () => {
  const { said, ask, pass } = vigil();
  const [first, second] = [ask(), ask()];
  pass(9_999);
  expect(said).toEqual([]);
  pass(1);
  pass(30_000);
  expect(said).toEqual([isSilent]);
  await first(answered(200));
  await second(answered(200));
  expect(said).toEqual([isSilent, 'NetBox answers again.']);
});

test('who answers somebody is not silent, however long another waits', async () => {
  const { said, ask, pass } = vigil();
  const slow = ask();
  for (let i = 0; i < 4; i++) {
    const quick = ask();
    pass(9_000);
    await quick(answered(403));
  }
  await slow(answered(200));
  pass(60_000);
  expect(said).toEqual([]);
});

test('a NetBox that was as slow as this before is given twice as long', async () => {
  const { said, ask, pass } = vigil();
  const first = ask();
  pass(10_000);
  await first(answered(200));
  ask();
  pass(19_999);
  expect(said).toHaveLength(2);
  pass(1);
  expect(said.at(-1)).toBe('NetBox at http://nbx does not answer; waiting for 100 s more.');
});

test.each([10_000, 10_900])('nothing is said where it is given up after %i ms', longestMs => {
  const { said, ask, pass } = vigil();
  ask(longestMs);
  pass(10_000);
  expect(said).toEqual([]);
});

test.each([
  ['a connection that broke a moment ago', 1_999, 60_000, []],
  [
    'two seconds without an answer',
    2_000,
    120_000,
    ['NetBox at http://nbx does not answer (HTTP 503); trying again for 2 min more.'],
  ],
  ['two seconds, and given up at once', 2_000, 999, []],
])('%s', async (_, sinceMs, leftMs, notes) => {
  const { said, ask, again, pass } = vigil();
  const answer = ask();
  pass(sinceMs);
  await answer(answered(503));
  again('HTTP 503', leftMs);
  again('HTTP 503', leftMs);
  expect(said).toEqual(notes);
});

test('between two tries the silence goes on', async () => {
  const { said, ask, again, pass } = vigil();
  const first = ask();
  pass(1_500);
  await first(lost);
  again('no answer within 3 s', 60_000);
  pass(500);
  const second = ask();
  await second(lost);
  again('no answer within 3 s', 58_000);
  expect(said).toEqual(['NetBox at http://nbx does not answer (no answer within 3 s); trying again for 58 s more.']);
});
