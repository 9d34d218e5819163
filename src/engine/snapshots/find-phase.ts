import { differencesOf } from './compatible.ts';
import { readNow } from './now.ts';
import { type Snapshot, shelfOf } from './shelf.ts';
import type { SnapshotsTools } from './snapshots.ts';

export async function findPhase(tools: SnapshotsTools, phase: number): Promise<Snapshot | string> {
  const { database } = tools;
  const now = await readNow(tools);
  const ofPhase = shelfOf(await database.live(), await database.own()).snapshots.filter(
    ({ manifest }) => manifest.phase === phase,
  );
  if (ofPhase.length === 0) return `There is no snapshot of phase ${phase}`;
  const fitting = ofPhase.filter(({ manifest }) => differencesOf(manifest, now).length === 0);
  if (fitting.length === 0) return `The snapshots of phase ${phase} are of another version of NetBox`;
  const quiet = fitting.filter(({ manifest }) => manifest.queue.entries.length === 0);
  if (quiet.length === 0) return `The snapshots of phase ${phase} have events in the queue`;
  const same = quiet.find(({ manifest }) => manifest.fleet === now.facts?.fleet);
  return (
    same ??
    `The snapshots of phase ${phase} are of another fleet: devices, interfaces or MAC addresses have changed since`
  );
}
