import { defineCommand } from '../../cli/command.ts';
import { say, table } from '../../cli/view.ts';
import { counted } from './text.ts';
import { via } from './via.ts';

export const spool = defineCommand({
  path: 'dhcp spool',
  summary: 'Show how many lease events wait, and where',
  examples: [{ line: 'bmtool dhcp spool --via redis', says: 'the same for the lists in Redis' }],
  args: { via },
  needs: ['leaseStore', 'settings'],
  async run(wish, { leaseStore, settings }) {
    const store = await leaseStore(wish.via);
    const { waiting, dead, unread = 0, bytes } = await store.counts();
    const notes = [...(await store.notes.all()).values()];
    const newest = notes
      .map(note => note.decided.at(-1)?.at ?? '')
      .sort()
      .at(-1);
    return {
      where: store.name,
      folder: wish.via === undefined ? settings.get('BMTOOL_SPOOL_DIR') : undefined,
      bytes,
      unread,
      waiting,
      dead,
      known: notes.length,
      unknown: notes.filter(note => note.decided.at(-1)?.act === 'unknown').length,
      newest,
    };
  },
  text({ where, bytes, unread, waiting, dead, known, unknown, newest }, { paint }) {
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
      ...(unread + waiting > 0 ? [say('They are worked off by bmtool dhcp worker.')] : []),
      ...(dead > 0
        ? [say(paint.warn(`${counted(dead, 'event')} could not be carried out: bmtool dhcp dead list`))]
        : []),
      ...(unknown > 0 ? [say(`${counted(unknown, 'BMC')} that NetBox does not know: bmtool dhcp unknown`)] : []),
    ];
  },
});
