import { flag, live, optionalWord, text, word } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { print, say } from '../../cli/view.ts';
import { Failure } from '../../core/failure.ts';
import type { Exported } from '../../engine/snapshots/export.ts';
import { type RecordJson, recordJson } from './json.ts';
import { checkNote } from './names.ts';
import { bytesText, counted, phaseText, snapshotText } from './words.ts';

type ExportOutcome = Exported & {
  /** In words. */
  readonly what: string;
};

type ExportJson = Omit<Exported, 'manifest'> & {
  /** What is in it. */
  readonly snapshot: RecordJson;
};

export const exportToFile = defineCommand({
  path: 'snapshot export',
  summary: 'Write a snapshot, or the record as it is now, into one file',
  details: `The file has a dump by the pg_dump that fits the server, what is known of the snapshot, the
discovery queue, and checksums. NetBox's waiting background jobs are not in it.
It holds all that NetBox knows, hashes of passwords and tokens included: nobody else may read it.
"live" is the record as it is now, of one moment, while NetBox serves on. It takes no right but to
read: the way out of servers that allow no copies.`,
  examples: [
    { line: 'bmtool snapshot export 1', says: 'to snapshots/1-TIME.bmsnap' },
    { line: 'bmtool snapshot export live /backup/netbox.bmsnap', says: 'without a snapshot' },
  ],
  exits: { 1: 'the file could not be written, or pg_dump refused', 2: 'wrong usage, or there is no such snapshot' },
  args: {
    name: live('snapshots', word('a phase number or a word, or "live"', 'name')),
    file: optionalWord('where to; default: a new file in snapshots/', 'file'),
    timestamp: text('one of several under this name, or the beginning of its time', 'YYYYMMDD-HHMMSS'),
    note: text('for "live": a word about it', 'text'),
    force: flag('replace a file that is there'),
    wait: flag('wait while somebody else restores or saves'),
  },
  needs: ['snapshots', 'recordNow'],
  async prepare({ name, file, timestamp, note, force }, { snapshotFiles }) {
    checkFits(name, timestamp, note);
    // The name in a folder is not known yet, but whether this can be written is.
    if (file !== undefined) await snapshotFiles.place({ file, name, force });
  },
  async run({ name, file, timestamp, note, force, wait }, { snapshots, recordNow }) {
    await snapshots.begin({ command: `snapshot export ${name}`, wait });
    if (name === 'live') {
      await snapshots.checkTarget();
      const { netbox, phase } = await recordNow();
      const live = { netbox, phase, note: note ?? '' };
      const outcome: ExportOutcome = { ...(await snapshots.export({ what: live, file, force })), what: 'the record' };
      return outcome;
    }
    const snapshot = await snapshots.choose({ name, timestamp });
    const exported = await snapshots.export({ what: snapshot, file, force });
    const outcome: ExportOutcome = { ...exported, what: `${snapshotText(snapshot)} UTC` };
    return outcome;
  },
  text(outcome, { paint }) {
    const { what, file, bytes, manifest, by, jobsLeftOut, seconds } = outcome;
    const facts = [
      bytesText(bytes),
      phaseText(manifest),
      counted(manifest.rows.dcim_device ?? 0, 'device'),
      counted(manifest.queue.entries.length, 'event'),
    ];
    return [
      say(paint.bold(`Exported ${what} in ${seconds.toFixed(1)} s (${by}): ${facts.join(', ')}.`)),
      print(file),
      ...(jobsLeftOut === 0
        ? []
        : [say(paint.warn(`Not in the file: ${counted(jobsLeftOut, 'background job')} of NetBox's, waiting.`))]),
      say('Bring it back, here or elsewhere: bmtool snapshot import FILE'),
    ];
  },
  /** The file that was written, and what is in it. */
  json: ({ what: _, manifest, ...outcome }): ExportJson => ({ ...outcome, snapshot: recordJson(manifest) }),
});

/** What is said of one kind of thing alone. Throws `Failure` (exit 2). */
function checkFits(name: string, timestamp: string | undefined, note: string | undefined): void {
  if (name === 'live' && timestamp !== undefined)
    throw new Failure('options-clash', '"live" is the record as it is now: it has no --timestamp');
  if (name !== 'live' && note !== undefined)
    throw new Failure('options-clash', 'A snapshot has the note that it was saved with: --note is for "live"');
  checkNote(note);
}
