import { Failure } from '../../core/failure.ts';
import { keep } from './keep.ts';
import type { Snapshot } from './shelf.ts';
import type { SnapshotsTools } from './tools.ts';
import { readWaiting, whilePaused } from './waiting.ts';

export type SaveWish = {
  /** End sessions whatever they are doing, where they can be ended. */
  readonly force: boolean;
  readonly name: string;
  readonly note: string;
  /** As recognised; nothing when the record is in none, or nobody could be asked. */
  readonly phase: number | undefined;
  /** Version of the NetBox that answers; empty when none does. */
  readonly netbox: string;
};

export type Saved = {
  /** What was saved. */
  readonly snapshot: Snapshot;
  /** How long NetBox could not connect. */
  readonly blockedMs: number;
  /** Database sessions that were ended. */
  readonly sessions: number;
  /** How the copy was made. */
  readonly method: string;
  /** How long it took. */
  readonly seconds: number;
  /** Background jobs that were cut short. */
  readonly running: number;
};

/** How long NetBox's workers get to finish the job that each is at. */
const jobPatienceMs = 5000;

/** Keeps a copy of NetBox's database and of what waits in Redis. NetBox cannot connect while the copy is made. */
export async function save(tools: SnapshotsTools, wish: SaveWish): Promise<Saved> {
  const { database, clock, progress, interrupt } = tools;
  const surroundings = await tools.surroundings();
  await database.checkRights();
  if ((await database.live()) === undefined) throw noDatabase(database.source, database.where);
  const startedMs = clock();
  const step = progress.step(`copying ${database.source}`);
  const copy = database.newName('next', new Date(startedMs));
  try {
    await database.waitForSessions(
      { timeoutMs: tools.timeoutMs, force: wish.force },
      { signal: interrupt, onWait: text => step.say(text) },
    );
    const copied = await whilePaused(surroundings, jobPatienceMs, async running => {
      if (interrupt.aborted) throw new Failure('interrupted', 'Interrupted before anything was changed');
      const { value, ...blocked } = await database.whileBlocked(() =>
        Promise.all([database.clone(database.source, copy), readWaiting(surroundings, tools.digestOf)]),
      );
      const [{ name: method }, waiting] = value;
      return { ...blocked, method, waiting, running };
    });
    step.say('describing the copy');
    // As the live one is: whoever looks into it finds its tables, and nobody else gets in.
    await database.makeAlike(copy);
    const facts = await database.facts(copy);
    if (facts === undefined) throw notNetBox(database.source);
    const { waiting, ...how } = copied;
    const snapshot = await keep(tools, copy, {
      format: 1,
      name: wish.name,
      savedAt: new Date(startedMs).toISOString(),
      note: wish.note,
      who: tools.who,
      tool: tools.version,
      source: database.source,
      netbox: wish.netbox,
      phase: wish.phase ?? null,
      bytes: await database.sizeOf(copy),
      ...facts,
      ...waiting,
    });
    step.done();
    return { snapshot, ...how, seconds: (clock() - startedMs) / 1000 };
  } catch (error) {
    step.fail();
    // Where PostgreSQL itself went away, the next command does it.
    await database.drop(copy).catch(() => {});
    throw error;
  }
}

export function noDatabase(source: string, where: string): Failure {
  return new Failure('no-such-database', `PostgreSQL at ${where} has no database ${source}`, {
    next: 'Set PGDATABASE to the database that NetBox uses: bmtool doctor shows where the present name comes from.',
  });
}

export function notNetBox(source: string): Failure {
  return new Failure(
    'not-netbox-database',
    `The database ${source} is not one of NetBox's: it has no table dcim_device or django_migrations`,
    { next: 'Nothing was kept. Set PGDATABASE to the database that NetBox uses.' },
  );
}
