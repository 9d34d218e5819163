import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { Redis } from '../../adapters/redis/redis.ts';
import type { Run } from '../../adapters/runs/run.ts';
import { flag, live, optionalWord } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { type Block, say, table, type View } from '../../cli/view.ts';
import type { Change } from '../../core/change.ts';
import { counted } from '../../core/counted.ts';
import { Failure } from '../../core/failure.ts';
import { planText } from '../../core/plan.ts';
import { planRows } from '../../core/plan-rows.ts';
import type { Problem } from '../../core/problem.ts';
import type { QueueWork } from '../../engine/carry-out.ts';
import { inverseOf, readDone, readNow } from './facts.ts';
import { openKnownRuns } from './later.ts';
import { planUndo, type UndoPlan } from './plan.ts';

/** What was taken back. */
type UndoOutcome = {
  /** The run that was taken back. */
  readonly undone: string;
  /** What had started it. */
  readonly command: string;
  /** How far it came. */
  readonly state: 'planned' | 'declined' | 'applied' | 'interrupted';
  /** What it writes, in words. */
  readonly planned: string;
  /** Changes in its plan. */
  readonly changes: number;
  /** What would be written; after a dry run alone. */
  readonly plan?: readonly Change[];
  /** Changes that NetBox carried out. */
  readonly done: number;
  /** Objects that were to be deleted and were gone already. */
  readonly gone: number;
  /** Objects that are as before the run already: NetBox's record was put back since, from a snapshot for instance. */
  readonly putBack: number;
  /** Objects that somebody else changed since: left alone. */
  readonly refused: readonly Problem[];
  /** Later runs of bmtool that changed, or use, what was left alone, newest first: taken back first, they leave nothing in the way. */
  readonly laterRuns: readonly string[];
  /** Changes that NetBox refused. */
  readonly failed: readonly Problem[];
  /** An earlier run that had taken it back already. */
  readonly undoneBefore: string | undefined;
  /** The run that took it back; none when nothing was written. */
  readonly runId: string | undefined;
};

export const undo = defineCommand({
  path: 'undo',
  summary: 'Take back what a run of bmtool wrote to NetBox',
  details: `Restores exactly the fields that the run changed and deletes what it created. Objects
that somebody else changed since, or that something else uses by now, are left alone and named, with
who; the rest is done. Where the
record was put back to before the run, by snapshot restore for instance, there is nothing to take back.
An undo is a run itself: undo of it is a redo.`,
  examples: [
    { line: 'bmtool undo', says: 'take back the newest run' },
    { line: 'bmtool undo 20261121-071233-k3f --dry-run', says: 'show what that would change' },
  ],
  exits: { 1: 'an object was left alone or failed, or a person said no', 2: 'wrong usage, or there is no such run' },
  args: {
    id: live('runs', optionalWord('the run; the newest whose changes are in NetBox if left out', 'id')),
    dryRun: flag('show the plan and stop'),
    yes: flag('do not ask; without a terminal nobody is asked'),
  },
  needs: ['netbox', 'runs', 'awaitLanding', 'tryRedis', 'carryOut', 'confirm', 'progress', 'clock'],
  async run({ id, dryRun, yes }, { netbox, runs, awaitLanding, tryRedis, carryOut, confirm, progress, clock }) {
    const all = runs.list();
    const wanted = chooseRun(id === undefined ? newestOf(all, netbox.url) : runs.read(id), netbox.url);
    let run = wanted;
    await awaitLanding();
    const reading = progress.step(`looking at what run ${run.header.id} changed`);
    let plan = await planFor(netbox, run, all, clock());
    // Without a name the newest is meant that is in NetBox.
    for (let older = id === undefined && isPutOut(plan) && newestOf(all, netbox.url, run); older; ) {
      reading.say(`looking at what run ${older.header.id} changed`);
      const next = await planFor(netbox, chooseRun(older, netbox.url), all, clock());
      if (!isPutOut(next)) [run, plan] = [older, next];
      older = isPutOut(next) && newestOf(all, netbox.url, older);
    }
    // What puts the record back puts the queue back with it.
    const queue = plan.putBack > 0 ? undefined : await queueWork(run, all, tryRedis);
    reading.done();
    if (run !== wanted)
      progress.note(
        `Run ${wanted.header.id} (${wanted.header.command}) is not in NetBox any more: the record was put back. The newest that is: ${run.header.id}`,
      );
    const about = {
      undone: run.header.id,
      undoneBefore: all.find(other => other.header.undoes === run.header.id && other.hasEffect)?.header.id,
      command: run.header.command,
      planned: [eventsText(queue), planText(plan.changes)].filter(Boolean).join(', '),
      changes: plan.changes.length,
      ...(dryRun ? { plan: plan.changes } : {}),
      done: 0,
      gone: plan.gone,
      putBack: plan.putBack,
      refused: plan.refused,
      laterRuns: plan.laterRuns,
      failed: [],
      runId: undefined,
    };
    if (dryRun || plan.changes.length + (queue?.entries.length ?? 0) === 0)
      return { ...about, state: dryRun ? 'planned' : 'applied' } as UndoOutcome;
    const again = run.header.undoes ? ', which does again what that had taken back' : '';
    const question = `Undo run ${run.header.id} (${run.header.command})${again}, on ${netbox.url}: ${about.planned}?`;
    if (!(await confirm({ question, yes }))) return { ...about, state: 'declined' } as UndoOutcome;
    const carried = await carryOut({
      command: `undo ${run.header.id}`,
      changes: plan.changes,
      undoes: run.header.id,
      ...(queue ? { queue } : {}),
    });
    const labels = new Map(plan.changes.map(change => [change.key, change.label]));
    const results = [...carried.results.values()];
    const outcome: UndoOutcome = {
      ...about,
      state: carried.interrupted ? 'interrupted' : 'applied',
      done: results.filter(result => result.state === 'done').length,
      failed: results.flatMap((result): Problem[] =>
        result.state === 'done'
          ? []
          : [{ severity: 'error', subject: labels.get(result.key) ?? result.key, message: result.reason }],
      ),
      runId: carried.runId,
    };
    return outcome;
  },
  text: undoText,
  exit: outcome =>
    outcome.state === 'interrupted'
      ? 130
      : outcome.refused.length + outcome.failed.length > 0 || outcome.state === 'declined'
        ? 1
        : 0,
});

