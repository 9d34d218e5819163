import type { LiveDatabase, OwnDatabase } from '../../src/adapters/postgres/cluster.ts';
import type { Manifest, UndoNote } from '../../src/adapters/postgres/manifest.ts';
import { aManifest, nothingWaiting } from './snapshots.ts';

/** Databases beside a live one, as the cluster tells of them; for what is decided from them. */

export function aSnapshot(stamp: string, about: Partial<Manifest> = {}, open = false): OwnDatabase {
  return { role: 'snapshot', name: `snapshot-${stamp}`, stamp, bytes: 1000, open, about: aManifest(about) };
}

export function anUndo(stamp: string, number: number, open = false): OwnDatabase {
  const about: UndoNote = { format: 1, number, by: 'restore 1', at: '2026-11-21T11:30:12.000Z', ...nothingWaiting };
  return { role: 'undo', name: `undo-${stamp}`, stamp, bytes: 100, open, about };
}

export function aWarm(stamp: string, of: string, open = false): OwnDatabase {
  return { role: 'warm', name: `warm-${stamp}`, stamp, bytes: 10, open, about: { format: 1, of } };
}

export function aNext(stamp: string, open = true): OwnDatabase {
  return { role: 'next', name: `next-${stamp}`, stamp, bytes: 1, open };
}

export function unreadable<Own extends OwnDatabase>(own: Own, why = 'its manifest is damaged at "name"'): Own {
  return { ...own, about: { unreadable: why } };
}

export function aLive(note?: LiveDatabase['note']): LiveDatabase {
  return { owner: 'netbox', comment: '', note, blocked: note?.doing === 'blocked' };
}
