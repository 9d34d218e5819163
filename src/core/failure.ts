/**
 * The exit codes of bmtool, a promise to scripts and to cron.
 *
 * 0 done and nothing left · 1 failed, or some rows failed · 2 wrong usage or bad input · 3 looked, and found
 * differences · 4 not allowed · 5 could not reach a service · 130 interrupted.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 130;

/**
 * Ends the run with an exit code and one to three lines for a person: what happened, to which thing, what to do next.
 * Thrown for what stops the whole command; trouble with one row among many is a `Problem`, a value.
 */
export class Failure extends Error {
  readonly exit: ExitCode;
  /** What the person should do next, in one or two sentences. */
  readonly next: string | undefined;

  constructor(what: string, options: { exit?: ExitCode; next?: string; cause?: unknown } = {}) {
    super(what, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.exit = options.exit ?? 1;
    this.next = options.next;
  }
}
