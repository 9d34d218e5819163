import { file as fileArgument, flag } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { say } from '../../cli/view.ts';
import { Failure } from '../../core/failure.ts';
import type { Health } from '../../engine/snapshots/health.ts';
import type { FileRestored } from '../../engine/snapshots/restore-file.ts';
import { type Declined, exitByHealth, healthBlocks } from './outcome.ts';
import { ageText, bytesText, counted, msText } from './words.ts';

/** What was put into NetBox's database. */
type FileOutcome = FileRestored & {
  /** It is in its place. */
  readonly state: 'restored';
  /** The file. */
  readonly file: string;
  /** The file that has the record as it was before. */
  readonly before: string;
  readonly health: Health;
  /** NetBox's processes remember ids that mean something else in this database. */
  readonly typesMoved: boolean;
  /** How long it took. */
  readonly seconds: number;
};

export const restoreFromFile = defineCommand({
  path: 'snapshot restore-file',
  summary: 'Put an exported file into the database itself, where no copies can be made',
  details: `For managed servers without CREATEDB; elsewhere snapshot import and snapshot restore are quicker.
All of the file is checked first, and the record as it is now is exported into snapshots/. What the
file has takes the place of NetBox's tables in one transaction: all of it or nothing. NetBox waits
meanwhile, some seconds for 601 servers. The user must own the tables, and needs no other right.
What NetBox had cached in Redis is dropped, the discovery queue becomes the file's, and background
jobs that waited end as failed.`,
  examples: [{ line: 'bmtool snapshot restore-file before.bmsnap', says: 'what snapshot export live wrote' }],
  exits: {
    1: 'a person said no, or PostgreSQL refused',
    3: 'NetBox counts other rows than the file had',
    5: 'a service could not be reached, or NetBox does not answer afterwards',
  },
  args: {
    file: fileArgument('what bmtool snapshot export wrote'),
    force: flag('end whatever transactions are open'),
    wait: flag('wait while somebody else restores or saves'),
    yes: flag('do not ask; without a terminal nobody is asked'),
  },
  needs: ['netboxAhead', 'takeTurn', 'snapshots', 'recordNow', 'confirm', 'progress', 'clock'],
  prepare: ({ file }, { snapshotFiles }) => snapshotFiles.read(file),
  /** What was put into NetBox's database. */
  async run({ force, wait, yes }, tools, file): Promise<FileOutcome | Declined> {
    const { takeTurn, snapshots, recordNow, confirm, progress, clock } = tools;
    const { manifest } = file;
    const command = 'snapshot restore-file';
    const held = await takeTurn({ command, wait });
    try {
      await snapshots.begin({ command, wait });
      await snapshots.checkTarget();
      const { differences, typesMoved } = await snapshots.compare({ manifest });
      if (differences.length > 0) throw unlike(file.file, differences);
      progress.note(
        `"${manifest.name}", ${ageText(manifest.savedAt, clock())} old, by ${manifest.who}: ${counted(manifest.rows.dcim_device ?? 0, 'device')}, ${bytesText(manifest.bytes)}.`,
      );
      const lost = `What was written to NetBox since "${manifest.name}" was saved goes; it is exported before.`;
      const question = `${lost} Put it in the place of what is in ${snapshots.source} on ${snapshots.where}? NetBox waits meanwhile.`;
      if (!(await confirm({ question, yes }))) return { state: 'declined' };
      const startedMs = clock();
      const { netbox, phase } = await recordNow();
      const now = { netbox, phase, note: `before ${command} ${file.file}` };
      const { file: before } = await snapshots.export({ what: now, file: undefined, force: false });
      const restored = await snapshots.restoreFile({ file, force });
      const health = await snapshots.health(manifest.rows);
      const seconds = (clock() - startedMs) / 1000;
      const outcome: FileOutcome = {
        state: 'restored',
        file: file.file,
        before,
        ...restored,
        health,
        typesMoved,
        seconds,
      };
      return outcome;
    } finally {
      await held.release();
    }
  },
  text(outcome, view) {
    if (outcome.state === 'declined') return [say('Nothing was changed.')];
    const { paint } = view;
    const { file, before, health, seconds, waitedMs, forgotten, events, running, jobsEnded, typesMoved } = outcome;
    return [
      ...healthBlocks(health, view),
      say(paint.bold(`Restored ${file} in ${seconds.toFixed(1)} s.`)),
      say(`NetBox waited for at most ${msText(waitedMs)}.`),
      say(
        `Dropped ${counted(forgotten, 'key')} of NetBox's cache; ${counted(events, 'event')} in the queue.${running > 0 ? ` ${counted(running, 'background job')} cut short.` : ''}`,
      ),
      ...(jobsEnded === 0
        ? []
        : [
            say(
              `${counted(jobsEnded, 'background job')} that waited when it was exported ended as failed. Restart NetBox's worker: it schedules its own anew.`,
            ),
          ]),
      ...(typesMoved
        ? [
            say(
              paint.warn(
                'Restart NetBox and its worker: they remember ids of content types that mean something else now.',
              ),
            ),
          ]
        : []),
      say(`Take it back: bmtool snapshot restore-file ${before}`),
    ];
  },
  exit: outcome => (outcome.state === 'declined' ? 1 : exitByHealth(outcome.health)),
});

function unlike(file: string, differences: readonly { what: string; here: string; snapshot: string }[]): Failure {
  const lines = differences.map(({ what, here, snapshot }) => `  ${what}: here ${here}, file ${snapshot}`);
  return new Failure('snapshot-does-not-fit', `${file} is of another NetBox:\n${lines.join('\n')}`, {
    next: 'Nothing was changed. Bring NetBox to the version of the file first.',
  });
}
