import { Chalk } from 'chalk';
import type { Paint } from './view.ts';

/** Where words go. `columns` is the width of the terminal, 80 where there is none. */
export type Screen = {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly columns: number;
  readonly paintOut: Paint;
  readonly paintErr: Paint;
  readonly quiet: boolean;
  readonly verbose: boolean;
};

type Stream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

export type ScreenWishes = { color: boolean; quiet: boolean; verbose: boolean };

/** Colour only on a terminal that wants it: NO_COLOR (no-color.org) and TERM=dumb turn it off, FORCE_COLOR on. */
export function openScreen(out: Stream, err: Stream, env: NodeJS.ProcessEnv, wishes: ScreenWishes): Screen {
  const coloured = (stream: Stream) =>
    wishes.color &&
    !env.NO_COLOR &&
    (env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : stream.isTTY === true && env.TERM !== 'dumb');
  return {
    out,
    err,
    outIsTerminal: out.isTTY === true,
    errIsTerminal: err.isTTY === true,
    columns: out.columns ?? err.columns ?? 80,
    paintOut: paintFor(coloured(out)),
    paintErr: paintFor(coloured(err)),
    quiet: wishes.quiet,
    verbose: wishes.verbose,
  };
}

export function paintFor(coloured: boolean): Paint {
  const chalk = new Chalk({ level: coloured ? 1 : 0 });
  return { good: chalk.green, warn: chalk.yellow, bad: chalk.red, dim: chalk.dim, bold: chalk.bold };
}

/**
 * Text from outside, made safe for a terminal and for one line: control characters (escape sequences among them)
 * become `?`. NetBox's names, a supplier's cells and a server's error pages all pass through here.
 */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the colour codes that Paint makes
const paintCode = /(\u001b\[\d+m)/;

/** The same for text that is painted already: colour codes are ours and stay, every other control character does not. */
export function plainPainted(text: string): string {
  return text
    .split(paintCode)
    .map((part, i) => (i % 2 === 1 ? part : plain(part)))
    .join('');
}

/** Painted text as it was before. */
export function withoutPaint(text: string): string {
  return text
    .split(paintCode)
    .filter((_, i) => i % 2 === 0)
    .join('');
}
