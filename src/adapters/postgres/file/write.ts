import { createHash } from 'node:crypto';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../../../core/failure.ts';
import { makeFolder } from '../../../files/make-folder.ts';
import type { FileManifest } from '../manifest.ts';
import { headRoom, writeHead } from './head.ts';

export type PlaceWish = {
  /** As a person said it; without it, or for a folder, a name is made. */
  readonly file?: string | undefined;
  /** `1-20261121-113012` */
  readonly name: string;
  readonly force: boolean;
};

export type WriteWish = {
  /** As `place` gave it. */
  readonly file: string;
  readonly force: boolean;
  readonly manifest: FileManifest;
  /** `pg_dump 18.6` */
  readonly by: string;
  /** Hands over the dump piece by piece. */
  readonly dump: (onPiece: (piece: Buffer) => Promise<void>) => Promise<void>;
  readonly onBytes: (bytes: number) => void;
};

export type Written = { readonly file: string; readonly bytes: number; readonly sha256: string };

const defaultFolder = 'snapshots';
const ending = '.bmsnap';

/** The whole path of a file that can be written. Throws `Failure` (exit 2) when there is one already, unless `force`. */
export async function place({ file, name, force }: PlaceWish): Promise<string> {
  const own = `${name.replaceAll(/[^\p{L}\p{N}._-]/gu, '_')}${ending}`;
  const said = resolve(file ?? join(defaultFolder, own));
  const path = (await kindOf(said)) === 'folder' ? join(said, own) : said;
  const kind = await kindOf(path);
  if (kind === 'folder' || kind === 'other' || (kind === 'file' && !force)) throw taken(path, kind);
  if (kind === 'nothing' && file !== undefined && (await kindOf(dirname(path))) !== 'folder')
    throw new Failure('no-such-folder', `There is no folder ${dirname(path)}`, {
      next: 'Make it first, or name another file.',
    });
  return path;
}

/**
 * Writes a snapshot's file: beside its place until all of it is on the disk, so that there is never half of one, and readable for nobody
 * else, as it holds all that NetBox knows. Throws `Failure`; then there is nothing.
 */
export async function write(wish: WriteWish): Promise<Written> {
  const { file, force } = wish;
  const part = `${file}.part`;
  const room = headRoom(wish.manifest, wish.by);
  await asFailure(file, async () => makeFolder(dirname(file)));
  const handle = await asFailure(file, () => openPart(part, force));
  try {
    const written = await asFailure(file, () => fill(handle, wish, room));
    await asFailure(file, () => putInPlace(part, file, force));
    return { file, ...written };
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(part, { force: true });
    throw error;
  }
}

async function openPart(part: string, force: boolean): Promise<FileHandle> {
  if (force) await rm(part, { force: true });
  try {
    return await open(part, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new Failure(
      'export-unfinished',
      `${part} is there already: another export is writing it, or one was killed`,
      { next: 'If nobody is writing it, remove it, or say --force.' },
    );
  }
}

async function fill(
  handle: FileHandle,
  { manifest, by, dump, onBytes }: WriteWish,
  room: number,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const put = async (piece: Buffer, at: number) => {
    for (let done = 0; done < piece.length; )
      done += (await handle.write(piece, done, piece.length - done, at + done)).bytesWritten;
  };
  await dump(async piece => {
    hash.update(piece);
    await put(piece, room + bytes);
    bytes += piece.length;
    onBytes(bytes);
  });
  const sha256 = hash.digest('hex');
  await put(writeHead({ manifest, dump: { bytes, sha256, by } }, room), 0);
  await handle.sync();
  await handle.close();
  return { bytes: room + bytes, sha256 };
}

async function putInPlace(part: string, file: string, force: boolean): Promise<void> {
  if (force) await rename(part, file);
  else await takePlace(part, file);
  const folder = await open(dirname(file));
  // Not every file system lets its folders be synced.
  await folder.sync().catch(() => {});
  await folder.close();
}

/** A link does not replace what came meanwhile, as a rename would; it takes the place of one where a file system has no links. */
async function takePlace(part: string, file: string): Promise<void> {
  try {
    await link(part, file);
  } catch (error) {
    const kind = codeOf(error) === 'EEXIST' ? 'file' : await kindOf(file);
    if (kind !== 'nothing') throw taken(file, kind);
    return rename(part, file);
  }
  await rm(part);
}

type Kind = 'file' | 'folder' | 'other' | 'nothing';

async function kindOf(path: string): Promise<Kind> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return 'nothing';
    throw fileFailure(path, error as Error);
  }
}

function taken(path: string, kind: Kind): Failure {
  if (kind === 'file')
    return new Failure('file-exists', `${path} is there already`, {
      next: 'Name another file, or replace it with --force.',
    });
  return new Failure('not-a-file', `${path} is ${kind === 'folder' ? 'a folder' : 'no ordinary file'}`, {
    next: 'Name another file.',
  });
}

async function asFailure<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFailure(file, error as Error);
  }
}

const full = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** What the operating system says of a file, in words. Other errors come back as they are. */
export function fileFailure(file: string, error: Error): Error {
  const code = codeOf(error);
  if (error instanceof Failure || !/^E[A-Z0-9]+$/.test(code)) return error;
  if (full.includes(code))
    return new Failure('file-disk-full', `There is no room for ${file}: ${error.message}`, {
      next: 'Nothing was kept. Make room, or name a file on another disk.',
      cause: error,
    });
  return new Failure('export-unusable', `Cannot use ${file}: ${error.message}`, {
    next: 'Name another file.',
    cause: error,
  });
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? '');
}
