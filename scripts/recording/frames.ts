import xterm, { type IBufferCell, type IBufferLine } from '@xterm/headless';
import type { Write } from './pace.ts';

export const columns = 80;
export const rows = 24;

/** Characters beside each other that look the same. `style` is the classes of the picture: b bold, d dim, c0 to c15 a colour. */
export type Run = {
  readonly column: number;
  readonly width: number;
  readonly text: string;
  readonly style: string;
};
export type Row = readonly Run[];
export type Frame = {
  readonly atMs: number;
  readonly rows: readonly Row[];
  readonly cursor?: { readonly row: number; readonly column: number };
};

/** What stood on a terminal while it was written to: a frame wherever it looks otherwise than before, at most one every `everyMs`. */
export async function framesOf(writes: readonly Write[], everyMs: number): Promise<Frame[]> {
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const frames: Frame[] = [];
  let hasCursor = true;
  let looked = '';
  for (const [slot, those] of Map.groupBy(writes, ({ atMs }) => Math.floor(atMs / everyMs))) {
    const text = those.map(write => write.text).join('');
    await new Promise<void>(resolve => screen.write(text, resolve));
    const [shown, hidden] = ['\u001b[?25h', '\u001b[?25l'].map(code => text.lastIndexOf(code));
    if (shown !== hidden) hasCursor = (shown ?? -1) > (hidden ?? -1);
    const { cursorX: column, cursorY: row, baseY } = screen.buffer.active;
    const look = {
      rows: Array.from({ length: rows }, (_, i) => runsOf(screen.buffer.active.getLine(baseY + i))),
      ...(hasCursor && { cursor: { row, column } }),
    };
    const looks = JSON.stringify(look);
    if (looks !== looked) frames.push({ atMs: slot * everyMs, ...look });
    looked = looks;
  }
  return frames;
}

/**
 * Two blanks end a run, so that columns stand where they should in every font; so does every character beyond ASCII, which may come from another
 * font. Of these only the same one again goes on: bars.
 */
function runsOf(line: IBufferLine | undefined): Run[] {
  const runs: Run[] = [];
  for (let column = 0; column < columns; column += 1) {
    const cell = line?.getCell(column);
    const text = cell?.getChars() ?? '';
    if (cell === undefined || text.trim() === '') continue;
    const [last, style, width] = [runs.at(-1), styleOf(cell), cell.getWidth()];
    const blanks = last === undefined ? 0 : column - last.column - last.width;
    const goesOn =
      last?.style === style &&
      (isAscii(text) ? isAscii(last.text) && blanks < 2 : last.text.endsWith(text) && blanks === 0);
    if (!goesOn) runs.push({ column, width, text, style });
    else
      runs.splice(-1, 1, { ...last, width: last.width + blanks + width, text: last.text + ' '.repeat(blanks) + text });
  }
  return runs;
}

const isAscii = (text: string) => /^[ -~]+$/.test(text);

function styleOf(cell: IBufferCell): string {
  if (!cell.isFgDefault() && !(cell.isFgPalette() && cell.getFgColor() < 16))
    throw new Error(`"${cell.getChars()}" has a colour that the picture has not`);
  const colour = cell.isFgDefault() ? '' : `c${cell.getFgColor()}`;
  return [cell.isBold() && 'b', cell.isDim() && 'd', colour].filter(Boolean).join(' ');
}
