import { flag, integer } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { say } from '../../cli/view.ts';
import { counted } from '../../core/counted.ts';
import { Failure } from '../../core/failure.ts';
import type { Problem } from '../../core/problem.ts';
import { appendLeases } from './play.ts';

const shownProblems = 5;

/** What was played. */
type ReplayOutcome = {
  /** Leases that were put into the spool. */
  readonly played: number;
  /** Servers that got none. */
  readonly problems: readonly Problem[];
};

export const replay = defineCommand({
  path: 'dhcp replay',
  summary: 'Play the leases of the whole fleet, as if its BMCs powered on',
  details: `Appends a lease event to the spool for every server whose BMC has a MAC in NetBox, with the address
that phase 1 gives it. The worker does with them what it does with real ones: for labs and
demonstrations, not for a NetBox that others rely on.`,
  examples: [
    { line: 'bmtool dhcp replay --fleet --rate 20', says: 'twenty a second; watch them with bmtool dhcp worker' },
    { line: 'bmtool state restore 1 --through-events', says: 'the same, worked off and verified' },
  ],
  exits: { 1: 'a server has no lease to play, or a person said no' },
  args: {
    fleet: flag('of all servers in NetBox; must be said'),
    limit: integer('only the first N servers by name', 'N'),
    rate: integer('so many a second; all at once without', 'N/s'),
    yes: flag('do not ask; without a terminal nobody is asked'),
  },
  needs: [
    'netbox',
    'fleetLeases',
    'spool',
    'confirm',
    'progress',
    'interrupt',
    'clock',
    'pause',
    'settings',
    'hostName',
  ],
  async prepare({ fleet }) {
    if (!fleet)
      throw new Failure('option-missing', 'Say of what: --fleet', {
        next: 'For a recording of packets: bmtool dhcp tap --replay FILE',
      });
  },
  async run(
    { limit, rate, yes },
    { netbox, fleetLeases, confirm, hostName: host, progress, ...tools },
  ): Promise<ReplayOutcome> {
    const { leases, problems } = await fleetLeases(limit);
    const question = `Play ${counted(leases.length, 'lease')} for ${netbox.url}?`;
    if (leases.length > 0 && !(await confirm({ question, yes }))) return { played: 0, problems };
    const step = progress.step(`playing ${counted(leases.length, 'lease')}`);
    const onAppended = (count: number) => step.at(count, leases.length);
    const played = await appendLeases(leases, { ...tools, host, onAppended }, rate);
    step.done(`${counted(played, 'lease')} in ${tools.spool.folder}`);
    return { played, problems };
  },
  text: ({ played, problems }, { paint }) => [
    ...problems.slice(0, shownProblems).map(({ subject, message }) => say(paint.bad(`${subject}: ${message}`))),
    ...(problems.length > shownProblems ? [say(`… and ${problems.length - shownProblems} more`)] : []),
    ...(problems.some(({ message }) => message.includes('MAC'))
      ? [say('MACs come from the manifest: bmtool load-macs FILE')]
      : []),
    say(`${counted(played, 'lease')} played. They are worked off by bmtool dhcp worker.`),
  ],
  exit: ({ played, problems }) => (played === 0 || problems.length > 0 ? 1 : 0),
});
