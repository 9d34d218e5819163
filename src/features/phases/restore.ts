import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { EventQueue } from '../../adapters/redis/queue.ts';
import { flag, integer, option, word } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { counted } from '../../core/counted.ts';
import { Failure } from '../../core/failure.ts';
import { planText } from '../../core/plan.ts';
import type { Carried } from '../../engine/carry-out.ts';
import type { Settings } from '../../settings.ts';
import { type Check, runChecks } from './checks.ts';
import type { Facts } from './facts.ts';
import { failuresOf, type RestoreJson, type RestoreOutcome, resultsByKind } from './outcome.ts';
import { type PhaseNumber, phases } from './phase.ts';
import { eventsOf, fleetOf, makePlan, type PhasePlan, type PlanWish } from './planning.ts';
import { restoreText, summaryLines } from './text.ts';
import { powerOn } from './through-events.ts';
import { restoreViaSnapshot } from './via-snapshot.ts';

export const restore = defineCommand({
  path: 'state restore',
  summary: 'Put the whole record into phase 0, 1 or 2, from wherever it is',
  details: `${Object.entries(phases)
    .map(([number, { title }]) => `  ${number}  ${title}`)
    .join('\n')}

What differs from the phase is worked out server by server and written with the fewest
changes; run again, it writes nothing. A server that cannot get there is named and left alone.
Events in the discovery queue are removed.`,
  examples: [
    { line: 'bmtool state restore 1', says: 'all servers discovered, each with its BMC address' },
    { line: 'bmtool state restore 2 --limit 10', says: 'only the first ten servers, always the same ones' },
    { line: 'bmtool state restore 1 --via snapshot', says: 'the short way, where a snapshot of the phase was saved' },
    { line: 'bmtool state restore 1 --through-events', says: 'by leases, each decided about as a real one' },
    { line: 'bmtool state restore 0 --dry-run --verbose', says: 'list every change and write nothing' },
  ],
  exits: {
    1: 'a server failed or was left alone, or a person said no',
    3: 'the verification found differences',
  },
  args: {
    phase: word('the phase to restore', 'phase', ['0', '1', '2']),
    limit: integer('only the first N servers by name', 'N'),
    dryRun: flag('show the plan and stop'),
    via: option('take a snapshot of the phase that is of the same fleet', 'snapshot', ['snapshot']),
    throughEvents: flag(
      'phase 1 as the real world reaches it: power everything off, then let the BMCs ask for addresses',
    ),
    wait: flag('wait while somebody else restores'),
    yes: flag('do not ask; without a terminal nobody is asked'),
  },
  needs: [
    'netbox',
    'redis',
    'runs',
    'awaitLanding',
    'takeTurn',
    'carryOut',
    'confirm',
    'settings',
    'progress',
    'clock',
    'trySnapshots',
    'fleetLeases',
    'playLeases',
    'interrupt',
  ],
  async prepare({ via, limit, phase, throughEvents }) {
    if (throughEvents && (phase !== '1' || via !== undefined))
      throw new Failure('options-clash', '--through-events is a way into phase 1, and none of a snapshot');
    if (via !== undefined && limit !== undefined)
      throw new Failure(
        'options-clash',
        'A snapshot is of the whole record: --via snapshot and --limit do not go together',
      );
  },
  async run(values, tools) {
    const { netbox, redis, runs, takeTurn, awaitLanding, carryOut, confirm, settings, progress, clock } = tools;
    const wish = { phase: Number(values.phase) as PhaseNumber, limit: values.limit };
    const command = `state restore ${wish.phase}${wish.limit === undefined ? '' : ` --limit ${wish.limit}`}`;
    const queue = redis.queue(settings.get('REDIS_QUEUE'));
    const held = values.dryRun ? undefined : await takeTurn({ command, wait: values.wait });
    try {
      await awaitLanding();
      if (values.via !== undefined) {
        const ask = (question: string) => confirm({ question, yes: values.yes });
        const snapshots = await tools.trySnapshots();
        const shortWay = { netbox, snapshots, queue, where: redis.where, settings, clock };
        return await restoreViaSnapshot({ phase: wish.phase, command, dryRun: values.dryRun, ask }, shortWay);
      }
      const startedMs = clock();
      const reading = progress.step('reading the fleet');
      const plan = await makePlan(netbox, queue, settings, wish);
      reading.done(`read ${plan.facts.servers.length} of ${counted(plan.facts.total, 'server')}`);
      const readMs = clock() - startedMs;
      const pace = runs.pace(netbox.url);
      const planned: RestoreOutcome = {
        ...summaryOf(plan, wish.phase),
        ...nothingDone,
        state: 'planned',
        dryRun: values.dryRun,
        queue: `${queue.key} on ${redis.where}`,
        estimateSeconds: pace === undefined ? undefined : Math.round((netbox.workOf(plan.changes) * pace) / 1000),
      };
      if (values.dryRun) return planned;
      if (plan.changes.length + plan.events.length > 0) {
        for (const line of summaryLines(planned)) progress.note(line);
        const question = `Put ${counted(planned.servers, 'server')} on ${netbox.url} into phase ${wish.phase}?`;
        const declined: RestoreOutcome = { ...planned, state: 'declined' };
        if (!(await confirm({ question, yes: values.yes }))) return declined;
      }
      const begunMs = clock();
      if (values.throughEvents && plan.changes.length > 0) {
        const eventsTools = { ...tools, queue, where: redis.where };
        const { interrupted, played } = await powerOn(`${command} --through-events`, wish, eventsTools);
        const isOver = interrupted || tools.interrupt.aborted;
        const checks = isOver ? [] : await verify(netbox, queue, settings, wish, plan.facts);
        const outcome: RestoreOutcome = { ...planned, state: isOver ? 'interrupted' : 'applied', checks, played };
        return { ...outcome, seconds: (readMs + clock() - begunMs) / 1000 };
      }
      const events = { redis: redis.where, queue, op: 'remove', entries: plan.events } as const;
      const carried = await carryOut({ command, changes: plan.changes, queue: events });
      const checks = carried.interrupted ? [] : await verify(netbox, queue, settings, wish, plan.facts);
      // Not the time in which a person made up their mind.
      return { ...planned, ...resultOf(plan, carried), checks, seconds: (readMs + clock() - begunMs) / 1000 };
    } finally {
      await held?.release();
    }
  },
  text: restoreText,
  /** What it took to bring the record into the phase. */
  json: ({ changes, ...outcome }): RestoreJson => ({
    ...outcome,
    ...(outcome.dryRun ? { changes } : {}),
    writes: changes.length,
    title: phases[outcome.phase].title,
  }),
  exit(outcome) {
    if (outcome.state === 'interrupted') return 130;
    if (outcome.state === 'declined' || outcome.problems.length + outcome.failures.length > 0) return 1;
    return outcome.checks.every(check => check.ok) ? 0 : 3;
  },
});

const nothingDone = { results: [], failures: [], checks: [], runId: undefined, seconds: 0 };

function summaryOf({ facts, changes, events, decided }: PhasePlan, phase: PhaseNumber) {
  return {
    phase,
    servers: facts.servers.length,
    total: facts.total,
    planned: planText(changes),
    changes,
    events: events.length,
    problems: decided.decisions.flatMap(({ problem }) => (problem ? [problem] : [])),
  };
}

function resultOf({ changes }: PhasePlan, { interrupted, results, runId }: Carried) {
  return {
    state: interrupted ? 'interrupted' : 'applied',
    results: resultsByKind(changes, results),
    failures: failuresOf(changes, results),
    runId,
  } as const;
}

/** Asks NetBox and Redis anew whether the servers are in the phase now. */
async function verify(
  netbox: NetBox,
  queue: EventQueue,
  settings: Settings,
  { phase, limit }: PlanWish,
  { servers }: Facts,
): Promise<Check[]> {
  const ids = limit === undefined ? undefined : servers.map(({ id }) => id);
  const events = (await eventsOf(netbox, await queue.read(), ids)).length;
  return runChecks(netbox, { ...fleetOf(settings), phase, limit, statusMap: settings.statusMap, events });
}
