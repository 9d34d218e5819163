import { expect, test } from 'vitest';
import type { Unsettled } from '../../src/adapters/runs/store.ts';
import { silent } from '../../src/core/progress.ts';
import { openAwaitLanding } from '../../src/engine/landing.ts';
import { update } from '../core/changes.ts';

const changes = [update('a', {}), update('b', {})];

/** A NetBox in which so many of two changes are found at each look, and a run that fell silent so long before; gives how long was waited. */
async function waited(found: readonly number[], silentMs: number, interrupt = new AbortController()) {
  let now = 1_000_000;
  let looks = 0;
  const run = { header: { id: 'r' }, results: new Map() } as unknown as Unsettled['run'];
  const awaitLanding = openAwaitLanding({
    netbox: {
      url: 'http://netbox',
      workOf: () => 1000,
      findDone: async () =>
        new Map(changes.slice(0, found[looks++] ?? found.at(-1)).map(({ key }) => [key, {} as never])),
    },
    runs: {
      unsettled: (_, since) => [{ run, changes, silentSince: now - silentMs }].filter(one => one.silentSince >= since),
    },
    progress: silent,
    interrupt: interrupt.signal,
    clock: () => now,
    async pause(ms) {
      now += ms;
    },
  });
  await awaitLanding();
  return { ms: now - 1_000_000, looks };
}

test.each([
  ['it was there already', [2], 0, { ms: 0, looks: 1 }],
  ['it lands while it is waited for', [0, 1, 2], 0, { ms: 500, looks: 3 }],
  ['half of it never lands: three times the work and five seconds', [1], 0, { ms: 8000, looks: 32 }],
  ['the run was cut short a while ago', [0], 7000, { ms: 1000, looks: 4 }],
  ['its time is over', [0], 9000, { ms: 0, looks: 0 }],
  ['longer ago than NetBox lets a request be', [0], 121_000, { ms: 0, looks: 0 }],
] as const)('%s', async (_, found, silentMs, expected) => {
  expect(await waited(found, silentMs)).toEqual(expected);
});

test('Ctrl-C ends the wait with 130', async () => {
  const interrupt = new AbortController();
  interrupt.abort();
  await expect(waited([0], 0, interrupt)).rejects.toMatchObject({ exit: 130 });
});
