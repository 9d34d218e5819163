import type { Run } from '../../adapters/runs/run.ts';
import { integer, live, word } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { say, table } from '../../cli/view.ts';
import type { Change, ChangeResult } from '../../core/change.ts';
import { changeText } from '../../core/change-text.ts';
import { tally } from '../../core/plan.ts';

/** One run: what it was to do, and how far it came. */
type RunSummary = {
  /** Its name. */
  readonly id: string;
  /** As it would be typed again to go on. */
  readonly command: string;
  /** The URL of the NetBox that it wrote to. */
  readonly netbox: string;
  /** Who started it. */
  readonly user: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** How it ended, or that it is at work. */
  readonly state: Run['state'];
  /** Changes in its plan. */
  readonly changes: number;
  /** Changes that NetBox carried out. */
  readonly done: number;
  /** Changes that NetBox refused. */
  readonly failed: number;
  /** Changes that were sent and whose answer nobody heard: NetBox may have carried them out. */
  readonly unknown: number;
  /** Changes that were not sent. */
  readonly skipped: number;
  /** The run that took it back. */
  readonly undoneBy: string | undefined;
};

type RunRow = {
  readonly change: Change;
  /** What became of it, in words. */
  readonly fate: string;
  /** What became of it; none where the answer is not known. */
  readonly result: ChangeResult | undefined;
};

/** One run with its changes. */
type RunStory = RunSummary & {
  /** Every change, in the order of the plan. */
  readonly rows: readonly RunRow[];
};

export const runsList = defineCommand({
  path: 'runs list',
  summary: 'List what bmtool has written, newest first',
  examples: [{ line: 'bmtool runs list --limit 5', says: 'the newest five; also: bmtool runs' }],
  args: { limit: integer('only the newest N', 'N') },
  needs: ['runs'],
  /** All runs, newest first. */
  async run({ limit }, { runs }) {
    const all = runs.list();
    const undone = new Map(
      all.filter(run => run.state === 'finished' && run.hasEffect).map(run => [run.header.undoes, run.header.id]),
    );
    return all.slice(0, limit ?? all.length).map(run => summaryOf(run, undone.get(run.header.id)));
  },
  text(list, { paint, terminal }) {
    if (list.length === 0) return [say('No runs yet: nothing was written to NetBox from here.')];
    // On a terminal one NetBox for all is said once: ids and addresses that are broken cannot be copied.
    const [first] = list;
    const isOne = terminal && list.every(({ netbox }) => netbox === first?.netbox);
    // The three letters at its end name a run, too.
    const nameOf = (id: string) => (terminal ? id.slice(-3) : id);
    const rows = list.map(run => [
      run.id,
      run.command,
      run.undoneBy ? `${run.state}, undone by ${nameOf(run.undoneBy)}` : run.state,
      `${run.done}/${run.changes}${run.unknown > 0 ? `, ${run.unknown} unknown` : ''}`,
      run.failed > 0 ? paint.bad(String(run.failed)) : '0',
      run.netbox,
    ]);
    const columns = ['run', 'command', 'state', 'done', 'failed', 'netbox'];
    const shown = isOne ? columns.length - 1 : columns.length;
    return [
      table(
        columns.slice(0, shown),
        rows.map(row => row.slice(0, shown)),
      ),
      ...(isOne ? [say(paint.dim(`All of them wrote to ${first?.netbox}.`))] : []),
    ];
  },
});

export const runsShow = defineCommand({
  path: 'runs show',
  summary: 'Show one run: every change, with what became of it',
  examples: [
    {
      line: 'bmtool runs show 20261121-071233-k3f --verbose',
      says: 'every change; the three letters at the end do, too',
    },
  ],
  exits: { 2: 'wrong usage, or there is no such run' },
  args: { id: live('runs', word('the run, or the beginning of its id', 'id')) },
  needs: ['runs'],
  async run({ id }, { runs }) {
    const run = runs.read(id);
    const undoneBy = runs
      .list()
      .find(other => other.header.undoes === run.header.id && other.state === 'finished' && other.hasEffect)?.header.id;
    const story: RunStory = {
      ...summaryOf(run, undoneBy),
      rows: run.changes.map(change => ({ change, fate: fateText(run, change), result: run.results.get(change.key) })),
    };
    return story;
  },
  text: (run, { paint, verbose, terminal }) => {
    const shown = terminal && !verbose ? run.rows.slice(0, 40) : run.rows;
    const more = run.rows.length - shown.length;
    return [
      say(paint.bold(`Run ${run.id}: ${run.command}`)),
      say(`${run.user}, ${run.startedAt.slice(0, 19).replace('T', ' ')} UTC, ${run.netbox}`),
      say(
        `${run.state}: ${run.done} of ${run.changes} done, ${run.failed} failed, ${unknownText(run)}${run.skipped} skipped`,
      ),
      table(
        ['op', 'object', 'change', 'fate'],
        shown.map(({ change, fate }) => [change.op, change.label, changeText(change), fate]),
      ),
      ...(more > 0 ? [say(paint.dim(`… and ${more} more; --verbose shows all`))] : []),
      say(nextText(run)),
    ];
  },
});

function summaryOf(run: Run, undoneBy: string | undefined): RunSummary {
  const { header } = run;
  return {
    id: header.id,
    command: header.command,
    netbox: header.target.netbox,
    user: header.user,
    startedAt: header.startedAt,
    state: run.state,
    changes: run.changes.length,
    ...howFar(run),
    undoneBy,
  };
}

function howFar({ changes, results, sent }: Run): Pick<RunSummary, 'done' | 'failed' | 'unknown' | 'skipped'> {
  const { done, failed } = tally(results.values());
  const unknown = [...sent].filter(key => !results.has(key)).length;
  return { done, failed, unknown, skipped: changes.length - done - failed - unknown };
}

function fateText(run: Run, change: Change): string {
  const result: ChangeResult | undefined = run.results.get(change.key);
  if (result !== undefined) return result.state === 'done' ? 'done' : `${result.state}: ${result.reason}`;
  return run.sent.has(change.key) ? 'sent, answer unknown' : 'not sent';
}

function unknownText({ unknown }: RunSummary): string {
  return unknown > 0 ? `${unknown} sent without an answer, ` : '';
}

function nextText(run: RunSummary): string {
  if (run.undoneBy) return `It was undone by run ${run.undoneBy}.`;
  const back = `Take it back: bmtool undo ${run.id}`;
  return run.state === 'finished' || run.state === 'running' ? back : `Go on: bmtool ${run.command}\n${back}`;
}
