import type { Progress } from '../../../core/progress.ts';
import type { SnapshotFile } from './read.ts';
import type { PlaceWish, WriteWish, Written } from './write.ts';

/** Snapshots in files on this machine. Everything throws `Failure`. Nothing is loaded for commands that use none. */
export type SnapshotFiles = {
  /** See `place` in `write.ts`. */
  place(wish: PlaceWish): Promise<string>;
  write(wish: Omit<WriteWish, 'onBytes'>): Promise<Written>;
  /** Reads and checks a whole file before anything else is touched. */
  read(file: string): Promise<SnapshotFile>;
  close(): Promise<void>;
};

const megabyte = 1e6;

export function openSnapshotFiles({
  progress,
  interrupt,
}: {
  progress: Progress;
  interrupt: AbortSignal;
}): SnapshotFiles {
  const read: SnapshotFile[] = [];
  const watched = async <T>(text: string, work: (onBytes: (done: number, total?: number) => void) => Promise<T>) => {
    const step = progress.step(`${text} (MB)`);
    try {
      const value = await work((done, total) =>
        step.at(Math.ceil(done / megabyte), total === undefined ? total : Math.ceil(total / megabyte)),
      );
      step.done(text);
      return value;
    } catch (error) {
      step.fail(text);
      throw error;
    }
  };
  return {
    async place(wish) {
      const { place } = await import('./write.ts');
      return place(wish);
    },
    async write(wish) {
      const { write } = await import('./write.ts');
      return watched(`writing ${wish.file}`, onBytes => write({ ...wish, onBytes }));
    },
    async read(file) {
      const { readSnapshotFile } = await import('./read.ts');
      const found = await watched(`checking ${file}`, onBytes =>
        readSnapshotFile(file, { signal: interrupt, onBytes }),
      );
      read.push(found);
      return found;
    },
    async close() {
      for (const one of read) await one.close();
    },
  };
}
