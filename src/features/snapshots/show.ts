import { live, text, word } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { say, table } from '../../cli/view.ts';
import type { Difference } from '../../engine/snapshots/compatible.ts';
import { type SnapshotJson, snapshotJson } from './json.ts';
import { bytesText, counted, netboxWord, phaseWord } from './words.ts';

type ShowJson = SnapshotJson & {
  /** In what it is of another NetBox than the one that is here. */
  readonly differences: readonly Difference[];
};

export const show = defineCommand({
  path: 'snapshot show',
  summary: 'Show one snapshot: what is in it, and whether it fits this NetBox',
  examples: [{ line: 'bmtool snapshot show 1', says: 'the newest one of this name' }],
  exits: { 2: 'wrong usage, or there is no such snapshot' },
  args: {
    name: live('snapshots', word('a phase number or a word', 'name')),
    timestamp: text('one of several under this name, or the beginning of its time', 'YYYYMMDD-HHMMSS'),
  },
  needs: ['snapshots'],
  async run(wish, { snapshots }) {
    await snapshots.begin({ command: `snapshot show ${wish.name}`, orLook: true });
    const snapshot = await snapshots.choose(wish);
    return { snapshot, ...(await snapshots.compare(snapshot)) };
  },
  text({ snapshot, differences }, { paint }) {
    const { manifest } = snapshot;
    const rows = Object.entries(manifest.rows).map(([name, count]) => [name, count.toLocaleString('en-US')]);
    const { queue, jobs } = manifest;
    return [
      table(
        ['what', 'found'],
        [
          ['name', manifest.name],
          ['time', `${snapshot.timestamp} UTC`],
          ['by', manifest.who],
          ['note', manifest.note],
          ['size', bytesText(snapshot.bytes)],
          ['phase', phaseWord(manifest)],
          ['NetBox', netboxWord(manifest)],
          ['PostgreSQL', manifest.postgres],
          ['migrations', `${manifest.migrations.count}, digest ${manifest.migrations.digest}`],
          ['queue', `${counted(queue.entries.length, 'event')} in ${queue.key}, digest ${queue.digest}`],
          ['background jobs', String(Object.keys(jobs.fields).length)],
          ['database', `${snapshot.database}, of ${manifest.source}`],
          ['made by', `bmtool ${manifest.tool}`],
          ...(manifest.exported ? [['exported', `${manifest.exported.file}, ${manifest.exported.at}`]] : []),
          ...rows,
        ],
      ),
      ...(differences.length === 0
        ? [say('It fits the NetBox that is here, as far as that can be told.')]
        : differences.map(({ what, here, snapshot: there }) =>
            say(paint.warn(`${what}: here ${here}, snapshot ${there}`)),
          )),
    ];
  },
  /** One snapshot, and whether it fits this NetBox. */
  json: ({ snapshot, differences }): ShowJson => ({ ...snapshotJson(snapshot), differences }),
});
