import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Change, Create } from '../../core/change.ts';
import { Failure } from '../../core/failure.ts';
import { type EndState, parseRun, type Run, type RunHeader, type RunState } from './run.ts';
import { beginRun, type NewRun, type RunWriter, startTimeOf } from './writer.ts';

/** What runs that were cut short still owe: creates that were planned and have no known fate. */
export type Owed = { readonly runIds: readonly string[]; readonly creates: readonly Create[] };

/** Changes that were handed to NetBox by a process that is gone, so that nobody heard what became of them. */
export type Unsettled = {
  readonly run: Run;
  readonly changes: readonly Change[];
  /** When the run's last line was written, milliseconds since 1970. */
  readonly silentSince: number;
};

export type RunHead = { readonly header: RunHeader; readonly state: RunState };

export type RunStore = {
  readonly folder: string;
  /** Writes the whole plan to disk before the first change is sent. */
  begin(run: NewRun): RunWriter;
  /** Newest first. */
  list(): Run[];
  /** The newest few, newest first, without their changes: quick where there are thousands. */
  heads(most: number): RunHead[];
  /** By id or an unambiguous beginning of one; `Failure` (exit 2) otherwise. */
  read(id: string): Run;
  owed(netbox: string): Owed;
  /** Runs of this NetBox that fell silent after a moment (milliseconds since 1970) with changes on their way, and nobody has gone on since. */
  unsettled(netbox: string, since: number): Unsettled[];
  /** How long recent runs on this NetBox took, as a multiple of the work in their plans; nothing when there were none. */
  pace(netbox: string): number | undefined;
};

/** Looking for what is owed goes back no further than this. */
const owedAmong = 20;
/** More than an end line is long. */
const peekBytes = 8192;
/** Less work than this is mostly start and end: it says nothing about a long run. */
const leastWorkMs = 2_000;
const paceAmong = 5;

export function openRunStore(stateDir: string, now: () => Date = () => new Date()): RunStore {
  const folder = join(stateDir, 'runs');
  return {
    folder,
    begin: run => beginRun(folder, run, now),
    list: () => newestFirst(runIds(folder).flatMap(id => readRun(folder, id) ?? [])),
    heads: most =>
      runIds(folder)
        .slice(-most)
        .flatMap(id => peekRun(folder, id) ?? [])
        .sort((a, b) => (a.header.startedAt < b.header.startedAt ? 1 : -1))
        .map(({ header, ended }) => ({ header, state: stateOf({ header, ended }) })),
    read: id => readRun(folder, fullId(folder, id)) ?? unreadable(folder, id),
    owed: netbox => readOwed(folder, netbox),
    unsettled: (netbox, since) => readUnsettled(folder, netbox, since),
    pace: netbox => readPace(folder, netbox),
  };
}

function readRun(folder: string, id: string): Run | undefined {
  const run = parseRun(readFileSync(join(folder, `${id}.jsonl`), 'utf8'));
  return run && { ...run, state: stateOf(run) };
}

/** Ids go by the second; two short runs, a load and its undo, may fall into one. */
function newestFirst(runs: Run[]): Run[] {
  return runs.sort((a, b) => (a.header.startedAt < b.header.startedAt ? 1 : -1));
}

function stateOf(run: Pick<NonNullable<ReturnType<typeof parseRun>>, 'header' | 'ended'>): RunState {
  if (run.ended) return run.ended;
  const { host, pid, startTime } = run.header.process;
  return host === hostname() && startTimeOf(pid) === startTime && startTime !== '' ? 'running' : 'cut short';
}

/** Creates (journal entries, say) that a dead run may have left out although what they tell of was done. */
function readOwed(folder: string, netbox: string): Owed {
  const recent = runIds(folder)
    .slice(-owedAmong)
    .flatMap(id => peekRun(folder, id) ?? []);
  const settled = new Set(
    recent
      .filter(({ ended }) => ended === 'finished')
      .flatMap(({ header }) => [...(header.resumes ?? []), header.undoes]),
  );
  const open = recent
    .filter(({ header, ended }) => ended !== 'finished' && header.target.netbox === netbox && !settled.has(header.id))
    .flatMap(({ header }) => readRun(folder, header.id) ?? [])
    .filter(run => run.state !== 'running');
  const creates = open.flatMap(run =>
    run.changes.filter((change): change is Create => {
      const fate = run.results.get(change.key)?.state;
      return change.op === 'create' && (change.needs?.length ?? 0) > 0 && fate !== 'done' && fate !== 'failed';
    }),
  );
  return { runIds: open.map(run => run.header.id), creates };
}

