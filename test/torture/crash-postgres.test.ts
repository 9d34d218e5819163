import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandNames, type EveryStep, openEveryStep } from '../support/every-step.ts';

let every: EveryStep;

beforeAll(async () => {
  every = await openEveryStep();
});

afterAll(async () => {
  await every[Symbol.asyncDispose]();
});

test.each(commandNames)(
  'PostgreSQL is killed in the middle of every step of %s: all is found again, whole',
  async name => {
    expect(await every.cutShort(name, { at: 'postgres', moment: 'during', victim: 'PostgreSQL' })).toBeGreaterThan(1);
  },
);
