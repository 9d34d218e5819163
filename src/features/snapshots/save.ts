import { flag, onOff, text, word } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { say } from '../../cli/view.ts';
import type { Saved } from '../../engine/snapshots/save.ts';
import type { Warmed } from '../../engine/snapshots/warm.ts';
import { type SnapshotJson, snapshotJson } from './json.ts';
import { checkName, checkNote } from './names.ts';
import { bytesText, counted, msText, phaseText, snapshotText } from './words.ts';

type SaveOutcome = Saved & {
  /** The copy that was made ready for the next restore. */
  readonly warm: Warmed | undefined;
  /** NetBox did not say which phase it is. */
  readonly netboxAway: boolean;
};

type SaveJson = Omit<SaveOutcome, 'snapshot'> & {
  /** What was saved. */
  readonly snapshot: SnapshotJson;
};

export const save = defineCommand({
  path: 'snapshot save',
  summary: 'Keep the whole record as it is now, to go back to it at once',
  details: `A copy of NetBox's database is made beside it in its PostgreSQL, with what waits in Redis: the
discovery queue and NetBox's background jobs. NetBox cannot connect while the copy is made;
requests in flight fail and may be sent again.
Saving again under a name adds a version.`,
  examples: [
    { line: 'bmtool snapshot save 1', says: 'keep it under the name of the phase' },
    { line: 'bmtool snapshot save before-upgrade --note "4.7.2, all quiet"', says: 'with a word about it' },
  ],
  exits: { 1: 'somebody else is at work, or transactions are open' },
  args: {
    name: word('a phase number or a word', 'name'),
    note: text('a word about it, for the list', 'text'),
    fastNext: onOff('keep a copy ready, so that the next restore only exchanges names', true),
    force: flag('end whatever transactions are open'),
    wait: flag('wait while somebody else restores or saves'),
  },
  needs: ['takeTurn', 'snapshots', 'recordNow', 'progress'],
  async prepare({ name, note }) {
    checkName(name);
    checkNote(note);
  },
  async run({ name, note = '', fastNext, force, wait }, { takeTurn, snapshots, recordNow, progress }) {
    const command = `snapshot save ${name}`;
    const held = await takeTurn({ command, wait });
    try {
      await snapshots.begin({ command, wait });
      const looking = progress.step('asking NetBox which phase this is');
      await snapshots.checkTarget().catch(error => {
        looking.fail();
        throw error;
      });
      const { netbox, phase, silent } = await recordNow();
      if (silent === undefined) looking.done();
      else {
        looking.fail();
        progress.note(`${silent}. The database ${snapshots.source} on ${snapshots.where} is saved all the same.`);
      }
      const saved = await snapshots.save({ name, note, force, phase, netbox });
      const warm = fastNext ? await snapshots.warm(saved.snapshot) : undefined;
      const outcome: SaveOutcome = { ...saved, warm, netboxAway: netbox === '' };
      return outcome;
    } finally {
      await held.release();
    }
  },
  text(outcome, { paint }) {
    const { snapshot, blockedMs, sessions, method, seconds, running, warm, netboxAway } = outcome;
    const { manifest, bytes } = snapshot;
    const facts = [
      bytesText(bytes),
      phaseText(manifest),
      counted(manifest.rows.dcim_device ?? 0, 'device'),
      counted(manifest.queue.entries.length, 'event'),
    ];
    return [
      say(paint.bold(`Saved ${snapshotText(snapshot)} UTC in ${seconds.toFixed(1)} s: ${facts.join(', ')}.`)),
      say(
        `NetBox could not connect for ${msText(blockedMs)} (${method}); ${counted(sessions, 'session')} ended.${running > 0 ? ` ${counted(running, 'background job')} cut short.` : ''}`,
      ),
      ...(netboxAway ? [say(paint.warn('NetBox did not say: its version and the phase are not known.'))] : []),
      ...(warm ? [say(`A copy is ready for the next restore (${warm.seconds.toFixed(1)} s).`)] : []),
      say(`Bring it back: bmtool snapshot restore ${manifest.name}`),
    ];
  },
  /** What was saved, and what that took. */
  json: ({ snapshot, ...outcome }): SaveJson => ({ ...outcome, snapshot: snapshotJson(snapshot) }),
});