/** A run's first line and what its last one says of its end, without the thousands in between. */
type Peek = { readonly header: RunHeader; readonly ended: EndState | undefined; readonly endedAt: string | undefined };

function peekRun(folder: string, id: string): Peek | undefined {
  const fd = openSync(join(folder, `${id}.jsonl`), 'r');
  try {
    const { size } = fstatSync(fd);
    const text = (from: number, bytes: number) => {
      const buffer = Buffer.alloc(bytes);
      return buffer.toString('utf8', 0, readSync(fd, buffer, 0, bytes, from));
    };
    // A header holds the events that were taken out of a queue: it can be long.
    let first = text(0, peekBytes);
    for (let bytes = peekBytes; !first.includes('\n') && bytes < size; ) {
      bytes *= 8;
      first = text(0, bytes);
    }
    const tail = text(Math.max(0, size - peekBytes), peekBytes);
    const header = parseRun(first.split('\n', 1)[0] ?? '')?.header;
    const end = /\n\{"end":"(finished|interrupted|stopped)","at":"([^"]*)"\}\n$/.exec(tail);
    return header && { header, ended: end?.[1] as EndState | undefined, endedAt: end?.[2] };
  } finally {
    closeSync(fd);
  }
}

function readUnsettled(folder: string, netbox: string, since: number): Unsettled[] {
  const recent = runIds(folder).flatMap(id => {
    const silentSince = statSync(join(folder, `${id}.jsonl`)).mtimeMs;
    const run = silentSince < since ? undefined : readRun(folder, id);
    return run?.header.target.netbox === netbox ? [{ run, silentSince }] : [];
  });
  return recent.flatMap(({ run, silentSince }) => {
    // Whoever began a run since then has waited.
    const isOver = recent.some(({ run: { header } }) => Date.parse(header.startedAt) > silentSince);
    const changes = run.changes.filter(({ key }) => run.sent.has(key) && !run.results.has(key));
    return run.state === 'running' || isOver || changes.length === 0 ? [] : [{ run, changes, silentSince }];
  });
}

function readPace(folder: string, netbox: string): number | undefined {
  const paces = runIds(folder)
    .slice(-owedAmong)
    .flatMap(id => peekRun(folder, id) ?? [])
    .flatMap(({ header, ended, endedAt }) => {
      const { work = 0, target, startedAt } = header;
      if (work < leastWorkMs || target.netbox !== netbox || ended !== 'finished' || endedAt === undefined) return [];
      return [(Date.parse(endedAt) - Date.parse(startedAt)) / work];
    })
    .slice(-paceAmong)
    .sort((a, b) => a - b);
  return paces[Math.floor(paces.length / 2)];
}

function runIds(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(name => name.endsWith('.jsonl'))
      .map(name => name.slice(0, -'.jsonl'.length))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function fullId(folder: string, typed: string): string {
  const ids = runIds(folder);
  const fitting =
    typed === '' ? [] : ids.filter(id => id === typed || id.startsWith(typed) || id.endsWith(`-${typed}`));
  const [only] = fitting;
  if (only !== undefined && (fitting.length === 1 || only === typed)) return only;
  const what = only === undefined ? `There is no run ${typed}` : `${typed} may be ${someOf(fitting)}`;
  throw new Failure('no-such-run', what, { next: 'bmtool runs list shows all of them.' });
}

/** The newest few. */
function someOf(ids: readonly string[]): string {
  const shown = ids.slice(-3).reverse().join(' or ');
  return ids.length > 3 ? `${shown}, or one of ${ids.length - 3} others` : shown;
}

function unreadable(folder: string, id: string): never {
  throw new Failure('run-unreadable', `The file of run ${id} in ${folder} is not one that this bmtool can read`, {
    next: 'It may be from a newer bmtool.',
  });
}
