import type { Manifest } from '../../adapters/postgres/manifest.ts';
import { Failure } from '../../core/failure.ts';
import { lookAt, type Snapshot } from './shelf.ts';
import type { SnapshotsTools } from './tools.ts';

/** Makes a snapshot of a copy that is whole: the newest of all. Its name in the cluster has the time at which it was saved. */
export async function keep(
  { database }: Pick<SnapshotsTools, 'database'>,
  copy: string,
  about: Omit<Manifest, 'number'>,
): Promise<Snapshot> {
  const look = async () => (await lookAt(database)).snapshots;
  const numbers = (await look()).map(({ manifest }) => manifest.number);
  const name = database.newName('snapshot', new Date(about.savedAt));
  await database.keepAs(copy, name, { ...about, number: 1 + Math.max(0, ...numbers) });
  const snapshot = (await look()).find(one => one.database === name);
  if (snapshot !== undefined) return snapshot;
  throw new Failure(
    'snapshot-dropped',
    `The snapshot ${about.name} was dropped by somebody else right after it was made`,
    { next: 'Save it again.' },
  );
}
