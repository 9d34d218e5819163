import type { Lease } from './lease.ts';

/** What bmtool noted about one MAC: the leases it saw and what it decided, newest last. The worker writes it; `why` and `dhcp unknown` read it. */
export type MacNote = {
  readonly format: 1;
  readonly decided: readonly Decided[];
  readonly warnings: readonly NotedWarning[];
};

/** One decision, with how often it was the same again since. */
export type Decided = {
  /** The newest lease that it was about. */
  readonly lease: Lease;
  /** The id of that lease's event. */
  readonly eventId: string;
  /** The row of the decision table. */
  readonly rule: string;
  /** What was done. */
  readonly act: string;
  /** Why, in words. */
  readonly reason: string;
  /** The name of the device, where NetBox has the MAC. */
  readonly device?: string;
  /** ISO 8601: the first time. */
  readonly since: string;
  /** ISO 8601: the newest time. */
  readonly at: string;
  /** How often it was the same. */
  readonly times: number;
  /** The run that carried it out. */
  readonly runId?: string;
};

/** A warning in NetBox's journal: what it says, when it was written (ISO 8601), how often there was reason for it since. */
export type NotedWarning = { readonly fact: string; readonly writtenAt: string; readonly times: number };

/** More than anybody reads of one MAC. */
const mostKept = 20;

/** The note with one more decision: counted with the last one when it says the same. */
export function noteDecision(note: MacNote | undefined, next: Omit<Decided, 'since' | 'times'>): MacNote {
  const decided = note?.decided ?? [];
  const last = decided.at(-1);
  const isSame = last !== undefined && last.rule === next.rule && last.reason === next.reason;
  const entry: Decided = isSame
    ? { ...last, ...next, since: last.since, times: last.times + 1, ...keptRun(last, next) }
    : { ...next, since: next.at, times: 1 };
  const all = [...(isSame ? decided.slice(0, -1) : decided), entry];
  return { format: 1, decided: all.slice(-mostKept), warnings: note?.warnings ?? [] };
}

/** The note with a warning that was written now, or that there was reason for once more. */
export function noteWarning(note: MacNote, fact: string, at: string, isWritten: boolean): MacNote {
  const before = warningOf(note, fact);
  const next =
    isWritten || before === undefined ? { fact, writtenAt: at, times: 1 } : { ...before, times: before.times + 1 };
  return { ...note, warnings: [...note.warnings.filter(warning => warning !== before), next].slice(-mostKept) };
}

export function warningOf(note: MacNote | undefined, fact: string): NotedWarning | undefined {
  return note?.warnings.find(warning => warning.fact === fact);
}

/**
 * When the MAC was given an address last, of all that is noted; milliseconds since 1970. Ends do not count: Kea 2.6 tells the end of a released lease when
 * the same client has its next one already.
 */
export function newestGrantMs(note: MacNote | undefined): number | undefined {
  const granted = (note?.decided ?? []).filter(({ lease }) => lease.kind === 'granted');
  const times = granted.map(({ lease }) => Date.parse(lease.time));
  return times.length === 0 ? undefined : Math.max(...times);
}

function keptRun(last: Decided, next: Pick<Decided, 'runId'>): Pick<Decided, 'runId'> {
  const runId = next.runId ?? last.runId;
  return runId === undefined ? {} : { runId };
}
