import type { ExitCode } from '../../core/failure.ts';

/**
 * What can become of a row, and what that means for the exit code. To change what counts as a failure, change this table.
 *
 * `good` is plain success and not listed; `notice` is listed and fails only with `--strict`; `bad` is listed and fails; `open` fails as well, and says
 * nothing of the row: at a terminal it is only counted.
 */
export const verdicts = {
  set: { weight: 'good', says: 'MAC address written' },
  unchanged: { weight: 'good', says: 'NetBox had it already' },
  conflict: { weight: 'notice', says: 'NetBox has another MAC; left alone, journal warning' },
  taken: { weight: 'bad', says: 'another interface has this MAC' },
  'not-found': { weight: 'bad', says: 'no device with this serial' },
  ambiguous: { weight: 'bad', says: 'several devices with this serial' },
  'no-bmc-interface': { weight: 'bad', says: 'no BMC interface, or several' },
  invalid: { weight: 'bad', says: 'the row cannot be used' },
  refused: { weight: 'bad', says: 'NetBox refused the write' },
  unfinished: { weight: 'open', says: 'interrupted halfway' },
  'not-done': { weight: 'open', says: 'interrupted before its turn: nothing was written' },
} as const satisfies Record<string, { weight: 'good' | 'notice' | 'bad' | 'open'; says: string }>;

export type Verdict = keyof typeof verdicts;

export type RowVerdict = {
  /** The line of the manifest. */
  readonly line: number;
  /** As the manifest has it. */
  readonly serial: string;
  /** As NetBox writes it; as the manifest has it where that is none. */
  readonly mac: string;
  /** What became of it. */
  readonly verdict: Verdict;
  /** The name of the device. */
  readonly device?: string;
  /** The name of its BMC interface. */
  readonly interface?: string;
  /** Why, where it is no plain success. */
  readonly reason?: string;
  /** For a row that went well all the same: a contradicting OUI, a journal entry that was not written. */
  readonly warning?: string;
};

export type VerdictCounts = Readonly<Record<Verdict, number>>;

export function noVerdicts(): Record<Verdict, number> {
  return Object.fromEntries(Object.keys(verdicts).map(name => [name, 0])) as Record<Verdict, number>;
}

/** Plain success needs no line in the table. */
export function isPlain(row: RowVerdict): boolean {
  return verdicts[row.verdict].weight === 'good' && row.warning === undefined;
}

export function verdictExit(counts: VerdictCounts, options: { strict: boolean }): ExitCode {
  const failing = options.strict ? ['bad', 'open', 'notice'] : ['bad', 'open'];
  const fails = (Object.keys(counts) as Verdict[]).some(
    name => counts[name] > 0 && failing.includes(verdicts[name].weight),
  );
  return fails ? 1 : 0;
}
