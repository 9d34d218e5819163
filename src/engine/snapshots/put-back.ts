import type { UndoNote, Waiting } from '../../adapters/postgres/manifest.ts';
import { Failure } from '../../core/failure.ts';
import { lookAt, type Shelf, type Snapshot } from './shelf.ts';
import type { SnapshotsTools } from './tools.ts';
import { putWaiting, readWaiting, type Surroundings, whilePaused } from './waiting.ts';

export type PutBackWish = {
  /** End sessions whatever they are doing, where they can be ended. */
  readonly force: boolean;
  /** A snapshot, or what the last restore put out. */
  readonly what: Snapshot | 'undo';
  /** `restore 1 (20261121-113012)`, for the note on what is put out. */
  readonly by: string;
};

export type PutBack = {
  /** How long NetBox could not connect. */
  readonly blockedMs: number;
  /** Database sessions that were ended. */
  readonly sessions: number;
  /** How the copy was made; nothing when one was ready. */
  readonly method: string | undefined;
  /** How long making the copy took; 0 when one was ready. */
  readonly copySeconds: number;
  /** Keys that NetBox's cache lost. */
  readonly forgotten: number;
  /** Background jobs that were cut short. */
  readonly running: number;
  /** Events that are in the discovery queue now. */
  readonly events: number;
  /** NetBox's background jobs that wait now. */
  readonly jobs: number;
  /** The database that was put out; nothing where none was in the place. */
  readonly undo: string | undefined;
};

/** How long NetBox's workers get to finish the job that each is at. */
const jobPatienceMs = 2000;

/**
 * Puts a copy of a snapshot, or what was put out last, in the place of NetBox's database. The copy is made while NetBox serves on; it cannot
 * connect only while names are exchanged. What was there is kept as the undo copy; the one before stays until `tidyUp`.
 */
export async function putBack(tools: SnapshotsTools, wish: PutBackWish): Promise<PutBack> {
  const { database, clock, progress, interrupt } = tools;
  const surroundings = await tools.surroundings();
  await database.checkRights();
  const shelf = await lookAt(database);
  const startedMs = clock();
  const ready = await makeReady(tools, wish, shelf);
  const copySeconds = (clock() - startedMs) / 1000;
  const step = progress.step('exchanging the databases');
  try {
    await database.waitForSessions(
      { timeoutMs: tools.timeoutMs, force: wish.force },
      { signal: interrupt, onWait: text => step.say(text) },
    );
    const put = await whilePaused(surroundings, jobPatienceMs, async running => {
      if (interrupt.aborted) throw new Failure('interrupted', 'Interrupted before anything was changed');
      const undo = database.newName('undo', new Date(clock()));
      const undoNote: UndoNote = {
        format: 1,
        number: 1 + (shelf.undo?.note.number ?? 0),
        by: wish.by,
        at: new Date(clock()).toISOString(),
        ...(await readWaiting(surroundings, tools.digestOf)),
      };
      const { blockedMs, sessions } = await database.exchange({
        next: ready.database,
        undo,
        undoNote,
        waiting: ready.waiting,
      });
      const forgotten = await finish(tools, surroundings, ready.waiting);
      return { blockedMs, sessions, forgotten, running, undo: shelf.live === undefined ? undefined : undo };
    });
    step.done();
    return {
      ...put,
      method: ready.method,
      copySeconds,
      events: ready.waiting.queue.entries.length,
      jobs: Object.keys(ready.waiting.jobs.fields).length,
    };
  } catch (error) {
    step.fail();
    if (ready.own) await database.drop(ready.database).catch(() => {});
    throw error;
  }
}

/** Makes Redis fit the database that is in place now, and gives how many keys NetBox's cache lost. */
async function finish({ database }: SnapshotsTools, surroundings: Surroundings, waiting: Waiting): Promise<number> {
  try {
    const forgotten = await putWaiting(surroundings, waiting);
    await database.settle();
    return forgotten;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.kind, error.message, {
      next: 'The database is in its place, but NetBox may still show what it had cached, and the queue is the one of before. When this is mended: bmtool snapshot recover',
      cause: error,
    });
  }
}

type Ready = {
  readonly database: string;
  readonly waiting: Waiting;
  readonly method: string | undefined;
  /** Made for this: of no use when nothing comes of it. */
  readonly own: boolean;
};

/** The database that is to take the place: what was put out, a copy that is ready, or one that is made now. */
async function makeReady(tools: SnapshotsTools, { what }: PutBackWish, shelf: Shelf): Promise<Ready> {
  const { database, clock, progress } = tools;
  if (what === 'undo') {
    if (shelf.undo === undefined) throw nothingToUndo();
    return { database: shelf.undo.database, waiting: waitingOf(shelf.undo.note), method: undefined, own: false };
  }
  const waiting = waitingOf(what.manifest);
  if (shelf.warm?.of === what.database) {
    await makeAlike(tools, shelf.warm.database);
    return { database: shelf.warm.database, waiting, method: undefined, own: false };
  }
  const copy = database.newName('next', new Date(clock()));
  const step = progress.step(`copying the snapshot ${what.manifest.name}`);
  try {
    const method = await database.clone(what.database, copy);
    await makeAlike(tools, copy);
    step.done();
    return { database: copy, waiting, method: method.name, own: true };
  } catch (error) {
    step.fail();
    await database.drop(copy).catch(() => {});
    throw error;
  }
}

/** Gives a copy what the live database has beside what is in it, and tells of what it could not give. */
async function makeAlike({ database, progress }: SnapshotsTools, copy: string): Promise<void> {
  const left = await database.makeAlike(copy);
  if (left.length > 0)
    progress.note(
      `Settings of ${database.source} that this user may not give. A superuser gives them again afterwards: ${left.map(one => `${one};`).join(' ')}`,
    );
}

export function nothingToUndo(): Failure {
  return new Failure('nothing-put-out', 'There is nothing to undo: no restore has put out a database yet', {
    next: 'bmtool snapshot list shows what there is to restore.',
  });
}

function waitingOf({ queue, jobs }: Waiting): Waiting {
  return { queue, jobs };
}
