import { optionalWord } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { say } from '../../cli/view.ts';
import { agreeing } from '../../core/counted.ts';
import { type Check, runChecks } from './checks.ts';
import { type PhaseNumber, phaseNumbers, phaseText } from './phase.ts';
import { fleetOf } from './planning.ts';
import { readFacts } from './read.ts';
import { recognise } from './recognise.ts';
import { decideAll } from './show.ts';
import { checksTable } from './text.ts';

/** Whether the record is in a phase. */
type VerifyOutcome = {
  /** The phase that was asked about. */
  readonly phase: PhaseNumber;
  /** Nobody said which phase: it is the nearest one. */
  readonly guessed: boolean;
  /** Each question, with its answer. */
  readonly checks: readonly Check[];
};

export const verify = defineCommand({
  path: 'verify phase',
  summary: 'Ask NetBox whether the record is in a phase',
  details: `Each row is a question that NetBox answers with its own filters; it shares nothing with the
planner of state restore. Without a phase it is the one that state show recognises, or the
nearest.`,
  examples: [
    { line: 'bmtool verify 2', says: 'is everything as it should be in phase 2?' },
    { line: 'bmtool verify cables', says: 'which cables are in another port than designed?' },
  ],
  exits: { 3: 'something is otherwise' },
  args: { phase: optionalWord('the phase to verify', 'phase', ['0', '1', '2']) },
  needs: ['netbox', 'redis', 'settings', 'progress'],
  async run(values, { netbox, redis, settings, progress }) {
    const fleet = fleetOf(settings);
    const step = progress.step('asking NetBox');
    const guessed = values.phase === undefined;
    let phase = Number(values.phase) as PhaseNumber;
    if (guessed) {
      const facts = await readFacts(netbox, { ...fleet, limit: undefined, phases: phaseNumbers });
      phase = recognise(decideAll(facts, settings.statusMap)).distances[0]?.phase ?? 0;
    }
    const events = await redis.queue(settings.get('REDIS_QUEUE')).length();
    const checks = await runChecks(netbox, {
      ...fleet,
      phase,
      limit: undefined,
      statusMap: settings.statusMap,
      events,
    });
    step.done();
    const outcome: VerifyOutcome = { phase, guessed, checks };
    return outcome;
  },
  text({ phase, guessed, checks }, view) {
    const wrong = checks.filter(check => !check.ok).length;
    const words =
      wrong === 0
        ? `In ${phaseText(phase)}.`
        : `Not in ${phaseText(phase)}: ${wrong} of ${checks.length} checks ${agreeing(wrong, 'differs', 'differ')}.`;
    return [
      checksTable(checks, view),
      say(view.paint.bold(words)),
      ...(guessed ? [say('No phase was named: this is the nearest. To check another: bmtool verify <0|1|2>')] : []),
      ...(wrong === 0 ? [] : [say(`To put it there: bmtool state restore ${phase}`)]),
    ];
  },
  exit: ({ checks }) => (checks.every(check => check.ok) ? 0 : 3),
});
