import { createHash } from 'node:crypto';
import { constants, type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { counted } from '../../../core/counted.ts';
import { Failure } from '../../../core/failure.ts';
import { damaged, type Head, readHead } from './head.ts';
import { fileFailure } from './write.ts';

/** A snapshot's file that is whole, as far as its digests tell. */
export type SnapshotFile = Head & {
  /** Its whole path. */
  readonly file: string;
  readonly bytes: number;
  /** A file with the dump alone, which nobody else can read or change: pg_restore wants one, and what was checked is what it gets. */
  readonly dumpPath: string;
  /** Removes that file. */
  close(): Promise<void>;
};

export type Watcher = { readonly signal: AbortSignal; readonly onBytes: (done: number, total: number) => void };

const pieceBytes = 2 ** 20;

/** Reads and checks all of a file. Throws `Failure`: exit 2 for what is no exported snapshot, or not whole. */
export async function readSnapshotFile(said: string, watcher: Watcher): Promise<SnapshotFile> {
  const file = resolve(said);
  try {
    // A pipe that nobody writes would otherwise be waited for.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = await handle.stat();
    if (!found.isFile())
      throw new Failure('not-a-file', `${file} is ${found.isDirectory() ? 'a folder' : 'no ordinary file'}`, {
        next: 'Nothing was changed. Name the file that "bmtool snapshot export" wrote.',
      });
    const { head, room } = await headOf(handle, file);
    checkLength(file, found.size - room - head.dump.bytes);
    const copy = await copyDump({ handle, file, room, dump: head.dump }, watcher);
    return { ...head, ...copy, file, bytes: found.size };
  } catch (error) {
    throw fileFailure(file, error as Error);
  }
}

async function headOf(handle: FileHandle, file: string): Promise<{ head: Head; room: number }> {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const piece = await readPiece(handle, at, pieceBytes);
    pieces.push(piece);
    at += piece.length;
    // Joined again for every piece: a head has one, or a few where many events wait.
    const found = readHead(Buffer.concat(pieces), file);
    if (found !== undefined) return found;
    if (piece.length === 0) throw damaged(file, 'its first line has no end');
  }
}

function checkLength(file: string, over: number): void {
  if (over < 0) throw damaged(file, `${counted(-over, 'byte is', 'bytes are')} missing`);
  if (over > 0) throw damaged(file, `it has ${counted(over, 'byte')} too many`);
}

type Part = {
  readonly handle: FileHandle;
  readonly file: string;
  readonly room: number;
  readonly dump: Head['dump'];
};

/** A folder of its own is closed to everybody else. */
async function copyDump(part: Part, watcher: Watcher): Promise<Pick<SnapshotFile, 'dumpPath' | 'close'>> {
  const folder = await mkdtemp(join(tmpdir(), 'bmtool-import-')).catch(error => {
    throw fileFailure(tmpdir(), error);
  });
  const dumpPath = join(folder, 'dump');
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    await copyTo(dumpPath, part, watcher);
    return { dumpPath, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function copyTo(
  dumpPath: string,
  { handle, file, room, dump }: Part,
  { signal, onBytes }: Watcher,
): Promise<void> {
  const hash = createHash('sha256');
  const failure = (error: Error) => {
    throw fileFailure(`${dumpPath} (TMPDIR says where)`, error);
  };
  await using copy = await open(dumpPath, 'wx', 0o600);
  for (let done = 0; done < dump.bytes; ) {
    if (signal.aborted) throw new Failure('interrupted', 'Interrupted, and nothing was changed');
    const piece = await readPiece(handle, room + done, Math.min(pieceBytes, dump.bytes - done));
    if (piece.length === 0) throw damaged(file, `${counted(dump.bytes - done, 'byte is', 'bytes are')} missing`);
    hash.update(piece);
    await copy.writeFile(piece).catch(failure);
    done += piece.length;
    onBytes(done, dump.bytes);
  }
  if (hash.digest('hex') !== dump.sha256) throw damaged(file, 'the dump in it is not the one that was written');
}

async function readPiece(handle: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(bytes), 0, bytes, at);
  return buffer.subarray(0, bytesRead);
}
