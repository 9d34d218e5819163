import { defineCommand } from '../../cli/command.ts';
import { type Block, say, table, type View } from '../../cli/view.ts';
import { counted } from '../../core/counted.ts';
import type { Problem } from '../../core/problem.ts';
import { judgeCabling } from './cabling.ts';
import { type Decided, decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { type PhaseNumber, phaseNumbers, phaseText } from './phase.ts';
import { fleetOf } from './planning.ts';
import { readFacts } from './read.ts';
import { type Distance, type Recognised, recognise } from './recognise.ts';

/** Which phase the record is in, and what that was seen by. */
export type StateOutcome = Recognised & {
  /** How many there are. */
  readonly servers: number;
  /** Servers by NetBox's status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Servers with an out-of-band address. */
  readonly addressed: number;
  /** Addresses on BMC interfaces. */
  readonly addresses: number;
  /** Servers by how their first two NICs are cabled, but for those cabled as designed. */
  readonly cabling: {
    /** Swapped, as in phase 2. */
    readonly inverted: number;
    /** Half way: one of the two cables. */
    readonly between: number;
    /** It cannot be told. */
    readonly unclear: number;
  };
  /** bmtool's own journal entries about inversions. */
  readonly entries: number;
  /** The discovery queue. */
  readonly queue: string;
  /** Events that wait in it. */
  readonly events: number;
  /** Servers that bmtool cannot bring into every phase. */
  readonly problems: readonly Problem[];
};

export const show = defineCommand({
  path: 'state show',
  summary: 'Tell which phase the record is in, or between which two',
  examples: [{ line: 'bmtool state show', says: 'also: bmtool state' }],
  args: {},
  needs: ['netbox', 'redis', 'settings', 'progress'],
  async run(_, { netbox, redis, settings, progress }) {
    const queue = redis.queue(settings.get('REDIS_QUEUE'));
    const step = progress.step('reading the fleet');
    const [facts, events] = await Promise.all([
      readFacts(netbox, { ...fleetOf(settings), limit: undefined, phases: phaseNumbers }),
      queue.length(),
    ]);
    step.done();
    const decided = decideAll(facts, settings.statusMap);
    const outcome: StateOutcome = {
      ...recognise(decided),
      ...countsOf(facts),
      queue: `${queue.key} on ${redis.where}`,
      events,
      problems: (decided.get(2)?.decisions ?? []).flatMap(({ problem }) => (problem ? [problem] : [])),
    };
    return outcome;
  },
  text: stateText,
});

/** What is missing to each of the phases. */
export function decideAll(facts: Facts, statusMap: Readonly<Record<string, string>>): Map<PhaseNumber, Decided> {
  return new Map(phaseNumbers.map(phase => [phase, decide(facts, { phase, statusMap })]));
}

function countsOf({ servers }: Facts) {
  const statuses: Record<string, number> = {};
  const cabling = { inverted: 0, between: 0, unclear: 0 };
  for (const server of servers) {
    statuses[server.status] = (statuses[server.status] ?? 0) + 1;
    const judged = judgeCabling(server);
    if (!judged.known) cabling.unclear += judged.marked ? 1 : 0;
    else if (judged.actual !== 'designed') cabling[judged.actual] += 1;
  }
  return {
    servers: servers.length,
    statuses,
    addressed: servers.filter(({ oobIpId }) => oobIpId !== undefined).length,
    addresses: servers.reduce((sum, server) => sum + server.addresses.length, 0),
    cabling,
    entries: servers.reduce((sum, server) => sum + server.entries.length, 0),
  };
}

function stateText(outcome: StateOutcome, view: View): Block[] {
  const { paint } = view;
  const statuses = Object.entries(outcome.statuses)
    .sort(([, a], [, b]) => b - a)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');
  const { inverted, between, unclear } = outcome.cabling;
  const cables = [`${inverted} inverted`, `${between} half way`, ...(unclear > 0 ? [`${unclear} unclear`] : [])];
  const problems = view.verbose ? outcome.problems : outcome.problems.slice(0, 5);
  const more = outcome.problems.length - problems.length;
  return [
    table(
      ['what', 'found'],
      [
        ['servers', String(outcome.servers)],
        ['status', statuses],
        [
          'addresses',
          `${counted(outcome.addressed, 'server has', 'servers have')} an out-of-band address, ${outcome.addresses} on BMC interfaces`,
        ],
        ['cable pairs', cables.join(', ')],
        ['journal', `${counted(outcome.entries, 'entry', 'entries')} "Cable Inversion" by bmtool`],
        ['queue', `${counted(outcome.events, 'event')} in ${outcome.queue}`],
      ],
    ),
    ...problems.map(({ subject, message }) => say(`${paint.warn('!')} ${subject}: ${message}`)),
    ...(more > 0 ? [say(paint.dim(`… and ${more} more; --verbose lists them all`))] : []),
    say(paint.bold(verdictText(outcome))),
    ...(outcome.phase === undefined
      ? outcome.distances.slice(0, 2).map(distance => say(`  ${distanceText(distance)}`))
      : []),
  ];
}

function verdictText({ phase, distances, servers }: StateOutcome): string {
  if (servers === 0) return 'There are no servers.';
  if (phase !== undefined) return `In ${phaseText(phase)}.`;
  const [a, b] = distances.slice(0, 2).map(distance => distance.phase);
  return `Between phase ${Math.min(a ?? 0, b ?? 0)} and phase ${Math.max(a ?? 0, b ?? 0)}.`;
}

const aspectWords = {
  status: 'in status',
  address: 'in address',
  cabling: 'in cabling',
  entry: 'in the journal',
} as const;

function distanceText({ phase, there, differ, stuck }: Distance): string {
  const parts = Object.entries(aspectWords)
    .filter(([aspect]) => differ[aspect as keyof typeof aspectWords] > 0)
    .map(([aspect, words]) => `${counted(differ[aspect as keyof typeof aspectWords], 'differs', 'differ')} ${words}`);
  const others = [...parts, ...(stuck > 0 ? [`${stuck} cannot get there`] : [])];
  return `${phaseText(phase)}: ${counted(there, 'server is', 'servers are')} there${others.length > 0 ? `; ${others.join(', ')}` : ''}`;
}
