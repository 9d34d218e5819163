import { Failure } from '../../core/failure.ts';
import type { Now } from './compatible.ts';
import type { SnapshotsTools } from './snapshots.ts';

/** The record as it is now. What cannot be told is left out: a wrecked one is what snapshots are for. */
export async function readNow({ database, openNetBox }: SnapshotsTools): Promise<Now> {
  const netbox = openNetBox().then(
    ({ version }) => version.text,
    () => '',
  );
  const live = await database.live();
  const facts = live === undefined || live.blocked ? undefined : await database.facts(database.source);
  return { facts, netbox: await netbox };
}

/** Compares the newest entry of NetBox's change log, whose request has an id that no other NetBox has. */
export async function checkTarget({ database, openNetBox }: SnapshotsTools): Promise<void> {
  const netbox = await openNetBox().catch(() => undefined);
  const change = await netbox?.newestChange().catch(() => undefined);
  if (netbox === undefined || change === undefined || (await database.live()) === undefined) return;
  if ((await database.hasChange(change)) !== false) return;
  throw new Failure(`NetBox at ${netbox.url} does not work on the database ${database.source} of ${database.where}`, {
    exit: 2,
    next: 'Nothing was changed. Set NETBOX_URL and PGHOST, PGPORT, PGDATABASE to one NetBox: bmtool doctor shows where each comes from.',
  });
}
