import { expect, test } from 'vitest';
import { parseArguments } from '../../../src/cli/program.ts';
import { commands } from '../../../src/commands.ts';
import { nextSteps, type Situation } from '../../../src/features/start/next.ts';

const nothing: Situation = { netbox: 'none', cutShort: undefined, waiting: 0, hasRuns: false };
const first = (now: Partial<Situation>) => nextSteps({ ...nothing, ...now })[0]?.line;

test.each([
  { now: {}, says: 'bmtool init' },
  { now: { netbox: 'lab' as const }, says: 'bmtool doctor' },
  { now: { netbox: 'named' as const }, says: 'bmtool doctor' },
  { now: { cutShort: { id: 'k3f', command: 'load-macs a.csv' } }, says: 'bmtool load-macs a.csv' },
])('with $now the next thing is $says', ({ now, says }) => {
  expect(first(now)).toBe(says);
});

test('every step can be typed', () => {
  for (const netbox of ['none', 'lab', 'named'] as const)
    for (const waiting of [0, 3])
      for (const { line } of nextSteps({
        ...nothing,
        netbox,
        waiting,
        hasRuns: true,
        cutShort: { id: 'k', command: 'undo' },
      })) {
        const parsed = parseArguments(line.split(' ').slice(1), commands, [], '0');
        expect(parsed.kind, line).toBe('run');
      }
});
