import { flag, live, onOff, optionalWord, text } from '../../cli/arguments.ts';
import type { Ask } from '../../cli/ask.ts';
import { defineCommand } from '../../cli/command.ts';
import { Failure } from '../../core/failure.ts';
import type { Difference } from '../../engine/snapshots/compatible.ts';
import type { Snapshot } from '../../engine/snapshots/shelf.ts';
import type { Snapshots } from '../../engine/snapshots/snapshots.ts';
import { putBackJson } from './json.ts';
import { exitOf, type PutBackOutcome, putBackText } from './outcome.ts';
import { ageText, bytesText, counted, phaseText, restoreQuestion, snapshotText } from './words.ts';

export const restore = defineCommand({
  path: 'snapshot restore',
  summary: 'Put the whole record back as a snapshot has it, while NetBox serves on',
  details: `A copy of the snapshot takes the place of NetBox's database; NetBox cannot connect for some
milliseconds. What was there is kept: bmtool snapshot undo puts it back.
What NetBox had cached in Redis is dropped; the discovery queue and NetBox's background jobs
become those of the snapshot.`,
  examples: [
    { line: 'bmtool snapshot restore 1', says: 'the newest one of this name' },
    { line: 'bmtool snapshot restore', says: 'on a terminal: choose one' },
    { line: 'bmtool snapshot restore 1 --dry-run', says: 'whether it fits, and what it would replace' },
    { line: 'bmtool snapshot restore 1 --timestamp 20261121-1130', says: 'an earlier one' },
  ],
  exits: {
    1: 'a person said no, or somebody else is at work',
    3: 'NetBox counts other rows than the snapshot had',
    5: 'a service could not be reached, or NetBox does not answer afterwards',
  },
  args: {
    name: live('snapshots', optionalWord('a phase number or a word; on a terminal you can choose', 'name')),
    timestamp: text('one of several under this name, or the beginning of its time', 'YYYYMMDD-HHMMSS'),
    dryRun: flag('show what would be put there and stop'),
    fastNext: onOff('keep a copy ready, so that the next restore only exchanges names', true),
    force: flag('restore across versions, and end whatever transactions are open'),
    wait: flag('wait while somebody else restores or saves'),
    yes: flag('do not ask; without a terminal nobody is asked'),
  },
  needs: ['netboxAhead', 'takeTurn', 'snapshots', 'confirm', 'ask', 'progress', 'clock'],
  async run({ name: named, timestamp, dryRun, fastNext, force, wait, yes }, tools) {
    const { takeTurn, snapshots, confirm, ask, progress, clock } = tools;
    const command = `snapshot restore ${named ?? ''}`.trim();
    const startedMs = clock();
    const held = dryRun ? undefined : await takeTurn({ command, wait });
    try {
      await snapshots.begin({ command, wait, orLook: dryRun });
      await snapshots.checkTarget();
      const snapshot =
        named === undefined
          ? await chooseByHand(snapshots, ask, clock())
          : await snapshots.choose({ name: named, timestamp });
      const { name } = snapshot.manifest;
      const { differences, typesMoved } = await snapshots.compare(snapshot);
      if (differences.length > 0 && !force) throw unlike(snapshot, differences);
      if (differences.length > 0) progress.note(risk(differences));
      for (const line of aboutLines(snapshot, clock())) progress.note(line);
      const askedMs = clock();
      const what = snapshotText(snapshot);
      const place = `${snapshots.source} on ${snapshots.where}`;
      if (dryRun) return { state: 'planned', what, place, snapshot } as const;
      const question = restoreQuestion(snapshot, snapshots, askedMs);
      if (!(await confirm({ question, yes }))) return { state: 'declined' } as const;
      const asking = clock() - askedMs;
      const by = `restore ${name} (${snapshot.timestamp})`;
      const put = await snapshots.putBack({ what: snapshot, by, force });
      const health = await snapshots.health(snapshot.manifest.rows);
      const seconds = (clock() - startedMs - asking) / 1000;
      await snapshots.tidyUp();
      const warm = fastNext ? await snapshots.warm(snapshot) : undefined;
      const outcome: PutBackOutcome = {
        state: 'restored',
        what,
        snapshot,
        ...put,
        health,
        typesMoved,
        warm,
        seconds,
      };
      return outcome;
    } finally {
      await held?.release();
    }
  },
  text: putBackText,
  /** What was put in the place of NetBox's database. */
  json: putBackJson,
  exit: exitOf,
});

/** For those who would rather choose than type. */
async function chooseByHand(snapshots: Snapshots, ask: Ask, nowMs: number): Promise<Snapshot> {
  const { snapshots: all } = await snapshots.look();
  const names = [...new Set(all.map(({ manifest }) => manifest.name))].map(name => `"${name}"`);
  if (all.length === 0 || !ask.canAsk) {
    throw new Failure('argument-missing', 'Which snapshot?', {
      next:
        all.length === 0
          ? 'There are none yet: bmtool snapshot save NAME makes one.'
          : `There are ${names.join(', ')}.`,
    });
  }
  return ask.choose(
    'Which snapshot?',
    all.map(snapshot => ({
      name: snapshotText(snapshot),
      value: snapshot,
      says: aboutLines(snapshot, nowMs)
        .map(line => line.trim())
        .join(' '),
    })),
  );
}

/** What is about to come back, before anybody is asked: each line fits a terminal, which would break it inside of words. */
function aboutLines(snapshot: Snapshot, nowMs: number): string[] {
  const { manifest, bytes } = snapshot;
  return [
    `${snapshotText(snapshot)} UTC, ${ageText(manifest.savedAt, nowMs)} old, by ${manifest.who}:`,
    `  ${phaseText(manifest)}, ${counted(manifest.rows.dcim_device ?? 0, 'device')}, ${bytesText(bytes)}.`,
    ...(manifest.note ? [`  ${manifest.note}`] : []),
  ];
}

function unlike(snapshot: Snapshot, differences: readonly Difference[]): Failure {
  const lines = differences.map(({ what, here, snapshot: there }) => `  ${what}: here ${here}, snapshot ${there}`);
  return new Failure('snapshot-does-not-fit', `${snapshotText(snapshot)} is of another NetBox:\n${lines.join('\n')}`, {
    next: 'Nothing was changed. Bring NetBox to the version of the snapshot and restore then, or save a new one. --force restores all the same: NetBox fails until its database is migrated (manage.py migrate), and cannot work with one that is newer than itself.',
  });
}

function risk(differences: readonly Difference[]): string {
  const what = differences.map(difference => difference.what).join(', ');
  return `Restoring across versions (${what}): NetBox may fail until its database is migrated. bmtool snapshot undo takes it back.`;
}
