import { differencesOf, type Now } from './compatible.ts';
import { lookAt, type Snapshot } from './shelf.ts';
import type { SnapshotsTools } from './tools.ts';

export async function findPhase({ database }: SnapshotsTools, phase: number, now: Now): Promise<Snapshot | string> {
  const ofPhase = (await lookAt(database)).snapshots.filter(({ manifest }) => manifest.phase === phase);
  if (ofPhase.length === 0) return `There is no snapshot of phase ${phase}`;
  const fitting = ofPhase.filter(({ manifest }) => differencesOf(manifest, now).length === 0);
  if (fitting.length === 0) return `The snapshots of phase ${phase} are of another version of NetBox`;
  const quiet = fitting.filter(({ manifest }) => manifest.queue.entries.length === 0);
  if (quiet.length === 0) return `The snapshots of phase ${phase} have events in the queue`;
  const facts = await database.facts(database.source);
  const same = quiet.find(({ manifest }) => manifest.fleet === facts?.fleet);
  return (
    same ??
    `The snapshots of phase ${phase} are of another fleet: devices, interfaces or MAC addresses have changed since`
  );
}
