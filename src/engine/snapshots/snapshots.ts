import type { Manifest } from '../../adapters/postgres/manifest.ts';
import { Failure } from '../../core/failure.ts';
import { choose, type SnapshotWish } from './choose.ts';
import { type Difference, differencesOf } from './compatible.ts';
import { diff, type RecordDiff, type Side } from './diff.ts';
import { type Exported, type ExportWish, exportSnapshot } from './export.ts';
import { findPhase } from './find-phase.ts';
import { checkHealth, type Health } from './health.ts';
import { type Imported, type ImportWish, importSnapshot } from './import.ts';
import { type Mend, mendsOf } from './mend.ts';
import { checkTarget, readNow } from './now.ts';
import { nothingToUndo, type PutBack, type PutBackWish, putBack } from './put-back.ts';
import { type FileRestored, type FileRestoreWish, restoreFile } from './restore-file.ts';
import { noDatabase, type Saved, type SaveWish, save } from './save.ts';
import { isOfNothing, lookAt, type Shelf, type Snapshot } from './shelf.ts';
import { tidyUp } from './tidy-up.ts';
import type { SnapshotsTools } from './tools.ts';
import { putWaiting } from './waiting.ts';
import { type Warmed, warm } from './warm.ts';

/** Snapshots of one NetBox's database, kept beside it in its own PostgreSQL. */
export type Snapshots = {
  /** `host:port` */
  readonly where: string;
  readonly source: string;
  /**
   * Begins a command: alone from here to the end of this bmtool, with what a killed one left behind put right first. Throws `Failure` when
   * another bmtool is at work, unless `wait`; with `orLook`, nothing is put right then, and `busy` says who it is.
   */
  begin(wish: BeginWish): Promise<Begun>;
  /** Throws `Failure` (exit 5) when there is neither a database of this name nor anything that was kept of one. */
  look(): Promise<Shelf>;
  /** The snapshot that a person means; see `choose`. */
  choose(wish: SnapshotWish): Promise<Snapshot>;
  /** In what a snapshot does not fit the NetBox that is here. `typesMoved`: its content types have other ids, which NetBox's processes remember. */
  compare(snapshot: ComparedSnapshot): Promise<{ readonly differences: Difference[]; readonly typesMoved: boolean }>;
  /**
   * Throws `Failure` (exit 2) when the NetBox that answers works on another database: an environment that names two of them. Where nobody
   * answers, or nothing was ever changed, that cannot be told.
   */
  checkTarget(): Promise<void>;
  /** The newest snapshot of a phase that is of the fleet as it is now, with nothing in the queue and fit for this NetBox; or why there is none. */
  findPhase(phase: number): Promise<Snapshot | string>;
  /** What is different in the second record. */
  diff(before: Side, after: Side): Promise<RecordDiff>;
  /** What the last restore put out. Throws `Failure` (exit 2) when nothing was. */
  undoCopy(): Promise<NonNullable<Shelf['undo']>>;
  save(wish: SaveWish): Promise<Saved>;
  putBack(wish: PutBackWish): Promise<PutBack>;
  /** Drops what a restore before the last one kept. */
  tidyUp(): Promise<void>;
  /** Whether NetBox answers now, with so many rows by table. */
  health(rows: Readonly<Record<string, number>>): Promise<Health>;
  /** Makes a copy of the newest snapshot ready for the next restore, unless there is one or it cannot be made. The one before goes. */
  warm(snapshot: Snapshot): Promise<Warmed | undefined>;
  /** Deletes snapshots, and the ready copy of one of them with it. */
  drop(snapshots: readonly Pick<Snapshot, 'database'>[]): Promise<void>;
  note(snapshot: Snapshot, manifest: Manifest): Promise<void>;
  /** Writes a snapshot, or the record as it is now, into a file. */
  export(wish: ExportWish): Promise<Exported>;
  /** Makes a snapshot of what a file has. */
  import(wish: ImportWish): Promise<Imported>;
  /** Puts what a file has into NetBox's own database. */
  restoreFile(wish: FileRestoreWish): Promise<FileRestored>;
};

