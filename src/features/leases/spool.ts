import { integer } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { say, table } from '../../cli/view.ts';
import { counted } from '../../core/counted.ts';
import type { LeaseEvent } from '../../core/lease.ts';
import { eventBlock } from './text.ts';
import { via } from './via.ts';

const usualLimit = 5;

/** What waits, and where. */
type SpoolOutcome = {
  /** In words. */
  readonly where: string;
  /** The first of those that wait, oldest first. */
  readonly first: readonly LeaseEvent[];
  /** The spool's folder; none with `--via redis`. */
  readonly folder: string | undefined;
  /** What the spool takes on disk. */
  readonly bytes: number | undefined;
  /** Events in the spool's files that no worker has read. */
  readonly unread: number;
  /** Events that a worker has read, and not worked off. */
  readonly waiting: number;
  /** Dead letters. */
  readonly dead: number;
  /** MACs that something is noted about. */
  readonly known: number;
  /** Of these, BMCs that NetBox does not know. */
  readonly unknown: number;
  /** ISO 8601: the last decision. */
  readonly newest: string | undefined;
};

export const spool = defineCommand({
  path: 'dhcp spool',
  summary: 'Show how many lease events wait, where, and the first of them',
  examples: [
    { line: 'bmtool dhcp spool --limit 100', says: 'the first hundred that wait' },
    { line: 'bmtool dhcp spool --via redis', says: 'the same for the lists in Redis' },
  ],
  exits: { 5: 'with --via redis: Redis could not be reached' },
  args: { limit: integer('show so many of those that wait; default: 5', 'N'), via },
  needs: ['leaseStore', 'settings'],
  async run(wish, { leaseStore, settings }) {
    const store = await leaseStore(wish.via);
    const { waiting, dead, unread = 0, bytes } = await store.counts();
    const notes = [...(await store.notes.all()).values()];
    const newest = notes
      .map(note => note.decided.at(-1)?.at ?? '')
      .sort()
      .at(-1);
    const outcome: SpoolOutcome = {
      where: store.name,
      first: await store.peek(wish.limit ?? usualLimit),
      folder: wish.via === undefined ? settings.get('BMTOOL_SPOOL_DIR') : undefined,
      bytes,
      unread,
      waiting,
      dead,
      known: notes.length,
      unknown: notes.filter(note => note.decided.at(-1)?.act === 'unknown').length,
      newest,
    };
    return outcome;
  },
  text({ where, first, bytes, unread, waiting, dead, known, unknown, newest }, view) {
    const { paint } = view;
    const rows = [
      ['waiting', String(unread + waiting)],
      ['dead letters', String(dead)],
      ['BMCs known', String(known - unknown)],
      ['BMCs unknown', String(unknown)],
      ['last decision', newest ?? 'none yet'],
      ...(bytes === undefined ? [] : [['bytes on disk', String(bytes)]]),
    ];
    return [
      say(`Lease events in ${where}`),
      table(['what', 'found'], rows),
      ...(first.length > 0 ? [say('Waiting, oldest first; they are worked off by bmtool dhcp worker:')] : []),
      ...first.map(event => eventBlock(event, view)),
      ...(dead > 0
        ? [say(paint.warn(`${counted(dead, 'event')} could not be carried out: bmtool dhcp dead list`))]
        : []),
      ...(unknown > 0 ? [say(`${counted(unknown, 'BMC')} that NetBox does not know: bmtool dhcp unknown`)] : []),
    ];
  },
});
