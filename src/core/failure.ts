import { type ErrorKind, errors } from './errors/errors.ts';

/**
 * The exit codes of bmtool, a promise to scripts and to cron.
 *
 * 0 done and nothing left · 1 failed, or some rows failed · 2 wrong usage or bad input · 3 looked, and found
 * differences · 4 not allowed · 5 could not reach a service · 130 interrupted.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 130;

/**
 * Ends the run with an exit code and one to three lines for a person: what happened, to which thing, what to do next. The kind says what is true
 * of every such failure (code, exit code, the text of `bmtool explain`).
 * Thrown for what stops the whole command; trouble with one row among many is a `Problem`, a value.
 */
export class Failure extends Error {
  readonly kind: ErrorKind;
  /** `BM-201` */
  readonly code: string;
  readonly exit: ExitCode;
  /** What the person should do next, in one or two sentences. */
  readonly next: string | undefined;

  constructor(kind: ErrorKind, what: string, options: { next?: string | undefined; cause?: unknown } = {}) {
    super(what, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.kind = kind;
    this.code = errors[kind].code;
    this.exit = errors[kind].exit;
    this.next = options.next;
  }
}