/** Events that the run took out of the queue go back, and the other way round; once, however often it is undone. */
async function queueWork(
  { header, queueBegun }: Run,
  all: readonly Run[],
  tryRedis: () => Promise<Redis>,
): Promise<QueueWork | undefined> {
  const { queue } = header;
  if (queue === undefined || !queueBegun) return undefined;
  if (all.some(other => other.header.undoes === header.id && other.queueBegun)) return undefined;
  const redis = await tryRedis();
  if (redis.where !== queue.redis) {
    throw new Failure(
      'run-of-another-target',
      `Run ${header.id} changed the queue ${queue.key} on ${queue.redis}, not on ${redis.where}`,
      { next: `Set REDIS_HOST and REDIS_PORT to ${queue.redis} to undo it there.` },
    );
  }
  const op = queue.op === 'remove' ? 'restore' : 'remove';
  return { redis: redis.where, queue: redis.queue(queue.key), op, entries: queue.entries };
}

function eventsText(work: QueueWork | undefined): string {
  if (work === undefined) return '';
  const count = work.entries.length;
  return `${work.op === 'restore' ? 'put' : 'take'} ${counted(count, 'event')} ${work.op === 'restore' ? 'back into' : 'out of'} the queue`;
}

function chooseRun(run: Run | undefined, netbox: string): Run {
  if (run === undefined)
    throw new Failure('nothing-to-undo', `No run has changed anything on ${netbox}`, {
      next: 'bmtool runs list shows the runs of other NetBoxes too.',
    });
  if (run.header.target.netbox !== netbox) {
    throw new Failure(
      'run-of-another-target',
      `Run ${run.header.id} wrote to ${run.header.target.netbox}, not to ${netbox}`,
      { next: `Set NETBOX_URL=${run.header.target.netbox} to undo it there.` },
    );
  }
  if (run.state === 'running')
    throw new Failure('run-at-work', `Run ${run.header.id} is at work now (process ${run.header.process.pid})`, {
      next: 'Wait for it or interrupt it, then undo.',
    });
  return run;
}

