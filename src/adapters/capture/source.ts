import { type FileHandle, open } from 'node:fs/promises';
import { Failure } from '../../core/failure.ts';
import { unreadableWords } from '../../files/os-words.ts';

const chunkBytes = 512 * 1024;

/** `Failure` (exit 2) when there is nothing to read. */
export async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): Failure {
  const { why, next } = unreadableWords(path, error);
  return new Failure('file-unreadable', `${path} ${why}`, { next, cause: error });
}

/**
 * A file from its beginning to its end, also one that cannot be gone back in (a pipe). Two buffers are used in turn, one being filled while the other is
 * looked at: a chunk is good until the next one is asked for.
 */
export async function* chunksOf(path: string, handle: FileHandle): AsyncGenerator<Uint8Array> {
  let [now, next] = [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes)];
  const fill = (buffer: Uint8Array) =>
    handle.read(buffer, 0, chunkBytes, null).catch((error: unknown) => Promise.reject(unreadable(path, error)));
  let reading = fill(now);
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = fill(next);
      yield now.subarray(0, bytesRead);
      [now, next] = [next, now];
    }
  } finally {
    await reading.catch(() => {});
  }
}
