import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Failure } from '../../core/failure.ts';
import { unreadableWords } from '../../files/os-words.ts';
import type { Bytes } from './entry.ts';

/** How far a file was read. It is the same file when its number, its birth and the bytes before that place are. */
export type Place = { readonly file: string; readonly offset: number; readonly tail: string };

/** A file as it was opened. */
export type OpenFile = { readonly handle: FileHandle; readonly file: string; readonly size: number };

const tailBytes = 1024;
const chunkBytes = 1_048_576;

/** Opens a file and calls back with it; nothing when there is none. Throws `Failure` (2) for what cannot be read, or is no regular file. */
export async function withFile<T>(path: string, use: (file: OpenFile) => Promise<T>): Promise<T | undefined> {
  // Without O_NONBLOCK opening a pipe waits for whoever writes to it.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(error => {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  });
  if (handle === undefined) return undefined;
  try {
    const stat = await handle.stat({ bigint: true });
    if (!stat.isFile()) throw noFile(path, stat.isDirectory());
    return await use({ handle, file: identityOf(stat), size: Number(stat.size) });
  } finally {
    await handle.close();
  }
}

/** A number is given anew as soon as a file is gone, and dhcpd makes a new file each hour: its birth tells them apart. */
export function identityOf({ ino, birthtimeNs }: { ino: bigint; birthtimeNs: bigint }): string {
  return `${ino}:${birthtimeNs}`;
}

export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function unreadable(path: string, error: NodeJS.ErrnoException): Failure {
  const denied = error.code === 'EACCES' || error.code === 'EPERM';
  if (!denied) {
    const { why, next } = unreadableWords(path, error);
    return new Failure('file-unreadable', `${path} ${why}`, { next, cause: error });
  }
  return new Failure('lease-file-denied', `${path} may not be read`, {
    next: 'Run bmtool as a user or in a group that may read it: Kea writes it for its own alone.',
    cause: error,
  });
}

function noFile(path: string, isFolder: boolean): Failure {
  return new Failure('not-a-file', `${path} is ${isFolder ? 'a directory' : 'no regular file'}`, {
    next: 'Name the lease file itself, for instance /var/lib/dhcp/dhcpd.leases.',
  });
}

/** Whether an open file is the one that was read to a place, and still has those bytes there. */
export async function isAt({ handle, file, size }: OpenFile, place: Place): Promise<boolean> {
  return file === place.file && size >= place.offset && (await tailOf(handle, place.offset)) === place.tail;
}

export async function placeIn({ handle, file }: OpenFile, offset: number): Promise<Place> {
  return { file, offset, tail: await tailOf(handle, offset) };
}

async function tailOf(handle: FileHandle, offset: number): Promise<string> {
  const from = Math.max(0, offset - tailBytes);
  return createHash('sha256')
    .update(await readAt(handle, from, offset - from))
    .digest('hex')
    .slice(0, 16);
}

/**
 * Reads from a place to where the file ended when it was opened, a chunk at a time. `take` says how many bytes of each it could use: of a whole
 * chunk always some, of the last one nothing when all of it is torn.
 *
 * @returns the offset after the last byte that was used
 */
export async function readFrom(
  { handle, size }: OpenFile,
  offset: number,
  take: (text: Bytes) => number,
): Promise<number> {
  let at = offset;
  while (at < size) {
    const used = take((await readAt(handle, at, Math.min(chunkBytes, size - at))).toString('latin1'));
    if (used === 0) break;
    at += used;
  }
  return at;
}

export async function headOf({ handle, size }: OpenFile, length: number): Promise<Bytes> {
  return (await readAt(handle, 0, Math.min(size, length))).toString('latin1');
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
