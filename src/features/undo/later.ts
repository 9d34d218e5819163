import type { Authored } from '../../adapters/netbox/change-log.ts';
import type { Run } from '../../adapters/runs/run.ts';

/** Runs by what NetBox's change log has of them. */
export type KnownRuns = {
  readonly idOf: (entry: Authored) => string | undefined;
  /** The run that a run took back. */
  readonly undoes: (id: string) => string | undefined;
  /** Of this run. */
  readonly undosOf: (run: Run) => readonly Run[];
};

export function openKnownRuns(runs: readonly Run[]): KnownRuns {
  const undoes = new Map(runs.map(({ header }) => [header.id, header.undoes]));
  const byRequest = new Map(
    runs.flatMap(({ header, results }) =>
      [...results.values()].flatMap(result =>
        result.state === 'done' && result.request !== undefined ? [[result.request, header.id] as const] : [],
      ),
    ),
  );
  // Before 4.4 NetBox keeps no message, and of other machines' runs the message is all there is.
  return {
    idOf: entry => byRequest.get(entry.request) ?? runIn(entry),
    undoes: id => undoes.get(id),
    undosOf: ({ header }) => runs.filter(other => other.header.undoes === header.id),
  };
}

/** The run of bmtool that an entry of the change log names. */
export function runIn({ message }: Authored): string | undefined {
  return /^bmtool .* run (\S+)$/.exec(message)?.[1];
}

/**
 * What was written to one object since, newest first, without runs that were taken back and the runs that took them back: to this object it is
 * as if neither had been. A redo takes back an undo, so that what it does again counts.
 */
export function withoutTakenBack(
  entries: readonly Authored[],
  { idOf, undoes }: Pick<KnownRuns, 'idOf' | 'undoes'>,
): Authored[] {
  const ids = new Set(entries.map(idOf));
  const cancelled = new Set<string | undefined>();
  for (const id of ids) {
    const before = id === undefined || cancelled.has(id) ? undefined : undoes(id);
    if (before !== undefined && ids.has(before)) cancelled.add(id).add(before);
  }
  return entries.filter(entry => !cancelled.has(idOf(entry)));
}
