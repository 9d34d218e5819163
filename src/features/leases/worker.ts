import { flag, option } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { type Block, row, type View } from '../../cli/view.ts';
import { counted } from '../../core/counted.ts';
import { Failure } from '../../core/failure.ts';
import { mostAgeMs } from './fact-cache.ts';
import { timeText } from './text.ts';
import { type Worked, work } from './work.ts';

export const worker = defineCommand({
  path: 'dhcp worker',
  summary: 'Work off lease events: discover devices, put BMC addresses on record, warn of what does not fit',
  details: `Events come from the spool, where the hook, dhcp tap and dhcp follow put them. What each one means
is decided by the table that bmtool dhcp decide --help shows; what it leads to is written as a
run, which bmtool undo takes back.

One worker at a time works on a spool; a second one waits for its turn. With --via redis any number
of them work on all machines, on the list dhcp_lease, and tell of discovered devices on REDIS_QUEUE
and device_discovered. While NetBox is away the events wait. What NetBox has about a BMC is read
again when it is older than ${mostAgeMs / 1000} s, and before every write.

Renewals that change nothing are not shown; --verbose shows them, --json has all.`,
  examples: [
    { line: 'bmtool dhcp worker', says: 'until Ctrl-C; as a service: bmtool dhcp install' },
    { line: 'bmtool dhcp worker --once', says: 'what waits now, then end' },
  ],
  exits: { 1: 'with --once: something could not be done' },
  args: {
    via: option('events of all machines, through Redis; those of this machine are sent on to it', 'redis', ['redis']),
    once: flag('work off what waits now, and end'),
  },
  needs: [
    'netbox',
    'leaseQueue',
    'oui',
    'carryOut',
    'awaitLanding',
    'settings',
    'progress',
    'interrupt',
    'clock',
    'pause',
  ],
  async *run({ once, via }, { leaseQueue, settings, ...tools }) {
    const { bmcInterfaces, statusMap } = settings;
    const queue = await leaseQueue({ via, wait: !once });
    if (queue === undefined && tools.interrupt.aborted) return;
    if (queue === undefined)
      throw new Failure('spool-taken', 'Another worker is at this spool', {
        next: 'It works off what waits; to see how far it is: bmtool dhcp spool',
      });
    if (!once) tools.progress.note(`Waiting for lease events in ${queue.name}. Ctrl-C ends.`);
    let seen = 0;
    let quiet = 0;
    for await (const worked of work({ ...tools, queue, bmcInterfaces, statusMap }, { wait: !once })) {
      seen += 1;
      if (isQuiet(worked)) quiet += 1;
      yield { ...worked, once };
    }
    if (once && quiet === seen && !tools.interrupt.aborted) tools.progress.note(nothingShown(seen, queue.name));
    const dead = once ? (await queue.counts()).dead : 0;
    if (dead > 0)
      tools.progress.note(
        `${counted(dead, 'dead letter')}: what could not be carried out or read. See bmtool dhcp dead list`,
      );
  },
  text: workedText,
  json: workedJson,
  // A worker that was told to end has done its work: what failed comes again, or is a dead letter.
  exit: ({ failed, once }) => (failed === undefined || !once ? 0 : 1),
});

/** Nothing that anybody has to know: a renewal, for instance. */
function isQuiet({ act, failed }: Pick<Worked, 'act' | 'failed'>): boolean {
  return (act === 'nothing' || act === 'ignore' || act === 'note') && failed === undefined;
}

/** What is said where no event has a line. */
export function nothingShown(seen: number, queue: string): string {
  return seen === 0
    ? `No lease event waits in ${queue}.`
    : `${counted(seen, 'lease event')} worked off: nothing to change.`;
}

/** `2026-11-21 10:00:00  94:40:C9:00:00:01  10.20.0.5  srv-001  discover  the device is discovered, at this address` */
export function workedText(worked: Worked, { verbose, paint }: View): Block[] {
  const { event, act, reason, device, journalled, failed } = worked;
  if (isQuiet(worked) && !verbose) return [];
  const { time, mac, address } = event.data;
  const colours: Readonly<Record<string, (text: string) => string>> = {
    discover: paint.good,
    move: paint.good,
    assign: paint.good,
    warn: paint.warn,
    unknown: paint.warn,
  };
  const colour = colours[act] ?? (text => text);
  const told = act === 'warn' ? (journalled > 0 ? '; written to the journal' : '; in the journal already') : '';
  const words = failed === undefined ? `${reason}${told}` : paint.bad(`failed: ${failed}`);
  const when = timeText(time);
  const whose = device ?? '-';
  return [row([paint.dim(when), mac, [address, 15], [whose, 12], [colour(act), 8], words])];
}

export function workedJson({ event, once: _, ...worked }: Worked & { once?: boolean }): Worked {
  return { ...worked, event };
}
