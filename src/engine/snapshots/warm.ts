import { Failure } from '../../core/failure.ts';
import { lookAt, type Snapshot } from './shelf.ts';
import type { SnapshotsTools } from './tools.ts';

/** A copy that only waits to be put in place. */
export type Warmed = {
  /** How long making it took. */
  readonly seconds: number;
  /** How it was made. */
  readonly method: string;
};

/**
 * Makes a copy of a snapshot ready for the next restore, unless it is, or another is newer; the one before goes. It is an extra to what was asked for and done: that it
 * cannot be made is told and fails nothing.
 */
export async function warm(tools: SnapshotsTools, snapshot: Snapshot): Promise<Warmed | undefined> {
  const { database, clock, progress } = tools;
  const copy = database.newName('next', new Date(clock()));
  try {
    const { warm: before, snapshots } = await lookAt(database);
    if (before?.of === snapshot.database || snapshots[0]?.database !== snapshot.database) return undefined;
    const started = clock();
    if (before !== undefined) await database.drop(before.database);
    const { name: method } = await database.clone(snapshot.database, copy);
    await database.keepAs(copy, database.newName('warm', new Date(clock())), { format: 1, of: snapshot.database });
    return { seconds: (clock() - started) / 1000, method };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    progress.note(`No copy could be made ready for the next restore, which will take longer. ${error.message}`);
    await database.drop(copy).catch(() => {});
    return undefined;
  }
}
