import type { LoggedChange } from '../../adapters/netbox/change-log.ts';
import { Failure } from '../../core/failure.ts';
import type { Now } from './compatible.ts';
import type { SnapshotsTools } from './tools.ts';

/** The record as it is now, as far as it can be told: a wrecked one is what snapshots are for. */
export async function readNow({ database, meetNetBox }: SnapshotsTools): Promise<Now> {
  const live = await database.live();
  const makeup = live === undefined || live.blocked ? undefined : await database.makeup(database.source);
  const met = await meetNetBox().catch(() => undefined);
  return { makeup, netbox: met?.netbox.version.text ?? '' };
}

/** Looks for the newest entry of NetBox's change log, whose request has an id that no other NetBox has. */
export async function checkTarget({ database, meetNetBox }: SnapshotsTools): Promise<void> {
  const met = await meetNetBox().catch(() => undefined);
  if (met === undefined || (await database.live()) === undefined) return;
  const isThere = async (change: LoggedChange | undefined) => change && (await database.hasChange(change));
  if ((await isThere(met.newest)) !== false) return;
  // It may have said so before somebody else's restore had ended.
  if ((await isThere(await met.netbox.newestChange().catch(() => undefined))) !== false) return;
  throw new Failure(
    'not-a-pair',
    `NetBox at ${met.netbox.url} does not work on the database ${database.source} of ${database.where}`,
    {
      next: 'Nothing was changed. Set NETBOX_URL and PGHOST, PGPORT, PGDATABASE to one NetBox: bmtool doctor shows where each comes from.',
    },
  );
}
