import type { Cluster, LiveDatabase, OwnDatabase } from '../../adapters/postgres/cluster.ts';
import type { Manifest, UndoNote, Unreadable } from '../../adapters/postgres/manifest.ts';

export type Snapshot = {
  /** `20261121-113012`, by UTC; of two in one second the second has more. */
  readonly timestamp: string;
  readonly database: string;
  readonly bytes: number;
  readonly manifest: Manifest;
};

/** A database that is a snapshot or an undo copy by its name, and whose note cannot be read. */
export type Damaged = {
  /** As its name has it: `20261121-113012`, UTC. */
  readonly timestamp: string;
  /** The database. */
  readonly database: string;
  /** What it takes. */
  readonly bytes: number;
} & Unreadable;

type Warm = {
  /** The database. */
  readonly database: string;
  /** What it takes. */
  readonly bytes: number;
  /** The database of the snapshot that it is a copy of. */
  readonly of: string;
};

/** Everything of bmtool's that is beside one NetBox's database. */
export type Shelf = {
  readonly live: LiveDatabase | undefined;
  /** Newest first. */
  readonly snapshots: readonly Snapshot[];
  /** What cannot be read; nothing can be restored from it. */
  readonly damaged: readonly Damaged[];
  /** A copy of a snapshot that only waits to be put in place. */
  readonly warm: Warm | undefined;
  /** What the last restore put out. */
  readonly undo: { readonly database: string; readonly bytes: number; readonly note: UndoNote } | undefined;
};

export async function lookAt(database: Pick<Cluster, 'live' | 'own'>): Promise<Shelf> {
  return shelfOf(await database.live(), await database.own());
}

export function shelfOf(live: LiveDatabase | undefined, own: readonly OwnDatabase[]): Shelf {
  const snapshots: Snapshot[] = [];
  const damaged: Damaged[] = [];
  const ready: NonNullable<Shelf['warm']>[] = [];
  for (const one of own) {
    const { name: database, bytes } = one;
    const common = { timestamp: timestampOf(one.stamp), database, bytes };
    if ((one.role === 'snapshot' || one.role === 'undo') && 'unreadable' in one.about)
      damaged.push({ ...common, ...one.about });
    if (one.role === 'snapshot' && !('unreadable' in one.about)) snapshots.push({ ...common, manifest: one.about });
    if (one.role === 'warm' && !('unreadable' in one.about)) ready.push({ database, bytes, of: one.about.of });
  }
  snapshots.sort(newestFirst);
  const warm = ready.find(({ of }) => of === snapshots[0]?.database) ?? ready[0];
  return { live, snapshots: withShortTimestamps(snapshots), damaged, warm, undo: undosOf(own)[0] };
}

/** Most likely the name is a wrong one: after a crash or a DROP DATABASE the copies are there still. */
export function isOfNothing({ live, snapshots, damaged, warm, undo }: Shelf): boolean {
  return live === undefined && snapshots.length + damaged.length === 0 && warm === undefined && undo === undefined;
}

/** Undo copies, the last one first. There is more than one only after a crash. */
export function undosOf(own: readonly OwnDatabase[]): NonNullable<Shelf['undo']>[] {
  return own
    .flatMap(one => {
      if (one.role !== 'undo' || 'unreadable' in one.about) return [];
      return [{ database: one.name, bytes: one.bytes, note: one.about }];
    })
    .sort((a, b) => b.note.number - a.note.number);
}

/** By the order in which they were saved: clocks go backwards. */
function newestFirst(a: Snapshot, b: Snapshot): number {
  return b.manifest.number - a.manifest.number || (a.timestamp < b.timestamp ? 1 : -1);
}

/** `20261121_113012_4f2` → `20261121-113012-4f2` */
function timestampOf(stamp: string): string {
  return stamp.replaceAll('_', '-');
}

const shortLength = 'YYYYMMDD-HHMMSS'.length;

/** The three characters at the end only where two snapshots were saved in one second. */
function withShortTimestamps(snapshots: readonly Snapshot[]): Snapshot[] {
  const bySecond = Map.groupBy(snapshots, ({ timestamp }) => timestamp.slice(0, shortLength));
  return snapshots.map(snapshot => {
    const second = snapshot.timestamp.slice(0, shortLength);
    return bySecond.get(second)?.length === 1 ? { ...snapshot, timestamp: second } : snapshot;
  });
}