/** A snapshot here, or one in a file. */
type ComparedSnapshot = { readonly manifest: Pick<Manifest, 'netbox' | 'migrations' | 'types'> };

export type BeginWish = { readonly command: string; readonly wait?: boolean; readonly orLook?: boolean };
export type Begun = { readonly mended: readonly Mend[]; readonly busy: string | undefined };

const askEveryMs = 200;

export function openSnapshots(tools: SnapshotsTools): Snapshots {
  const { database } = tools;
  const look = async () => {
    const shelf = await lookAt(database);
    if (isOfNothing(shelf)) throw noDatabase(database.source, database.where);
    return shelf;
  };
  return {
    where: database.where,
    source: database.source,
    look,
    begin: wish => begin(tools, wish),
    choose: async wish => choose(await look(), wish),
    async compare({ manifest }) {
      const here = await readNow(tools);
      const typesMoved = here.makeup !== undefined && here.makeup.types !== manifest.types;
      return { differences: differencesOf(manifest, here), typesMoved };
    },
    checkTarget: () => checkTarget(tools),
    findPhase: async phase => findPhase(tools, phase, await readNow(tools)),
    diff: (before, after) => diff(tools, before, after),
    async undoCopy() {
      const { undo } = await look();
      if (undo === undefined) throw nothingToUndo();
      return undo;
    },
    save: wish => save(tools, wish),
    putBack: wish => putBack(tools, wish),
    tidyUp: () => tidyUp(tools),
    health: rows => checkHealth(tools.meetNetBox, rows),
    warm: snapshot => warm(tools, snapshot),
    async drop(snapshots) {
      const { warm } = await look();
      for (const snapshot of snapshots) {
        await database.drop(snapshot.database);
        if (warm?.of === snapshot.database) await database.drop(warm.database);
      }
    },
    note: (snapshot, manifest) => database.noteOn(snapshot.database, manifest),
    export: wish => exportSnapshot(tools, wish),
    import: wish => importSnapshot(tools, wish),
    restoreFile: wish => restoreFile(tools, wish),
  };
}

async function begin(tools: SnapshotsTools, { command, wait, orLook }: BeginWish): Promise<Begun> {
  const { database, progress, interrupt, pause } = tools;
  const take = () => database.takeTurn(`${command} by ${tools.process}`);
  let busy = await take();
  if (busy !== undefined && orLook) return { mended: [], busy: busy.who };
  if (busy !== undefined && !wait)
    throw new Failure('somebody-at-work', `${busy.who} is at work on these copies, since ${busy.since} UTC`, {
      next: 'Nothing was changed. Run it again later, or with --wait to start when that has ended.',
    });
  if (busy !== undefined) {
    const step = progress.step(`waiting for ${busy.who}`);
    while (busy !== undefined) {
      await pause(askEveryMs, interrupt);
      if (interrupt.aborted) throw new Failure('interrupted', 'Interrupted before anything was changed');
      busy = await take();
    }
    step.done();
  }
  tools.lastWords.now =
    "NetBox's database is the one of before or the new one, never a mixture.\nWhat is half done is put right by: bmtool snapshot recover";
  try {
    return { mended: await recover(tools), busy: undefined };
  } catch (error) {
    if (!orLook || !(error instanceof Failure)) throw error;
    // A look needs nothing put right, and may show what is wrong.
    progress.note(`What a bmtool that was stopped left behind is not put right yet: ${error.message}`);
    return { mended: [], busy: undefined };
  }
}

/** Puts right what a killed bmtool left behind, and tells of it. */
async function recover(tools: SnapshotsTools): Promise<Mend[]> {
  const { database, progress } = tools;
  const mends = mendsOf(await database.live(), await database.own());
  for (const mend of mends) {
    if (mend.do === 'drop') await database.drop(mend.database);
    if (mend.do === 'close') await database.closeCopy(mend.database);
    if (mend.do === 'finish') await putWaiting(await tools.surroundings(), mend.waiting);
    if (mend.do === 'finish' || mend.do === 'let in') await database.settle();
    progress.note(`Put right: ${mend.why}${'database' in mend ? ` (${mend.database})` : ''}.`);
  }
  return mends;
}
