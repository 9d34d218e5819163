import { flag, live, optionalWord, text, word } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { Failure } from '../../core/failure.ts';
import type { RecordDiff, Side } from '../../engine/snapshots/diff.ts';
import { type KindSummary, summaryOf } from './diff-summary.ts';
import { diffText } from './diff-text.ts';

export type DiffOutcome = RecordDiff & { readonly before: Side; readonly after: Side; readonly source: string };

type SideJson = {
  /** The snapshot's name. */
  readonly name: string;
  /** When it was saved: `20261121-113012`, UTC. */
  readonly timestamp: string;
  /** The database that has it. */
  readonly database: string;
};

/** What differs between two records. */
type DiffJson = Pick<RecordDiff, 'objects' | 'tables' | 'shape'> & {
  /** The earlier one: a snapshot, or `live`. */
  readonly before: SideJson | 'live';
  /** The later one. */
  readonly after: SideJson | 'live';
  /** How many objects of each kind differ. */
  readonly summary: readonly KindSummary[];
};

export const diff = defineCommand({
  path: 'snapshot diff',
  summary: 'Show what differs between a snapshot and the record as it is now, or another snapshot',
  details: `Objects are compared by kind and field: devices, interfaces, MAC addresses, IP addresses, cables
with their ends, and journal entries. Of all other tables, the numbers of rows. An object that was
deleted and made again under the same name is "made anew": NetBox knows it by another id.
Piped, every difference is a row: kind, what, id, name, field, before, after.`,
  examples: [
    { line: 'bmtool snapshot diff 1', says: 'what has happened since' },
    { line: 'bmtool snapshot diff 1 2 --verbose', says: 'what phase 2 did, every object' },
    { line: 'bmtool snapshot diff 1 1 --timestamp 20261121-1130', says: 'an earlier one and the newest of one name' },
  ],
  exits: { 3: 'something differs' },
  args: {
    name: live('snapshots', word('a phase number or a word', 'name')),
    other: live(
      'snapshots',
      optionalWord('another snapshot, the newest of its name; live is the record as it is now', 'name|live'),
    ),
    timestamp: text('one of several under the first name, or the beginning of its time', 'YYYYMMDD-HHMMSS'),
    wait: flag('wait while somebody else restores or saves'),
  },
  needs: ['snapshots'],
  async run({ name, other = 'live', timestamp, wait }, { snapshots }) {
    await snapshots.begin({ command: `snapshot diff ${name}`, wait });
    const before = name === 'live' ? name : await snapshots.choose({ name, timestamp });
    const after = other === 'live' ? other : await snapshots.choose({ name: other });
    if (isSame(before, after))
      throw new Failure('options-clash', 'These are one and the same', {
        next: `Name another one, or an earlier one of "${name}" with --timestamp: bmtool snapshot list shows them.`,
      });
    const outcome: DiffOutcome = { ...(await snapshots.diff(before, after)), before, after, source: snapshots.source };
    return outcome;
  },
  text: diffText,
  json: (outcome): DiffJson => ({
    before: sideJson(outcome.before),
    after: sideJson(outcome.after),
    summary: summaryOf(outcome),
    objects: outcome.objects,
    tables: outcome.tables,
    shape: outcome.shape,
  }),
  exit: ({ objects, tables, shape }) => (objects.length + tables.length + shape.length === 0 ? 0 : 3),
});

function isSame(before: Side, after: Side): boolean {
  const databases = [before, after].map(side => (side === 'live' ? side : side.database));
  return databases[0] === databases[1];
}

function sideJson(side: Side): SideJson | 'live' {
  return side === 'live' ? side : { name: side.manifest.name, timestamp: side.timestamp, database: side.database };
}
