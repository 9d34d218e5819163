import { flag } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { say, table } from '../../cli/view.ts';
import type { Mend } from '../../engine/snapshots/mend.ts';

/** What was put right. */
type RecoverJson = {
  /** What was done, in its order. */
  readonly mended: readonly {
    /** `let in`: clients were refused. `finish`: caches and queues were of another record. `close`: clients could come in. */
    readonly did: Mend['do'];
    /** To which database; none where it was NetBox's own. */
    readonly database: string | undefined;
    /** Why, in words. */
    readonly why: string;
  }[];
};

export const recover = defineCommand({
  path: 'snapshot recover',
  summary: 'Put right what a bmtool that was killed left behind',
  details: `Every snapshot command does this first. What is to be done follows from the names and the
comments of the databases alone.`,
  examples: [{ line: 'bmtool snapshot recover', says: 'after a crash; harmless at any time' }],
  exits: { 1: 'somebody else is at work' },
  args: { wait: flag('wait while somebody else restores or saves') },
  needs: ['snapshots'],
  async run({ wait }, { snapshots }) {
    const { mended } = await snapshots.begin({ command: 'snapshot recover', wait });
    return { mended };
  },
  text: ({ mended }) =>
    mended.length === 0
      ? [say('Nothing to put right.')]
      : [
          table(
            ['did', 'to', 'because'],
            mended.map(mend => [mend.do, 'database' in mend ? mend.database : "NetBox's database", mend.why]),
          ),
        ],
  json: ({ mended }): RecoverJson => ({
    mended: mended.map(mend => ({
      did: mend.do,
      database: 'database' in mend ? mend.database : undefined,
      why: mend.why,
    })),
  }),
});
