import type { Capture, TapCounts } from '../../adapters/capture/capture.ts';
import type { Spool } from '../../adapters/spool/spool.ts';
import { flag, text } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { type Block, say, type View } from '../../cli/view.ts';
import { counted } from '../../core/counted.ts';
import { Failure } from '../../core/failure.ts';
import type { LeaseEvent } from '../../core/lease.ts';
import { eventBlock } from './text.ts';

/** What a tap says, one after the other: that it listens, each event, and how it ended. */
type TapResult = Listening | { readonly event: LeaseEvent } | Ended;

/** Said first, when packets are heard. */
type Listening = {
  /** The interface. */
  readonly listening: string;
};

/** Said last. */
type Ended = {
  /** How it ended. */
  readonly end: TapEnd;
};

type TapEnd = TapCounts & {
  /** How many events there were. */
  readonly events: number;
  /** The folder of the spool that the events are in; nothing after a dry run. */
  readonly spool: string | undefined;
  /** It was ended by a signal. */
  readonly interrupted: boolean;
  /** Where the packets came from. */
  readonly from: TapSource;
};

type TapSource =
  | {
      /** Its name. */
      readonly interface: string;
    }
  | {
      /** The recording. */
      readonly file: string;
    };

export const tap = defineCommand({
  path: 'dhcp tap',
  summary: 'Hear what DHCP servers grant, on the wire, and hand it to the worker',
  details: `For where the server must not be touched. Listens through tcpdump, which has to be installed and
allowed to (root, or CAP_NET_RAW); give the interface that the traffic passes, or a mirror port.
Renewals go straight from BMC to server and are heard only on their way. Up to two VLAN tags are
read, but not with the interface any. Each event is in the spool before it is shown.`,
  examples: [
    { line: 'bmtool dhcp tap --interface ens3', says: 'listen until it is interrupted' },
    { line: 'bmtool dhcp tap --replay dhcp.pcap --dry-run', says: 'see what a recording (pcap or pcapng) tells' },
  ],
  exits: {
    1: 'tcpdump ended by itself, or the recording is damaged',
    2: 'wrong usage, or this is no recording',
    4: 'tcpdump may not listen',
  },
  args: {
    interface: text('listen on this interface: ens3, br0, any', 'name'),
    replay: text('read a recording instead, pcap or pcapng', 'file'),
    dryRun: flag('show the events and put none into the spool'),
  },
  prepare: async values => sourceOf(values),
  needs: ['capture', 'spool', 'interrupt'],
  run: ({ dryRun }, { capture, spool, interrupt }, source) =>
    tapResults(source, capture, dryRun ? undefined : spool, interrupt),
  text: resultText,
  /** Each lease event as it is heard; before them that it listens, after them how it ended. */
  json: (result): Listening | LeaseEvent | Ended => ('event' in result ? result.event : result),
  exit: result => ('end' in result ? endExit(result.end) : 0),
});

function sourceOf(typed: { interface: string | undefined; replay: string | undefined }): TapSource {
  if (typed.interface !== undefined && typed.replay === undefined) return { interface: typed.interface };
  if (typed.replay !== undefined && typed.interface === undefined) return { file: typed.replay };
  throw new Failure('option-missing', 'A tap needs one of --interface and --replay', {
    next: 'Listen: bmtool dhcp tap --interface ens3. Read a recording: bmtool dhcp tap --replay dhcp.pcap',
  });
}

async function* tapResults(
  source: TapSource,
  capture: Capture,
  spool: Spool | undefined,
  interrupt: AbortSignal,
): AsyncGenerator<TapResult> {
  const tapped = 'file' in source ? await capture.replay(source.file) : await capture.listen(source.interface);
  if ('interface' in source) yield { listening: source.interface };
  let events = 0;
  for await (const event of tapped.events) {
    spool?.append([event]);
    events += 1;
    yield { event };
  }
  const end = { ...tapped.counts(), events, spool: spool?.folder, interrupted: interrupt.aborted, from: source };
  yield { end };
}

/** Interrupting is how listening ends; of a recording it leaves a part unread. */
function endExit({ damage, interrupted, from }: TapEnd) {
  if (damage !== undefined) return 1;
  return interrupted && 'file' in from ? 130 : 0;
}

function resultText(result: TapResult, view: View): readonly Block[] {
  if ('listening' in result) return [say(view.paint.dim(`Listening on ${result.listening}; Ctrl-C ends it.`))];
  return 'event' in result ? [eventBlock(result.event, view)] : endText(result.end, view);
}

function endText(end: TapEnd, { paint }: View): readonly Block[] {
  const put = end.spool === undefined ? 'none put into the spool (dry run)' : `put into the spool ${end.spool}`;
  const odd = [
    unlessNone(end.truncated, 'truncated'),
    unlessNone(end.notUnderstood, 'not understood'),
    unlessNone(end.repeated, 'repeated'),
    unlessNone(end.dropped ?? 0, 'dropped by the kernel'),
  ].filter(part => part !== '');
  return [
    say(
      `${counted(end.packets, 'packet')}, ${end.dhcp} of DHCP${odd.length > 0 ? ` (${odd.join(', ')})` : ''}: ${counted(end.events, 'event')}, ${put}.`,
    ),
    ...(end.endsMidway ? [say(paint.warn('The recording ends within a packet, which is left out.'))] : []),
    ...(end.damage ? [say(paint.bad(`Nothing behind byte ${end.damage.at} could be read: ${end.damage.why}.`))] : []),
    ...(end.interrupted && 'file' in end.from ? [say('Interrupted: the rest of the recording was not read.')] : []),
  ];
}

function unlessNone(count: number, word: string): string {
  return count === 0 ? '' : `${count} ${word}`;
}
