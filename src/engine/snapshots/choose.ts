import { Failure } from '../../core/failure.ts';
import type { Shelf, Snapshot } from './shelf.ts';

/** What a person says to mean one snapshot. */
export type SnapshotWish = {
  readonly name: string;
  /** `YYYYMMDD-HHMMSS`, or as much of its beginning as is needed. */
  readonly timestamp?: string | undefined;
};

/** The newest of a name, unless a time is said. Throws `Failure` (exit 2) that lists what there is. */
export function choose({ snapshots, damaged }: Shelf, { name, timestamp }: SnapshotWish): Snapshot {
  const named = snapshots.filter(({ manifest }) => manifest.name === name);
  if (named.length === 0) {
    const broken = damaged.length === 0 ? '' : ` ${damaged.length} more cannot be read: bmtool snapshot list.`;
    throw new Failure('no-such-snapshot', `There is no snapshot "${name}"`, {
      next: `${namesText(snapshots)}${broken}`,
    });
  }
  if (timestamp === undefined) return named[0] as Snapshot;
  const found = named.filter(snapshot => snapshot.timestamp.startsWith(timestamp));
  if (found.length === 1) return found[0] as Snapshot;
  const times = (found.length === 0 ? named : found).map(snapshot => snapshot.timestamp).join(', ');
  throw new Failure(
    'no-such-snapshot',
    found.length === 0
      ? `There is no snapshot "${name}" of ${timestamp}`
      : `${found.length} snapshots "${name}" are of ${timestamp}`,
    { next: `Of "${name}" there are ${times} (UTC).` },
  );
}

function namesText(snapshots: readonly Snapshot[]): string {
  if (snapshots.length === 0) return 'There are none yet: bmtool snapshot save NAME makes one.';
  const names = [...new Set(snapshots.map(({ manifest }) => manifest.name))];
  return `There ${names.length === 1 ? 'is' : 'are'} ${names.map(name => `"${name}"`).join(', ')}.`;
}
