import type { SnapshotFile } from '../../adapters/postgres/file/read.ts';
import type { DatabaseFacts } from '../../adapters/postgres/manifest.ts';
import { Failure } from '../../core/failure.ts';
import { keep } from './keep.ts';
import type { Snapshot } from './shelf.ts';
import type { SnapshotsTools } from './tools.ts';

export type ImportWish = {
  readonly file: SnapshotFile;
  readonly name: string;
  readonly note: string;
};

export type Imported = {
  /** What it became. */
  readonly snapshot: Snapshot;
  /** Background jobs that waited when it was exported: what they were to do is not in the file. */
  readonly jobsEnded: number;
  /** How long it took. */
  readonly seconds: number;
};

/**
 * Makes a snapshot of what a file has. The file was checked before; what comes out of it is compared with what it says of itself. Nobody who uses
 * NetBox notices. Its background jobs are none; see `fileManifest`.
 */
export async function importSnapshot(tools: SnapshotsTools, wish: ImportWish): Promise<Imported> {
  const { database, clock, progress } = tools;
  const { file, manifest, dump } = wish.file;
  await database.checkRights();
  const startedMs = clock();
  const copy = database.newName('next', new Date(startedMs));
  const step = progress.step(`loading the dump (MB)`);
  try {
    await whileLooking(tools, { copy, bytes: manifest.bytes, look: (done, total) => step.at(done, total) }, () =>
      tools.dumps.load({ database: copy, path: wish.file.dumpPath, by: dump.by }, tools.interrupt),
    );
    step.say('comparing it with what the file says');
    // As the live one is: whoever looks into it finds its tables, and nobody else gets in.
    await database.makeAlike(copy);
    const facts = await database.facts(copy);
    const wrong = facts === undefined ? ["NetBox's tables"] : unlike(manifest, facts);
    if (facts === undefined || wrong.length > 0) throw notAsSaid(file, wrong);
    const jobsEnded = await tools.dumps.endWaitingJobs(copy);
    const snapshot = await keep(tools, copy, {
      ...manifest,
      ...facts,
      name: wish.name,
      note: wish.note,
      jobs: { queues: {}, scheduled: {}, fields: {} },
      exported: { file, at: new Date(clock()).toISOString() },
    });
    step.done('loading the dump');
    return { snapshot, jobsEnded, seconds: (clock() - startedMs) / 1000 };
  } catch (error) {
    step.fail('loading the dump');
    // Where PostgreSQL itself went away, the next command does it.
    await database.drop(copy).catch(() => {});
    throw error;
  }
}

/** In what a loaded database is not what its file says. The version of PostgreSQL is its own. */
export function unlike(said: Omit<DatabaseFacts, 'postgres'>, found: DatabaseFacts): string[] {
  const rows = Object.entries(said.rows).filter(([table, count]) => found.rows[table] !== count);
  return [
    ...(said.migrations.digest === found.migrations.digest ? [] : ['the migrations']),
    ...(said.types === found.types ? [] : ['the content types']),
    ...rows.map(([table, count]) => `${table} (${found.rows[table] ?? 'no'} rows for ${count})`),
    // Where rows are missing, this says nothing new.
    ...(rows.length === 0 && said.fleet !== found.fleet ? ['devices, interfaces and MAC addresses'] : []),
  ];
}

function notAsSaid(file: string, wrong: readonly string[]): Failure {
  return new Failure('export-damaged', `The dump in ${file} is not what the file says of it: ${wrong.join(', ')}`, {
    next: 'Nothing was kept. Take the file anew from where it was exported.',
  });
}

type Looking = {
  readonly copy: string;
  readonly bytes: number;
  readonly look: (doneMegabytes: number, totalMegabytes: number) => void;
};

const lookEveryMs = 1000;
const megabyte = 1e6;

/** Shows how large a database is that grows while `work` fills it. */
async function whileLooking<T>(
  { database, pause }: SnapshotsTools,
  { copy, bytes, look }: Looking,
  work: () => Promise<T>,
): Promise<T> {
  const through = new AbortController();
  const looking = async () => {
    for (;;) {
      await pause(lookEveryMs, through.signal);
      if (through.signal.aborted) return;
      // A look in passing: when it fails, the work will say so.
      const own = await database.own().catch(() => []);
      const now = own.find(one => one.name === copy)?.bytes;
      if (now !== undefined) look(Math.ceil(Math.min(now, bytes) / megabyte), Math.ceil(bytes / megabyte));
    }
  };
  const looks = looking();
  try {
    return await work();
  } finally {
    through.abort();
    await looks;
  }
}
