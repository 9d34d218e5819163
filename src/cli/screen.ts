import { Chalk } from 'chalk';
import type { Bottom } from './bottom.ts';
import type { Paint } from './view.ts';

/** Where words go. `columns` is the width of the terminal as it is now, 80 where there is none. */
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
  /** For a screen reader: words, one after the other. */
  readonly plain: boolean;
  /** Where progress is drawn, once it has been opened. */
  readonly bottom: Bottom | undefined;
  /** Nothing where no line can be drawn again. Loaded only here: what measures text takes half as long to load as all else that `runs list` does. */
  openBottom(): Promise<Bottom | undefined>;
  readonly isLinuxConsole: boolean;
};

type Stream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };

export type ScreenWishes = { color: boolean; quiet: boolean; verbose: boolean; plain?: boolean };

export function openScreen(out: Stream, err: Stream, env: NodeJS.ProcessEnv, wishes: ScreenWishes): Screen {
  const isPlain = wishes.plain === true || isOn(env.BMTOOL_PLAIN);
  const paint = (stream: Stream) => paintFor(wishes.color && !isPlain && isColoured(stream, env));
  const canMove = err.isTTY === true && env.TERM !== 'dumb' && !isPlain && !wishes.quiet;
  let bottom: Bottom | undefined;
  return {
    out,
    err,
    outIsTerminal: out.isTTY === true,
    errIsTerminal: err.isTTY === true,
    // A terminal that does not know its width says 0.
    get columns() {
      return out.columns || err.columns || 80;
    },
    paintOut: paint(out),
    paintErr: paint(err),
    quiet: wishes.quiet,
    verbose: wishes.verbose,
    plain: isPlain,
    get bottom() {
      return bottom;
    },
    async openBottom() {
      if (!canMove) return undefined;
      const { openBottom } = await import('./bottom.ts');
      bottom ??= openBottom(err, { isRigid: env.XTERM_VERSION !== undefined });
      return bottom;
    },
    isLinuxConsole: env.TERM === 'linux',
  };
}

function isOn(text: string | undefined): boolean {
  return /^(on|true|yes|1)$/i.test(text ?? '');
}

/**
 * Colour only on a terminal that wants it. NO_COLOR (no-color.org) turns it off wherever words go; FORCE_COLOR and CLICOLOR_FORCE turn it on there,
 * CLICOLOR=0 off (bixense.com/clicolors).
 */
function isColoured(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return !/^(0|false)$/i.test(env.FORCE_COLOR);
  if (env.CLICOLOR_FORCE && env.CLICOLOR_FORCE !== '0') return true;
  return stream.isTTY === true && env.TERM !== 'dumb' && env.CLICOLOR !== '0';
}

/**
 * Every colour is seen on white and on black. Yellow is not: on the white of xterm, iTerm2 and Windows its contrast is below 2.7 (of 21, by WCAG), where
 * magenta has 4.4, and 2.4 on the darkest; no other of the sixteen is so far from both. `gray` is the very background of Solarized; dim never is.
 */
export function paintFor(coloured: boolean): Paint {
  const chalk = new Chalk({ level: coloured ? 1 : 0 });
  return { good: chalk.green, warn: chalk.magenta, bad: chalk.red, dim: chalk.dim, bold: chalk.bold };
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
