import stringWidth from 'string-width';

/** Lines that stand at the bottom for a while, as they are now: none may be wider than `columns`. `frame` counts redraws, for what turns. */
export type Lines = (columns: number, frame: number) => readonly string[];

/**
 * The bottom of a terminal, where lines are drawn again and again while something is going on. It has one owner: whoever else writes to that
 * terminal meanwhile does it through here, above those lines.
 */
export type Bottom = {
  /** Has lines drawn below those that are there already. What it gives takes them away, and leaves text above in their stead. */
  add(lines: Lines): (last: string) => void;
  /** Writes text above, a line or several. */
  note(text: string): void;
  /** Does what writes to the terminal by itself; nothing is drawn until that is over. */
  aside<T>(write: () => Promise<T>): Promise<T>;
  /** Whether lines stand there now. */
  readonly isDrawn: boolean;
  /** Takes all lines away. Adding some begins anew. */
  close(): void;
};

export type BottomOptions = {
  /** Calls again and again until it is told to end. */
  readonly every?: (ms: number, act: () => void) => () => void;
  /** Tells of the ways out. */
  readonly ways?: Pick<NodeJS.Process, 'on' | 'off' | 'kill' | 'pid'>;
  /** A terminal that cuts lines off when it is made narrower, where others break them anew. */
  readonly isRigid?: boolean;
};

type Terminal = {
  write(text: string): unknown;
  on(event: 'resize', act: () => void): unknown;
  off(event: 'resize', act: () => void): unknown;
  readonly columns?: number;
  readonly rows?: number;
};

/** Twelve times a second: quick enough to turn, and few bytes for a slow line. */
const frameMs = 83;

// Synchronised output (DEC 2026): a terminal shows a frame as a whole; one that does not know it does nothing.
const begin = '\u001b[?2026h';
const end = '\u001b[?2026l';
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const clearRight = '\u001b[K';
const clearDown = '\u001b[J';
// Not all in one: what is cleared from the top of the screen tmux keeps, in what has scrolled out.
const clearAll = `${clearRight}\u001b[B${clearDown}\u001b[A`;

/**
 * Between two frames the cursor waits at the start of the row below the last line. That is where terminals keep it when they are made narrower and
 * break the lines above it anew; how many rows these have then is worked out.
 */
export function openBottom(terminal: Terminal, options: BottomOptions = {}): Bottom {
  const { every = repeat, ways = process, isRigid = false } = options;
  const parts = new Set<Lines>();
  let drawn: readonly string[] = [];
  let [frame, asides, isStale, isHidden] = [0, 0, false, false];
  let sleep: (() => void) | undefined;

  /** At most one write, with what goes above. */
  function draw(above = ''): void {
    const isShown = parts.size > 0 && asides === 0;
    const now = isShown ? linesNow(parts, terminal, frame) : [];
    const up = upOver(isRigid ? drawn.length : rowsOf(drawn, terminal));
    const isAnew = above !== '' || isStale || now.length === 0;
    const body = isAnew ? `${up && `${up}${clearAll}`}${above}${rewrite('', [], now)}` : rewrite(up, drawn, now);
    const cursor = isShown === isHidden ? '' : isShown ? hideCursor : showCursor;
    if (body !== '' || cursor !== '')
      terminal.write(now.length + drawn.length > 0 ? `${begin}${cursor}${body}${end}` : `${cursor}${body}`);
    drawn = now;
    isHidden = isShown;
    isStale = false;
  }

  function wake(): () => void {
    const stop = every(frameMs, () => {
      frame += 1;
      draw();
    });
    const resized = () => {
      isStale = true;
    };
    // Ctrl-Z: the shell gets its cursor back; the next frame after `fg` takes it again.
    const stopped = () => void aside(async () => ways.kill(ways.pid, 'SIGSTOP'));
    terminal.on('resize', resized);
    ways.on('SIGTSTP', stopped).on('exit', close).on('uncaughtExceptionMonitor', close);
    return () => {
      stop();
      terminal.off('resize', resized);
      ways.off('SIGTSTP', stopped).off('exit', close).off('uncaughtExceptionMonitor', close);
    };
  }

  function take(lines: readonly Lines[], last: string): void {
    for (const each of lines) parts.delete(each);
    draw(last);
    if (parts.size > 0) return;
    sleep?.();
    sleep = undefined;
  }

  async function aside<T>(write: () => Promise<T>): Promise<T> {
    asides += 1;
    draw();
    try {
      return await write();
    } finally {
      asides -= 1;
      draw();
    }
  }

  function close(): void {
    take([...parts], '');
  }

  return {
    add(lines) {
      parts.add(lines);
      if (sleep === undefined) {
        sleep = wake();
        draw();
      }
      return last => take([lines], `${last}\n`);
    },
    note: text => draw(`${text}\n`),
    aside,
    get isDrawn() {
      return drawn.length > 0;
    },
    close,
  };
}

/** One column stays free: behind a line that fills them all some terminals have the cursor in the next row already. */
function linesNow(parts: Iterable<Lines>, terminal: Terminal, frame: number): string[] {
  const rows = terminal.rows || 24;
  return [...parts].flatMap(lines => lines(columnsOf(terminal) - 1, frame)).slice(0, Math.max(1, rows - 1));
}

function rowsOf(lines: readonly string[], terminal: Terminal): number {
  const columns = columnsOf(terminal);
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0);
}

function columnsOf(terminal: Terminal): number {
  return terminal.columns || 80;
}

function upOver(rows: number): string {
  return rows > 0 ? `\r\u001b[${rows}A` : '';
}

/** Writes the lines that are other than before, and clears what is below them. */
function rewrite(up: string, before: readonly string[], now: readonly string[]): string {
  const isSame = (line: string, i: number) => line === before[i];
  if (now.length === before.length && now.every(isSame)) return '';
  return `${up}${now.map((line, i) => (isSame(line, i) ? '\n' : `${line}${clearRight}\n`)).join('')}${clearDown}`;
}

/** A process is not kept alive by what it shows. */
function repeat(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms).unref();
  return () => clearInterval(timer);
}
