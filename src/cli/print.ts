import { errors } from '../core/errors/errors.ts';
import type { ExitCode } from '../core/failure.ts';
import { Failure } from '../core/failure.ts';
import { aloud, cellText } from './aloud.ts';
import { plain, plainPainted, type Screen, withoutPaint } from './screen.ts';
import { spoken } from './spoken.ts';
import { tabSeparated } from './tab-separated.ts';
import type { Block, RowCell, Table } from './view.ts';

/** Prints blocks: all of them on a terminal; piped, the result on stdout and the talk on stderr. */
export async function printBlocks(blocks: readonly Block[], screen: Screen): Promise<void> {
  await aside(screen, async () => {
    for (const block of blocks) {
      if (block.block !== 'say') await writeOut(screen, await resultText(block, screen));
      else if (screen.outIsTerminal) await writeOut(screen, `${await talkText(block.text, screen)}\n`);
      else if (!screen.quiet) await writeErr(screen, `${spokenIf(screen.plain, plainPainted(block.text))}\n`);
    }
  });
}

/** Piped, the rows of a table stay rows, in the words of `--plain` where that was asked for. */
async function resultText(block: Exclude<Block, { block: 'say' }>, screen: Screen): Promise<string> {
  if (block.block === 'print') return `${plainPainted(block.text)}\n`;
  if (block.block === 'row') return rowText(block.cells, screen);
  if (!screen.outIsTerminal) return tabSeparated(screen.plain ? spokenTable(block.table) : block.table);
  if (screen.plain) return aloud(block.table);
  return (await import('./table.ts')).tableText(block.table, screen.columns, screen.paintOut);
}

function spokenTable({ columns, rows }: Table): Table {
  return { columns, rows: rows.map(row => row.map(cellText)) };
}

async function rowText(cells: readonly RowCell[], screen: Screen): Promise<string> {
  const texts = cells.map(cell => (typeof cell === 'string' ? cell : cell[0]));
  if (!screen.outIsTerminal) return tabSeparated({ columns: [], rows: [screen.plain ? texts.map(cellText) : texts] });
  if (screen.plain) return `${texts.map(cellText).filter(Boolean).join(', ')}\n`;
  const padded = cells.map(cell => {
    if (typeof cell === 'string') return plainPainted(cell);
    const [text, width] = cell;
    return plainPainted(text) + ' '.repeat(Math.max(0, width - withoutPaint(text).length));
  });
  return `${await fitting(padded.join('  ').trimEnd(), screen.columns, 2)}\n`;
}

async function talkText(text: string, screen: Screen): Promise<string> {
  const clean = plainPainted(text);
  return screen.plain ? spoken(clean) : await fitting(clean, screen.columns);
}

function spokenIf(isPlain: boolean, text: string): string {
  return isPlain ? spoken(text) : text;
}

/** Above what is drawn at the bottom of the same terminal. */
async function aside(screen: Screen, print: () => Promise<void>): Promise<void> {
  if (screen.bottom && screen.outIsTerminal) await screen.bottom.aside(print);
  else await print();
}

/** The document that `--json` promises. `result` may hold async iterables, which become lists. */
export async function printJson(
  document: { command: string; target?: unknown; result: unknown },
  screen: Screen,
): Promise<void> {
  await aside(screen, async () => {
    for await (const piece of jsonPieces({ format: 1, ...document })) await writeOut(screen, piece);
    await writeOut(screen, '\n');
  });
}

/** What happened, to which thing, what to do next. One to three lines, no stack unless `debug`. */
export async function printFailure(
  error: unknown,
  screen: Screen,
  wishes: { json: boolean; debug: boolean; command: string },
): Promise<ExitCode> {
  const known = error instanceof Failure;
  const message = known ? error.message : `bmtool failed: ${error instanceof Error ? error.message : String(error)}`;
  const next = known
    ? error.next
    : 'This is a bug in bmtool: please report it with the output of the same command and --debug.';
  const { code, exit } = known ? error : errors.bug;
  const said = (text: string) => spokenIf(screen.plain, plain(text));
  const lines = [
    `${screen.paintErr.bad(`error[${code}]:`)} ${said(message)}`,
    ...(next ? [indent(screen.errIsTerminal ? await fitting(said(next), screen.columns - 2) : said(next))] : []),
  ];
  for (const line of lines)
    await writeErr(screen, `${screen.errIsTerminal ? await fitting(line, screen.columns) : line}\n`);
  if (wishes.debug && error instanceof Error) {
    const { sourceLines } = await import('../shipped/source-lines.ts');
    await writeErr(screen, `${sourceLines(stackText(error))}\n`);
  }
  if (wishes.json) {
    const document = { format: 1, command: wishes.command, error: { code, message, next, exit } };
    // Where stdout itself is what failed, stderr has told of it.
    await writeOut(screen, `${JSON.stringify(document)}\n`).catch(() => {});
  }
  return exit;
}

/** Wrapping is loaded only for what is too long. */
async function fitting(text: string, columns: number, hang = 0): Promise<string> {
  return text.split('\n').some(line => withoutPaint(line).length > columns)
    ? (await import('./wrap.ts')).wrapped(text, columns, hang)
    : text;
}

function stackText(error: Error): string {
  return error.cause instanceof Error
    ? `${error.stack}\ncaused by: ${stackText(error.cause)}`
    : (error.stack ?? error.message);
}

function indent(text: string): string {
  return text
    .split('\n')
    .map(line => `  ${line}`)
    .join('\n');
}

async function* jsonPieces(value: unknown): AsyncGenerator<string> {
  // Lists go out item by item: a plan for 10,000 servers is a document of 25 MB.
  if (isAsyncIterable(value) || Array.isArray(value)) {
    yield '[';
    let first = true;
    for await (const item of value) {
      yield `${first ? '' : ','}${JSON.stringify(item) ?? 'null'}`;
      first = false;
    }
    yield ']';
  } else if (isPlainObject(value)) {
    yield '{';
    let first = true;
    for (const [name, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      yield `${first ? '' : ','}${JSON.stringify(name)}:`;
      first = false;
      yield* jsonPieces(inner);
    }
    yield '}';
  } else {
    yield JSON.stringify(value) ?? 'null';
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/**
 * Writes, and waits until it is written: a long document does not pile up in memory before a slow reader, and a full disk ends the command
 * (`Failure`, exit 1). A reader that has gone is no error: bin/bmtool.js ends the process then.
 */
async function writeOut({ out }: Screen, text: string): Promise<void> {
  const error = await written(out, text);
  if (error && error.code !== 'EPIPE')
    throw new Failure('output-refused', `Cannot write the output: ${error.message}`, {
      next: 'Make room where it goes, then run the same command again: what is done is not done twice.',
      cause: error,
    });
}

/** Talk that nobody can hear is no reason to stop. */
async function writeErr({ err }: Screen, text: string): Promise<void> {
  await written(err, text);
}

function written(stream: NodeJS.WritableStream, text: string): Promise<NodeJS.ErrnoException | null | undefined> {
  return new Promise(resolve => void stream.write(text, resolve));
}
