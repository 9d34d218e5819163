import type { SnapshotFile } from '../../adapters/postgres/file/read.ts';
import type { FileManifest } from '../../adapters/postgres/manifest.ts';
import { Failure } from '../../core/failure.ts';
import type { SnapshotsTools } from './tools.ts';
import { putWaiting, type Surroundings, whilePaused } from './waiting.ts';

export type FileRestoreWish = {
  readonly file: SnapshotFile;
  /** End sessions whatever they are doing, where they can be ended. */
  readonly force: boolean;
};

export type FileRestored = {
  /** How long whoever wanted something of the database waited for it, at most. */
  readonly waitedMs: number;
  /** Background jobs that waited when the file was written: what they were to do is not in it. */
  readonly jobsEnded: number;
  /** Keys that NetBox's cache lost. */
  readonly forgotten: number;
  /** Background jobs that went on meanwhile. */
  readonly running: number;
  /** Events that are in the discovery queue now. */
  readonly events: number;
};

const jobPatienceMs = 2000;
const noJobs = { queues: {}, scheduled: {}, fields: {} };

/**
 * Puts what a file has in the place of what is in NetBox's own database, in one transaction: the way back where a server lets no copies be made. It
 * takes as long as loading the dump, and NetBox waits meanwhile. Nothing is kept of what was there.
 */
export async function restoreFile(
  tools: SnapshotsTools,
  { file: wanted, force }: FileRestoreWish,
): Promise<FileRestored> {
  const { database, dumps, progress, interrupt, clock } = tools;
  const { file, manifest, dump, dumpPath } = wanted;
  const { source } = database;
  const surroundings = await tools.surroundings();
  await dumps.checkLoad(dump.by, source);
  const step = progress.step(`putting ${file} into ${source}`);
  try {
    await database.waitForSessions(
      { timeoutMs: tools.timeoutMs, force },
      { signal: interrupt, onWait: text => step.say(text) },
    );
    const restored = await whilePaused(surroundings, jobPatienceMs, async running => {
      const startedMs = clock();
      await dumps.replace({ database: source, path: dumpPath, by: dump.by }, interrupt);
      const waitedMs = clock() - startedMs;
      const jobsEnded = await dumps.endWaitingJobs(source);
      const forgotten = await finish(surroundings, manifest);
      return { waitedMs, jobsEnded, forgotten, running, events: manifest.queue.entries.length };
    });
    step.done();
    return restored;
  } catch (error) {
    step.fail();
    throw error;
  }
}

async function finish(surroundings: Surroundings, { queue }: Pick<FileManifest, 'queue'>): Promise<number> {
  try {
    return await putWaiting(surroundings, { queue, jobs: noJobs });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.kind, error.message, {
      next: 'The record is in its place, but NetBox may still show what it had cached, and the queue is the one of before. When this is mended, run the same command again.',
      cause: error,
    });
  }
}
