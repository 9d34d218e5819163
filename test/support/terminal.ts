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
