import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandNames, type EveryStep, openEveryStep } from '../support/every-step.ts';

let every: EveryStep;

beforeAll(async () => {
  every = await openEveryStep();
});

afterAll(async () => {
  await every[Symbol.asyncDispose]();
});

test.each(commandNames)('bmtool is killed before and after every statement of %s: all is put right', async name => {
  const steps = await every.cutShort(name, { at: 'postgres', moment: 'before', victim: 'bmtool' });
  expect(await every.cutShort(name, { at: 'postgres', moment: 'after', victim: 'bmtool' })).toBe(steps);
  expect(steps).toBeGreaterThan(1);
});

test('bmtool is killed while PostgreSQL works on a statement: it is done or not, and put right all the same', async () => {
  expect(
    await every.cutShort('restore without', { at: 'postgres', moment: 'during', victim: 'bmtool' }),
  ).toBeGreaterThan(1);
});
