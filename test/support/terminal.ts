import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import xterm from '@xterm/headless';

/** A terminal as people have it (`isRigid`: one that cuts lines off when it is made narrower): what is written to it can be seen as it looks. */
export function openTerminal(columns: number, rows: number, wish: { isRigid?: boolean } = {}) {
  // The line discipline between a program and its terminal makes CR LF of LF.
  const screen = new xterm.Terminal({
    cols: columns,
    rows,
    convertEol: true,
    allowProposedApi: true,
    scrollback: 1000,
    ...(wish.isRigid && { windowsPty: { backend: 'conpty' as const, buildNumber: 1 } }),
  });
  const writes: string[] = [];
  const stream = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns,
    rows,
    write(text: string) {
      writes.push(text);
      screen.write(text);
      return true;
    },
  });
  return {
    stream,
    /** All that was written, a write each. */
    writes,
    /** What stands on it now, with what has scrolled out: a row each, without blanks at its end; nothing below the last that is not empty. */
    async look(): Promise<string[]> {
      await new Promise<void>(resolve => screen.write('', resolve));
      const buffer = screen.buffer.active;
      const all = Array.from(
        { length: buffer.length },
        (_, i) => buffer.getLine(i)?.translateToString(true, 0, screen.cols).trimEnd() ?? '',
      );
      return all.slice(0, 1 + all.findLastIndex(row => row !== ''));
    },
    /** As when a person pulls at the window. */
    async resize(to: { columns: number; rows: number }): Promise<void> {
      await new Promise<void>(resolve => screen.write('', resolve));
      screen.resize(to.columns, to.rows);
      Object.assign(stream, to);
      stream.emit('resize');
    },
  };
}

/** Time that stands still but for `tick`, for what is drawn again and again. */
export function openTicks() {
  const acts = new Set<() => void>();
  return {
    every(_: number, act: () => void) {
      acts.add(act);
      return () => void acts.delete(act);
    },
    tick(times = 1) {
      for (let i = 0; i < times; i += 1) for (const act of acts) act();
    },
    get running() {
      return acts.size;
    },
  };
}

/**
 * Runs a command of a shell in a terminal of 80 x 24, by util-linux' `script`. `onText` hears all that was written so far, and may type.
 *
 * @returns what was written, and the exit code
 */
export function inTerminal(
  line: string,
  env: NodeJS.ProcessEnv,
  onText: (text: string, type: (keys: string) => void) => void = () => {},
): Promise<{ text: string; code: number | null }> {
  // Nothing else tells a terminal that no window has how large it is.
  const child = spawn('script', ['-qec', `stty cols 80 rows 24; exec ${line}`, '/dev/null'], { env });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', piece => {
    text += piece;
    onText(text, keys => void child.stdin.write(keys));
  });
  return new Promise(resolve => child.once('close', code => resolve({ text, code })));
}

const frameEnd = '\u001b[?2026l';

/** What stood on a terminal after each frame. */
export async function framesOf(text: string): Promise<string[][]> {
  const { stream, look } = openTerminal(80, 24);
  const looks: string[][] = [];
  for (const frame of text.split(frameEnd)) {
    stream.write(`${frame}${frameEnd}`);
    looks.push(await look());
  }
  return looks;
}
