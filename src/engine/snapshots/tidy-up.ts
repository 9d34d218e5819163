import { Failure } from '../../core/failure.ts';
import { undosOf } from './shelf.ts';
import type { SnapshotsTools } from './tools.ts';

/**
 * Drops the undo copies of all restores but the last. Not before NetBox has answered: PostgreSQL writes a checkpoint and removes a thousand files,
 * which took up to a second under load. Where it fails the next command does it.
 */
export async function tidyUp({ database, progress }: SnapshotsTools): Promise<void> {
  try {
    for (const { database: name } of undosOf(await database.own()).slice(1)) await database.drop(name);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    progress.note(
      `The undo copy of the restore before could not be dropped; the next command tries again. ${error.message}`,
    );
  }
}
