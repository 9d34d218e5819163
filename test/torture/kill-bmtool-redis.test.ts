import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandNames, type EveryStep, openEveryStep } from '../support/every-step.ts';

let every: EveryStep;

beforeAll(async () => {
  every = await openEveryStep();
});

afterAll(async () => {
  await every[Symbol.asyncDispose]();
});

// A restore with and one without a ready copy are the same to Redis.
const names = commandNames.filter(name => !['restore without', 'delete'].includes(name));

test.each(names)('bmtool is killed before and after every command of %s to Redis: all is put right', async name => {
  for (const moment of ['before', 'after'] as const)
    expect(await every.cutShort(name, { at: 'redis', moment, victim: 'bmtool' })).toBeGreaterThan(3);
});
