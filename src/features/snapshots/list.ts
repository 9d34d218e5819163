import { defineCommand } from '../../cli/command.ts';
import { say, table } from '../../cli/view.ts';
import type { Shelf } from '../../engine/snapshots/shelf.ts';
import { type SnapshotJson, snapshotJson } from './json.ts';
import { ageText, bytesText, counted, netboxWord, phaseWord } from './words.ts';

type ListOutcome = Shelf & {
  /** The PostgreSQL. */
  readonly where: string;
  /** The name of NetBox's database. */
  readonly source: string;
  readonly nowMs: number;
  /** Who is at work on the copies now: then this is a look in passing. */
  readonly busy: string | undefined;
};

/** What is kept beside NetBox's database. */
type ListJson = Pick<ListOutcome, 'where' | 'source' | 'busy' | 'damaged' | 'warm'> & {
  /** NetBox's own database; none where there is none of its name. */
  readonly live:
    | {
        /** The role that owns it. */
        readonly owner: string;
        /** What its owner noted; may be empty. */
        readonly comment: string;
        /** Clients are refused. */
        readonly blocked: boolean;
        /** The step that is under way, or was cut short. */
        readonly doing: 'blocked' | 'restored' | undefined;
      }
    | undefined;
  /** Newest first. */
  readonly snapshots: readonly SnapshotJson[];
  /** What the last restore put out. */
  readonly undo:
    | {
        /** The database. */
        readonly database: string;
        /** What it takes. */
        readonly bytes: number;
        /** What put it out: `restore 1 (20261121-113012)`. */
        readonly by: string;
        /** ISO 8601: when. */
        readonly at: string;
      }
    | undefined;
};

export const list = defineCommand({
  path: 'snapshot list',
  summary: 'List the snapshots, newest first, and what they take',
  examples: [{ line: 'bmtool snapshot list', says: 'also: bmtool snapshot' }],
  args: {},
  needs: ['snapshots', 'clock'],
  async run(_, { snapshots, clock }) {
    const { busy } = await snapshots.begin({ command: 'snapshot list', orLook: true });
    const { where, source } = snapshots;
    const outcome: ListOutcome = { ...(await snapshots.look()), where, source, nowMs: clock(), busy };
    return outcome;
  },
  text(outcome, { paint }) {
    const { snapshots, damaged, warm, undo, live, nowMs, busy, source, where } = outcome;
    const total = [...snapshots, ...damaged].reduce((sum, { bytes }) => sum + bytes, 0);
    const others = [
      ...(warm ? [`${bytesText(warm.bytes)} for a copy that is ready`] : []),
      ...(undo ? [`${bytesText(undo.bytes)} for the undo copy (of before "${undo.note.by}")`] : []),
    ];
    return [
      ...(snapshots.length + damaged.length === 0
        ? []
        : [
            table(
              ['name', 'time (UTC)', 'age', 'size', 'phase', 'netbox', 'kept in', 'note'],
              [
                ...snapshots.map(({ manifest, timestamp, bytes }) => [
                  manifest.name,
                  timestamp,
                  ageText(manifest.savedAt, nowMs),
                  bytesText(bytes),
                  phaseWord(manifest),
                  netboxWord(manifest),
                  manifest.exported ? 'cluster, file' : 'cluster',
                  manifest.note,
                ]),
                ...damaged.map(({ timestamp, bytes, unreadable, database }) => [
                  paint.bad('?'),
                  timestamp,
                  '–',
                  bytesText(bytes),
                  '–',
                  '–',
                  'cluster',
                  `${database}: ${unreadable}`,
                ]),
              ],
            ),
          ]),
      say(
        snapshots.length + damaged.length === 0
          ? `No snapshots of ${source} on ${where} yet. Make one: bmtool snapshot save NAME`
          : `${counted(snapshots.length + damaged.length, 'snapshot')} of ${source} on ${where}: ${bytesText(total)}${others.length > 0 ? `, and ${others.join(', ')}` : ''}.`,
      ),
      ...damaged.map(({ database }) =>
        say(
          paint.warn(
            `Nothing can be restored from ${database}. If nobody needs it: bmtool snapshot delete ${database}`,
          ),
        ),
      ),
      ...(live === undefined
        ? [say(paint.warn(`There is no database ${source} now. Put one in its place: bmtool snapshot restore NAME`))]
        : []),
      ...(busy === undefined ? [] : [say(paint.warn(`${busy} is at work on them.`))]),
    ];
  },
  json: listJson,
});

function listJson({ live, snapshots, damaged, warm, undo, where, source, busy }: ListOutcome): ListJson {
  return {
    where,
    source,
    live: live && { owner: live.owner, comment: live.comment, blocked: live.blocked, doing: live.note?.doing },
    busy,
    snapshots: snapshots.map(snapshotJson),
    damaged,
    warm,
    undo: undo && { database: undo.database, bytes: undo.bytes, by: undo.note.by, at: undo.note.at },
  };
}