/** Of this NetBox; `before`: the newest that is older than that one. */
function newestOf(list: readonly Run[], netbox: string, before?: Run): Run | undefined {
  const from = before === undefined ? 0 : list.findIndex(run => run.header.id === before.header.id) + 1;
  return list.slice(from).find(run => run.header.target.netbox === netbox && run.hasEffect);
}

async function planFor(netbox: NetBox, run: Run, all: readonly Run[], nowMs: number): Promise<UndoPlan> {
  const inverse = await inverseOf(netbox, await readDone(netbox, run), all);
  const now = await readNow(netbox, inverse, run, openKnownRuns(all), nowMs);
  return planUndo(inverse, now, new Map(run.changes.map(change => [change.key, change])));
}

/** Nothing of the run is in NetBox's record any more. */
function isPutOut(plan: UndoPlan): boolean {
  return plan.putBack > 0 && plan.changes.length + plan.refused.length + plan.gone === 0;
}

function undoText(outcome: UndoOutcome, view: View): Block[] {
  const { paint, verbose } = view;
  const trouble = [...outcome.refused, ...outcome.failed];
  const blocks: Block[] = trouble.length > 0 ? [table(['left alone', 'why'], troubleRows(trouble, view))] : [];
  const after = laterText(outcome.laterRuns);
  const gone =
    (outcome.gone > 0 ? `, ${counted(outcome.gone, 'was', 'were')} gone already` : '') +
    (outcome.putBack > 0 ? `, ${counted(outcome.putBack, 'is', 'are')} as before it: the record was put back` : '');
  const refused = trouble.length > 0 ? paint.warn(`, ${trouble.length} left alone`) : '';
  if (outcome.state === 'declined') return [...blocks, say('Nothing was changed.')];
  if (outcome.putBack > 0 && outcome.changes + trouble.length === 0)
    return [
      say(
        `Run ${outcome.undone} (${outcome.command}) is not in NetBox any more: the record was put back to before it. Nothing to undo.`,
      ),
      say('Where bmtool snapshot restore did that, bmtool snapshot undo takes it back.'),
    ];
  if (outcome.state === 'planned') {
    const { columns, rows } = planRows(verbose ? (outcome.plan ?? []) : []);
    return [
      ...blocks,
      ...(rows.length > 0 ? [table(columns, rows)] : []),
      say(
        `Undo of run ${outcome.undone} (${outcome.command}) would ${outcome.planned || 'change nothing'}${gone}${refused}. Nothing was written.`,
      ),
      ...after,
    ];
  }
  const run = `Run ${outcome.undone} (${outcome.command})`;
  const done =
    outcome.changes > 0
      ? `${run} undone: ${outcome.done} of ${counted(outcome.changes, 'change')}`
      : outcome.runId
        ? `${run} undone: ${outcome.planned}`
        : `${run}: nothing to undo`;
  blocks.push(say(paint.bold(`${done}${gone}`) + refused));
  blocks.push(...after);
  if (outcome.state === 'interrupted') blocks.push(say(`Interrupted. To go on: bmtool undo ${outcome.undone}`));
  if (outcome.undoneBefore && outcome.done === 0)
    blocks.push(say(`It had been undone before, by run ${outcome.undoneBefore}.`));
  if (outcome.runId && outcome.done > 0) blocks.push(say(`Take this back: bmtool undo ${outcome.runId}`));
  return blocks;
}

/** At a terminal what has the same reason is one row: a run of hundreds is often left alone for one. */
function troubleRows(trouble: readonly Problem[], { terminal, verbose }: View): string[][] {
  if (!terminal || verbose) return trouble.map(({ subject, message }) => [subject, message]);
  return [...Map.groupBy(trouble, ({ message }) => message)].map(([message, same]) => [
    same.length > 1 ? `${same[0]?.subject} and ${same.length - 1} more` : (same[0]?.subject ?? ''),
    message,
  ]);
}

function laterText([newest, ...older]: readonly string[]): Block[] {
  if (newest === undefined) return [];
  const how =
    older.length > 0
      ? 'Later runs are in the way. Undo them first, the newest first'
      : 'A later run is in the way. Undo it first';
  return [say(`${how}: ${[newest, ...older].map(id => `bmtool undo ${id}`).join(', ')}`)];
}
