import type { ExitCode } from '../core/failure.ts';
import type { Toolbox } from '../toolbox.ts';
import type { Arguments, Values } from './arguments.ts';
import type { Block, View } from './view.ts';

export type ToolName = keyof Toolbox;

/** Tools that open without a network. */
export type LocalTool = 'sheets' | 'snapshotFiles' | 'progress' | 'settings' | 'clock' | 'ask';

export type Example = { readonly line: string; readonly says: string };

/**
 * A command as a typed object. Help, completion, parsing, output and the exit code come from it; `run` only returns a value.
 *
 * `text`, `json` and `exit` are functions of that value. A command whose value is too large to hold gives `json` an
 * async iterable somewhere inside, which is printed as a list element by element.
 *
 * `J` is what `--json` prints: what `json` returns, or else the value itself. The published schema is made from this type (scripts/schemas.ts).
 */
export type Command<A extends Arguments = Arguments, N extends ToolName = ToolName, R = unknown, P = unknown, J = R> = {
  /** As typed after `bmtool`: `load-macs`, `lab up`. */
  readonly path: string;
  readonly summary: string;
  /** For programs to call, and in no list. */
  readonly hidden?: true;
  /** Paragraphs for `--help`, below the options. */
  readonly details?: string;
  /** At least one; a test runs them all. */
  readonly examples: readonly Example[];
  /** What exit codes tell that are not the same for every command; `cli/exits.ts` has the others. */
  readonly exits?: Partial<Record<ExitCode, string>>;
  readonly args: A;
  /**
   * Reads and checks what the person handed in, with tools of this machine only: bad input is refused before anything
   * is asked over the network. Its value is `run`'s third argument.
   */
  readonly prepare?: (values: Values<A>, tools: Pick<Toolbox, LocalTool>) => Promise<P>;
  /** Opened before `run` and closed after it, last first. A tool that is not named here does not compile in `run`. */
  readonly needs: readonly N[];
  readonly run: (values: Values<A>, tools: Pick<Toolbox, N>, prepared: P) => Promise<R> | AsyncIterable<R>;
  readonly text: (result: R, view: View) => readonly Block[];
  readonly json?: (result: R) => J;
  readonly exit?: (result: R) => ExitCode;
};

/** A command of any arguments and tools, for lists of commands. */
// biome-ignore lint/suspicious/noExplicitAny: the list forgets each command's own types; defineCommand checked them
export type AnyCommand = Command<any, any, any, any, any>;

export function defineCommand<A extends Arguments, const N extends ToolName, R, P = undefined, J = R>(
  command: Command<A, N, R, P, J>,
): Command<A, N, R, P, J> {
  return command;
}
