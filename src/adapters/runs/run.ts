import type { Change, ChangeKey, ChangeResult } from '../../core/change.ts';

/** Says what a run is about and who started it; the first line of its file. */
export type RunHeader = {
  readonly format: 1;
  readonly id: string;
  /** As the person would type it again. Never holds a secret: secrets have no flags. */
  readonly command: string;
  readonly target: { readonly netbox: string; readonly version: string };
  readonly startedAt: string;
  readonly user: string;
  readonly process: { readonly host: string; readonly pid: number; readonly startTime: string };
  /** The run that this one takes back. */
  readonly undoes?: string;
  /** Runs cut short whose work this one finishes. */
  readonly resumes?: readonly string[];
  /** What the plan costs NetBox by the table of kinds, milliseconds of one core: what later estimates go by. */
  readonly work?: number;
  readonly queue?: QueueChange;
};

/** Events taken out of the discovery queue before the first change, or put back. */
export type QueueChange = {
  /** `localhost:6380` */
  readonly redis: string;
  readonly key: string;
  readonly op: 'remove' | 'restore';
  readonly entries: readonly string[];
};

/**
 * - `finished`: every change has its result.
 * - `interrupted`: Ctrl-C; what was in flight was finished.
 * - `stopped`: NetBox could not be used any more.
 * - `cut short`: the process is gone without a word; what it had sent may or may not have happened.
 * - `running`: the process is at work now.
 */
export type RunState = 'finished' | 'interrupted' | 'stopped' | 'cut short' | 'running';

export type Run = {
  readonly header: RunHeader;
  readonly state: RunState;
  readonly endedAt: string | undefined;
  readonly changes: readonly Change[];
  readonly results: ReadonlyMap<ChangeKey, ChangeResult>;
  /** Handed to NetBox; without a result its fate is not known to us. */
  readonly sent: ReadonlySet<ChangeKey>;
  /** Whether the header's change of the queue was begun: from then on it may have happened. */
  readonly queueBegun: boolean;
  /** Whether anything of it was done, or may have been. */
  readonly hasEffect: boolean;
};

export type EndState = 'finished' | 'interrupted' | 'stopped';

/** The lines of a run's file, after the header. */
export type RunLine =
  | { readonly change: Change }
  | { readonly planned: number }
  | { readonly sent: readonly ChangeKey[] }
  | { readonly queue: 'begun' }
  | { readonly result: ChangeResult }
  | { readonly end: EndState; readonly at: string };

/** Put together from a file's lines. Lines that do not parse are the torn end of a killed process and count for nothing. */
export function parseRun(text: string): (Omit<Run, 'state'> & { ended: EndState | undefined }) | undefined {
  const lines = text.split('\n').flatMap(parseLine);
  const header = lines[0] as unknown as RunHeader | undefined;
  if (header?.format !== 1) return undefined;
  const changes: Change[] = [];
  const results = new Map<ChangeKey, ChangeResult>();
  const sent = new Set<ChangeKey>();
  let ended: EndState | undefined;
  let queueBegun = false;
  let endedAt: string | undefined;
  for (const line of lines.slice(1)) {
    if ('change' in line) changes.push(line.change);
    else if ('result' in line) results.set(line.result.key, line.result);
    else if ('sent' in line) for (const key of line.sent) sent.add(key);
    else if ('queue' in line) queueBegun = true;
    else if ('end' in line) {
      ended = line.end;
      endedAt = line.at;
    }
  }
  const isDone = [...results.values()].some(({ state }) => state === 'done');
  const hasEffect = queueBegun || isDone || [...sent].some(key => !results.has(key));
  return { header, ended, endedAt, changes, results, sent, queueBegun, hasEffect };
}

function parseLine(text: string): RunLine[] {
  if (text === '') return [];
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? [line as RunLine] : [];
  } catch {
    return [];
  }
}
