import { flag } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { putBackJson } from './json.ts';
import { exitOf, type PutBackOutcome, putBackText } from './outcome.ts';
import { ageText } from './words.ts';

export const undo = defineCommand({
  path: 'snapshot undo',
  summary: 'Put back what the last restore put out',
  details: `The database that NetBox had before takes its place again, with what waited in Redis then. Twice
is back where you were: what is put out is kept in turn.`,
  examples: [{ line: 'bmtool snapshot undo', says: 'after a restore that was a mistake' }],
  exits: {
    1: 'a person said no, or somebody else is at work',
    2: 'wrong usage, or no restore has put anything out yet',
    5: 'a service could not be reached, or NetBox does not answer afterwards',
  },
  args: {
    dryRun: flag('show what would be put back and stop'),
    force: flag('end whatever transactions are open'),
    wait: flag('wait while somebody else restores or saves'),
    yes: flag('do not ask; without a terminal nobody is asked'),
  },
  needs: ['netboxAhead', 'takeTurn', 'snapshots', 'confirm', 'clock'],
  async run({ dryRun, force, wait, yes }, { takeTurn, snapshots, confirm, clock }) {
    const command = 'snapshot undo';
    const startedMs = clock();
    const held = dryRun ? undefined : await takeTurn({ command, wait });
    try {
      await snapshots.begin({ command, wait, orLook: dryRun });
      await snapshots.checkTarget();
      const { note } = await snapshots.undoCopy();
      const askedMs = clock();
      const what = `what "${note.by}" put out ${ageText(note.at, askedMs)} ago`;
      const place = `${snapshots.source} on ${snapshots.where}`;
      if (dryRun) return { state: 'planned', what, place, snapshot: undefined } as const;
      const lost = `What was written to NetBox since "${note.by}" goes; the same command brings it back.`;
      const question = `${lost} Put ${what} in the place of ${place}?`;
      if (!(await confirm({ question, yes }))) return { state: 'declined' } as const;
      const asking = clock() - askedMs;
      const put = await snapshots.putBack({ what: 'undo', by: 'undo', force });
      const health = await snapshots.health({});
      const seconds = (clock() - startedMs - asking) / 1000;
      await snapshots.tidyUp();
      const common = { snapshot: undefined, typesMoved: false, warm: undefined };
      const outcome: PutBackOutcome = { state: 'restored', what, ...put, health, ...common, seconds };
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
