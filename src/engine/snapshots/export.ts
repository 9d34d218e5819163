import type { Moment } from '../../adapters/postgres/dump/dumps.ts';
import type { FileManifest } from '../../adapters/postgres/manifest.ts';
import { noDatabase, notNetBox } from './save.ts';
import type { Snapshot } from './shelf.ts';
import type { SnapshotsTools } from './tools.ts';

export type ExportWish = {
  readonly what: Snapshot | LiveWish;
  /** As a person said it. */
  readonly file: string | undefined;
  /** Replace a file that is there. */
  readonly force: boolean;
};

/** The record as it is now. */
export type LiveWish = {
  readonly note: string;
  /** As recognised; nothing when the record is in none, or nobody could be asked. */
  readonly phase: number | undefined;
  /** Version of the NetBox that answers; empty when none does. */
  readonly netbox: string;
};

export type Exported = {
  /** Its whole path. */
  readonly file: string;
  /** Its size. */
  readonly bytes: number;
  /** Of the dump in it. */
  readonly sha256: string;
  readonly manifest: FileManifest;
  /** What wrote the dump: `pg_dump 18.6`. */
  readonly by: string;
  /** Background jobs that wait in the snapshot, and are not in the file. */
  readonly jobsLeftOut: number;
  /** How long it took. */
  readonly seconds: number;
};

/**
 * Writes a snapshot, or the record as it is now, into a file. NetBox serves on. For the record as it is now this takes no right but to read: it is the
 * way out of servers that allow no copies.
 */
export async function exportSnapshot(tools: SnapshotsTools, { what, file, force }: ExportWish): Promise<Exported> {
  const { database, clock } = tools;
  const startedMs = clock();
  const name = 'manifest' in what ? `${what.manifest.name}-${what.timestamp}` : liveName(startedMs);
  const wish = { file: await tools.files.place({ file, name, force }), force };
  const done = (exported: Omit<Exported, 'seconds'>) => ({ ...exported, seconds: (clock() - startedMs) / 1000 });
  if (!('manifest' in what)) return done(await exportLive(tools, what, { ...wish, startedMs }));
  const { manifest } = what;
  const written = await database.whileOpen(what.database, () =>
    tools.dumps.whileStill(what.database, moment => {
      const { number: _, jobs: __, exported: ___, ...about } = manifest;
      return writeMoment(tools, moment, { ...wish, about });
    }),
  );
  const exported = { file: written.file, at: new Date(clock()).toISOString() };
  await database.noteOn(what.database, { ...manifest, exported });
  return done({ ...written, jobsLeftOut: Object.keys(manifest.jobs.fields).length });
}

type FileWish = { readonly file: string; readonly force: boolean };

async function exportLive(
  tools: SnapshotsTools,
  { note, phase, netbox }: LiveWish,
  { startedMs, ...wish }: FileWish & { startedMs: number },
): Promise<Omit<Exported, 'seconds'>> {
  const { database } = tools;
  if ((await database.live()) === undefined) throw noDatabase(database.source, database.where);
  const { queue, jobs } = await tools.surroundings();
  const written = await tools.dumps.whileStill(database.source, async moment => {
    const entries = await queue.read();
    return writeMoment(tools, moment, {
      ...wish,
      about: {
        format: 1,
        name: liveName(startedMs),
        savedAt: new Date(startedMs).toISOString(),
        note,
        who: tools.who,
        tool: tools.version,
        source: database.source,
        netbox,
        phase: phase ?? null,
        bytes: await database.sizeOf(database.source),
        queue: { key: queue.key, entries, digest: tools.digestOf(entries) },
      },
    });
  });
  return { ...written, jobsLeftOut: Object.keys((await jobs.read()).fields).length };
}

/** Facts are those of the moment itself: by them an import tells whether it has all. */
async function writeMoment(
  { files, interrupt, database }: SnapshotsTools,
  { facts, by, dump }: Moment,
  { about, ...wish }: FileWish & { about: Omit<FileManifest, keyof NonNullable<Moment['facts']>> },
): Promise<Omit<Exported, 'seconds' | 'jobsLeftOut'>> {
  if (facts === undefined) throw notNetBox(database.source);
  const manifest = { ...about, ...facts };
  const written = await files.write({ ...wish, manifest, by, dump: onPiece => dump(onPiece, interrupt) });
  return { ...written, manifest, by };
}

/** A name that can be typed: whoever imports the file may give another. */
function liveName(nowMs: number): string {
  return `live-${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}`;
}
