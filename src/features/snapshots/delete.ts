import { flag, integer, live, text, word } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { type Block, say, table, type View } from '../../cli/view.ts';
import { Failure } from '../../core/failure.ts';
import type { Damaged, Snapshot } from '../../engine/snapshots/shelf.ts';
import { type SnapshotJson, snapshotJson } from './json.ts';
import { bytesText, counted, snapshotText } from './words.ts';

type Deleted = {
  /** `planned`: only looked; `declined`: somebody was asked, and said no. */
  readonly state: 'planned' | 'deleted' | 'declined';
  readonly snapshots: readonly Snapshot[];
  /** One that could not be read, told by the name of its database. */
  readonly damaged: readonly Damaged[];
  /** What they take, or took. */
  readonly bytes: number;
};

/** What was deleted. */
type DeletedJson = Omit<Deleted, 'snapshots'> & {
  /** What was, or would be, deleted. */
  readonly snapshots: readonly SnapshotJson[];
};

export const remove = defineCommand({
  path: 'snapshot delete',
  summary: 'Delete one snapshot for good',
  details: `A snapshot that cannot be read has no name. The name of its database does instead, as snapshot
list shows it.`,
  examples: [
    { line: 'bmtool snapshot delete 1', says: 'the newest one of this name' },
    { line: 'bmtool snapshot delete 1 --timestamp 20261121-1130 --yes', says: 'an earlier one, without being asked' },
  ],
  exits: { 1: 'a person said no, or somebody else is at work', 2: 'wrong usage, or there is no such snapshot' },
  args: {
    name: live('snapshots', word('a phase number or a word', 'name')),
    timestamp: text('one of several under this name, or the beginning of its time', 'YYYYMMDD-HHMMSS'),
    dryRun: flag('show what would be deleted and stop'),
    wait: flag('wait while somebody else restores or saves'),
    yes: flag('do not ask; without a terminal nobody is asked'),
  },
  needs: ['snapshots', 'confirm'],
  async run({ name, timestamp, dryRun, wait, yes }, { snapshots, confirm }) {
    await snapshots.begin({ command: `snapshot delete ${name}`, wait, orLook: dryRun });
    const damaged = (await snapshots.look()).damaged.find(({ database }) => database === name);
    const found = damaged ? { damaged: [damaged] } : { snapshots: [await snapshots.choose({ name, timestamp })] };
    if (dryRun) return deletedOf('planned', found);
    const question = damaged
      ? `Delete ${name} (${bytesText(damaged.bytes)}) for good? It cannot be told what is in it: ${damaged.unreadable}.`
      : `Delete ${found.snapshots?.map(snapshotWithSize)} for good?`;
    if (!(await confirm({ question, yes }))) return deletedOf('declined', found);
    await snapshots.drop(found.damaged ?? found.snapshots);
    return deletedOf('deleted', found);
  },
  text: deletedText,
  json: deletedJson,
  exit: ({ state }) => (state === 'declined' ? 1 : 0),
});

export const prune = defineCommand({
  path: 'snapshot prune',
  summary: 'Keep the newest N snapshots of each name and delete the others',
  examples: [
    { line: 'bmtool snapshot prune --keep 3 --dry-run', says: 'show which would go' },
    { line: 'bmtool snapshot prune --keep 3', says: 'from cron: at most three of each name' },
  ],
  exits: { 1: 'a person said no, or somebody else is at work' },
  args: {
    keep: integer('how many of each name to keep', 'N'),
    dryRun: flag('show what would be deleted and stop'),
    wait: flag('wait while somebody else restores or saves'),
    yes: flag('do not ask; without a terminal nobody is asked'),
  },
  needs: ['snapshots', 'confirm'],
  async prepare({ keep }) {
    if (keep === undefined)
      throw new Failure('option-missing', 'How many to keep?', {
        next: 'For instance: bmtool snapshot prune --keep 3',
      });
  },
  async run({ keep = 1, dryRun, wait, yes }, { snapshots, confirm }) {
    await snapshots.begin({ command: 'snapshot prune', wait, orLook: dryRun });
    const byName = Map.groupBy((await snapshots.look()).snapshots, ({ manifest }) => manifest.name);
    const old = [...byName.values()].flatMap(versions => versions.slice(keep));
    if (dryRun) return deletedOf('planned', { snapshots: old });
    const question = `Delete ${counted(old.length, 'snapshot')} for good: ${old.map(snapshotText).join(', ')}?`;
    if (old.length > 0 && !(await confirm({ question, yes }))) return deletedOf('declined', { snapshots: old });
    await snapshots.drop(old);
    return deletedOf('deleted', { snapshots: old });
  },
  text: deletedText,
  json: deletedJson,
  exit: ({ state }) => (state === 'declined' ? 1 : 0),
});

function snapshotWithSize(snapshot: Snapshot): string {
  return `${snapshotText(snapshot)} (${bytesText(snapshot.bytes)})`;
}

function deletedOf(
  state: Deleted['state'],
  { snapshots = [], damaged = [] }: Partial<Pick<Deleted, 'snapshots' | 'damaged'>>,
): Deleted {
  const bytes = [...snapshots, ...damaged].reduce((sum, one) => sum + one.bytes, 0);
  return { state, snapshots, damaged, bytes };
}

function deletedText({ state, snapshots, damaged, bytes }: Deleted, { paint }: View): Block[] {
  if (state === 'declined') return [say('Nothing was deleted.')];
  const count = snapshots.length + damaged.length;
  if (count === 0) return [say('Nothing to delete.')];
  return [
    table(
      [state === 'planned' ? 'would delete' : 'deleted', 'time (UTC)', 'size'],
      [
        ...snapshots.map(({ manifest, timestamp, bytes: size }) => [manifest.name, timestamp, bytesText(size)]),
        ...damaged.map(({ database, timestamp, bytes: size }) => [database, timestamp, bytesText(size)]),
      ],
    ),
    state === 'planned'
      ? say(`Would delete ${counted(count, 'snapshot')} of ${bytesText(bytes)} for good. Nothing was deleted.`)
      : say(paint.bold(`Deleted ${counted(count, 'snapshot')}, ${bytesText(bytes)} are free again.`)),
  ];
}

function deletedJson({ snapshots, ...outcome }: Deleted): DeletedJson {
  return { ...outcome, snapshots: snapshots.map(snapshotJson) };
}
