import { file as fileArgument, flag, onOff, text } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { say, table } from '../../cli/view.ts';
import type { Difference } from '../../engine/snapshots/compatible.ts';
import type { Imported } from '../../engine/snapshots/import.ts';
import type { Warmed } from '../../engine/snapshots/warm.ts';
import { type SnapshotJson, snapshotJson } from './json.ts';
import { checkName, checkNote } from './names.ts';
import { bytesText, counted, phaseText, snapshotText } from './words.ts';

type ImportOutcome = Imported & {
  /** The file. */
  readonly file: string;
  /** In what it is of another NetBox than the one that is here. */
  readonly differences: readonly Difference[];
  /** The copy that was made ready for the next restore. */
  readonly warm: Warmed | undefined;
};

type ImportJson = Omit<ImportOutcome, 'snapshot'> & {
  /** What the file became. */
  readonly snapshot: SnapshotJson;
};

export const importFromFile = defineCommand({
  path: 'snapshot import',
  summary: 'Make a snapshot of what an exported file has',
  details: `All of the file is checked before anything else is touched. NetBox is not disturbed: the
snapshot comes into use with bmtool snapshot restore, which refuses one of another NetBox version.
NetBox's background jobs that waited are not in the file; NetBox shows them as failed.
Checksums tell damage, not who wrote a file: a dump is SQL, and PostgreSQL carries it out as PGUSER.
Import files of people whom you trust with NetBox's database.`,
  examples: [{ line: 'bmtool snapshot import snapshots/1-20261121-113012.bmsnap', says: 'then: snapshot restore 1' }],
  exits: { 1: 'pg_restore refused', 2: 'wrong usage, or the file is not what export wrote; nothing was kept' },
  args: {
    file: fileArgument('what bmtool snapshot export wrote'),
    name: text('another name for it', 'name'),
    note: text('another word about it, for the list', 'text'),
    fastNext: onOff('keep a copy ready, so that the next restore only exchanges names', true),
    wait: flag('wait while somebody else restores or saves'),
  },
  needs: ['snapshots', 'progress'],
  async prepare({ file, name, note }, { snapshotFiles }) {
    if (name !== undefined) checkName(name);
    checkNote(note);
    const found = await snapshotFiles.read(file);
    checkName(name ?? found.manifest.name);
    return found;
  },
  async run({ name, note, fastNext, wait }, { snapshots, progress }, file) {
    const { manifest } = file;
    await snapshots.begin({ command: `snapshot import ${name ?? manifest.name}`, wait });
    const { differences } = await snapshots.compare({ manifest });
    if (differences.length > 0) progress.note(differentText(differences));
    const wish = { file, name: name ?? manifest.name, note: note ?? manifest.note };
    const imported = await snapshots.import(wish);
    const warm = fastNext && differences.length === 0 ? await snapshots.warm(imported.snapshot) : undefined;
    const outcome: ImportOutcome = { ...imported, file: file.file, differences, warm };
    return outcome;
  },
  text({ snapshot, jobsEnded, seconds, differences, warm }, { paint }) {
    const { manifest, bytes } = snapshot;
    const facts = [
      bytesText(bytes),
      phaseText(manifest),
      counted(manifest.rows.dcim_device ?? 0, 'device'),
      counted(manifest.queue.entries.length, 'event'),
    ];
    const restore = `bmtool snapshot restore ${manifest.name}`;
    return [
      table(['imported', 'time (UTC)', 'size'], [[manifest.name, snapshot.timestamp, bytesText(bytes)]]),
      say(
        paint.bold(
          `Imported ${snapshotText(snapshot)} UTC, by ${manifest.who}, in ${seconds.toFixed(1)} s: ${facts.join(', ')}.`,
        ),
      ),
      ...(jobsEnded === 0
        ? []
        : [
            say(
              `${counted(jobsEnded, 'background job')} that waited when it was exported ended as failed. After a restore, restart NetBox's worker: it schedules its own anew.`,
            ),
          ]),
      ...(warm ? [say(`A copy is ready for the next restore (${warm.seconds.toFixed(1)} s).`)] : []),
      say(
        differences.length === 0 ? `Bring it back: ${restore}` : paint.warn(`${restore} will refuse it here as it is.`),
      ),
    ];
  },
  /** The snapshot that a file became. */
  json: ({ snapshot, ...outcome }): ImportJson => ({ ...outcome, snapshot: snapshotJson(snapshot) }),
});

function differentText(differences: readonly Difference[]): string {
  const lines = differences.map(({ what, here, snapshot }) => `  ${what}: here ${here}, file ${snapshot}`);
  return `The file is of another NetBox:\n${lines.join('\n')}\nIt is imported all the same; a restore will refuse it until NetBox is of its version.`;
}
