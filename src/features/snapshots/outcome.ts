import { type Block, say, table, type View } from '../../cli/view.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { Health } from '../../engine/snapshots/health.ts';
import type { PutBack } from '../../engine/snapshots/put-back.ts';
import type { Snapshot } from '../../engine/snapshots/shelf.ts';
import type { Warmed } from '../../engine/snapshots/warm.ts';
import { counted, msText } from './words.ts';

/** The result of a restore, and of an undo, which is one of what was put out. */
export type PutBackOutcome = PutBack & {
  /** It is in its place. */
  readonly state: 'restored';
  /** In words. */
  readonly what: string;
  readonly snapshot: Snapshot | undefined;
  readonly health: Health;
  /** NetBox's processes remember ids that mean something else in this database. */
  readonly typesMoved: boolean;
  /** The copy that was made ready for the next restore. */
  readonly warm: Warmed | undefined;
  /** From the command until NetBox answered with it. */
  readonly seconds: number;
};

/** What a restore would do, had it not been only looked at. */
export type PutBackPlan = {
  /** Nothing was changed. */
  readonly state: 'planned';
  /** What would take the place of NetBox's database, in words. */
  readonly what: string;
  /** That database, and where it is. */
  readonly place: string;
  readonly snapshot: Snapshot | undefined;
};

/** Somebody was asked, and said no. */
export type Declined = {
  /** Nothing was changed. */
  readonly state: 'declined';
};

export function exitOf(outcome: PutBackOutcome | PutBackPlan | Declined): ExitCode {
  if (outcome.state === 'planned') return 0;
  return outcome.state === 'declined' ? 1 : exitByHealth(outcome.health);
}

export function exitByHealth({ silent, counts }: Health): ExitCode {
  if (silent !== undefined) return 5;
  return counts.every(({ expected, found }) => expected === found) ? 0 : 3;
}

export function putBackText(outcome: PutBackOutcome | PutBackPlan | Declined, view: View): Block[] {
  if (outcome.state === 'declined') return [say('Nothing was changed.')];
  if (outcome.state === 'planned') return plannedText(outcome);
  const { paint } = view;
  const { what, blockedMs, sessions, method, copySeconds, forgotten, running, events, jobs, undo } = outcome;
  const copy =
    method === undefined ? 'a copy was ready' : `a copy was made in ${msText(copySeconds * 1000)} before (${method})`;
  return [
    ...healthBlocks(outcome.health, view),
    say(paint.bold(`Restored ${what} in ${outcome.seconds.toFixed(2)} s.`)),
    say(`NetBox could not connect for ${msText(blockedMs)}; ${counted(sessions, 'session')} ended; ${copy}.`),
    say(
      `Dropped ${counted(forgotten, 'key')} of NetBox's cache; ${counted(events, 'event')} in the queue, ${counted(jobs, 'background job')} waiting.${running > 0 ? ` ${counted(running, 'background job')} cut short.` : ''}`,
    ),
    ...(outcome.warm ? [say(`A copy is ready for the next restore (${outcome.warm.seconds.toFixed(1)} s).`)] : []),
    ...(outcome.typesMoved
      ? [
          say(
            paint.warn(
              'Restart NetBox and its worker: they remember ids of content types that mean something else in this database.',
            ),
          ),
        ]
      : []),
    ...(undo === undefined ? [] : [say('Take it back: bmtool snapshot undo')]),
  ];
}

function plannedText({ what, place, snapshot }: PutBackPlan): Block[] {
  const would = say(`Would put ${what} in the place of ${place}. Nothing was changed.`);
  if (snapshot === undefined) return [would];
  const { manifest, timestamp } = snapshot;
  return [would, say(`What would be different: bmtool snapshot diff ${manifest.name} --timestamp ${timestamp}`)];
}

export function healthBlocks(health: Health, { paint }: View): Block[] {
  if (health.silent !== undefined)
    return [
      say(`${paint.bad('✗')} NetBox does not answer: ${health.silent}`),
      say('The database is in its place. See what NetBox says in its log; it may need a restart.'),
    ];
  if (health.counts.length === 0) return [say(`${paint.good('✓')} NetBox answers (${msText(health.answeredMs)}).`)];
  return [
    table(
      ['', 'NetBox counts', 'expected', 'found'],
      health.counts.map(({ what, expected, found }) => [
        expected === found ? paint.good('✓') : paint.bad('✗'),
        what,
        String(expected),
        expected === found ? String(found) : paint.bad(String(found)),
      ]),
    ),
  ];
}
