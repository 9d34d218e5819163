import { connectPostgres } from '../../src/adapters/postgres/connect.ts';
import { readFacts } from '../../src/adapters/postgres/database-facts.ts';
import type { BenchLab } from '../lab.ts';
import { median } from '../measure.ts';
import type { Bench, Figure } from '../report.ts';
import type { Seen } from './clients.ts';
import { type Clients, failuresText, openClients, sumFailures } from './open-clients.ts';
import { benchOrder } from './order.ts';
import type { DatabaseEnv, Peers } from './peers.ts';
import { bmtool, lastLine, mustRun, resultOf, withoutNetBox } from './run.ts';
import { ask, connectionOf, databaseOf } from './sql.ts';

/** Clients of the database itself, the worst there are: they hold their connection, ask all the time and reconnect at once. */
const clients = { kind: 'database', count: 8, pauseMs: 5 } as const;
/** Copies pile up between: 35 MB for each save. */
const pruneEvery = 10;

type Round = { readonly save: Seen; readonly restore: Seen; readonly blockedMs: number };

/**
 * Saves and restores under clients that reconnect at once: how often that works, and for how long a client can get an error. NetBox itself runs
 * on; bmtool is not told of it, so that its look through the API is not what takes the time.
 */
export async function benchStorm(
  lab: BenchLab,
  peers: Peers,
  { count, talk }: { count: number; talk: Bench['talk'] },
): Promise<Figure[]> {
  const database = databaseOf(lab.env);
  const env = withoutNetBox(lab.env);
  await mustRun(bmtool(env, 'snapshot', 'prune', '--keep', '1', '--yes'));
  const before = await look(database);
  const rounds: Round[] = [];
  const trouble: string[] = [];
  await using hammer = await openClients({ ...clients, connection: connectionOf(database) });
  const started = performance.now();
  for (let round = 1; round <= count; round += 1) {
    const done = await saveAndRestore(env, database, hammer, round);
    if (typeof done === 'string') {
      trouble.push(`round ${round}: ${done}`);
      talk(trouble.at(-1) ?? '');
    } else rounds.push(done);
    if (round % pruneEvery === 0) await mustRun(bmtool(env, 'snapshot', 'prune', '--keep', '1', '--yes'));
    if (round % pruneEvery === 0 || round === count) talk(progressText(round, rounds));
  }
  const seconds = (performance.now() - started) / 1000;
  await mustRun(bmtool(env, 'snapshot', 'prune', '--keep', '1', '--yes'));
  const left = await leftOver(before, database);
  return [
    ...windowFigures(rounds),
    {
      what: `${count} saves and restores under 8 clients that reconnect at once`,
      measured: `${rounds.length} of ${count} in ${seconds.toFixed(0)} s; ${left.join('; ') || 'nothing lost, nothing left over'}${trouble.length > 0 ? `; ${trouble[0]}` : ''}`,
      goal: `${count} of ${count}, nothing lost, nothing left over`,
      met: rounds.length === count && left.length === 0,
    },
    ...(await benchOrder(lab, peers, hammer, talk)),
  ];
}

/** @returns why it failed, as a text */
async function saveAndRestore(
  env: Record<string, string>,
  database: DatabaseEnv,
  hammer: Clients,
  round: number,
): Promise<Round | string> {
  const kept = `round ${round}`;
  await describe(database, kept);
  const saving = await hammer.during(() => bmtool(env, 'snapshot', 'save', 'storm', '--json'));
  if (saving.value.exitCode !== 0) return `save failed: ${lastLine(saving.value)}`;
  await describe(database, 'wrecked');
  const restoring = await hammer.during(() => bmtool(env, 'snapshot', 'restore', 'storm', '--yes', '--json'));
  // 5: done, and NetBox did not answer, since nobody said where it is.
  if (restoring.value.exitCode !== 5) return `restore failed: ${lastLine(restoring.value)}`;
  const { state, blockedMs } = resultOf<{ state: string; blockedMs: number }>(restoring.value);
  const [row] = await ask<{ description: string }>(database, 'SELECT DISTINCT description FROM dcim_device');
  if (state !== 'restored' || row?.description !== kept) return `the record is "${row?.description}", not "${kept}"`;
  return { save: saving.seen, restore: restoring.seen, blockedMs };
}

async function describe(database: DatabaseEnv, text: string): Promise<void> {
  await ask(database, `UPDATE dcim_device SET description = '${text}'`);
}

function windowFigures(rounds: readonly Round[]): Figure[] {
  const silent = rounds.map(({ restore }) => restore.silentMs);
  const failing = rounds.map(({ restore }) => restore.failingMs);
  const saves = rounds.map(({ save }) => save.failingMs);
  const most = (values: readonly number[]) => Math.max(0, ...values).toFixed(0);
  return [
    {
      what: `restore: window in which a client can get an error, ${rounds.length} restores, 8 clients that hold connections and reconnect at once`,
      measured: `${median(failing).toFixed(0)} ms from the first error to the last (at most ${most(failing)}); ${median(silent).toFixed(0)} ms without any answer (at most ${most(silent)}); bmtool says ${median(rounds.map(({ blockedMs }) => blockedMs)).toFixed(0)} ms; ${failuresText(sumFailures(rounds.map(({ restore }) => restore)))}`,
      goal: 'under 100 ms (median)',
      met: median(failing) < 100 && median(silent) < 100,
    },
    {
      what: 'save, which copies inside the block: the same window',
      measured: `${median(saves).toFixed(0)} ms (at most ${most(saves)})`,
      goal: '',
      met: undefined,
    },
  ];
}

function progressText(round: number, rounds: readonly Round[]): string {
  const failing = rounds.map(({ restore }) => restore.failingMs);
  return `${round} rounds, ${rounds.length} good; window ${median(failing).toFixed(0)} ms, without any answer ${median(rounds.map(({ restore }) => restore.silentMs)).toFixed(0)} ms, save ${median(rounds.map(({ save }) => save.failingMs)).toFixed(0)} ms`;
}

/** What is in the record, the state of the live database, and how many databases of each role are beside it. */
async function look(database: DatabaseEnv) {
  await using connection = await connectPostgres(connectionOf(database));
  const facts = await readFacts(connection);
  const { rows } = await connection.query<{ name: string; comment: string; open: boolean }>(
    "SELECT datname AS name, coalesce(shobj_description(oid, 'pg_database'), '') AS comment, datallowconn AS open FROM pg_database",
  );
  const live = rows.find(({ name }) => name === database.PGDATABASE);
  const roles = rows.map(({ name }) => /^bmtool_([a-z]+)_/.exec(name)?.[1]).filter(role => role !== undefined);
  const counts = Object.fromEntries(
    Map.groupBy(roles, role => role)
      .entries()
      .map(([role, all]) => [role, all.length]),
  );
  return { rows: facts?.rows ?? {}, fleet: facts?.fleet, open: live?.open, comment: live?.comment, counts };
}

async function leftOver(before: Awaited<ReturnType<typeof look>>, database: DatabaseEnv): Promise<string[]> {
  const now = await look(database);
  const { snapshot = 0, warm = 0, undo = 0, ...others } = now.counts;
  // One of each name is kept: those of the parts before, and the storm's.
  const expected = (before.counts.snapshot ?? 0) + 1;
  return [
    ...(JSON.stringify(now.rows) === JSON.stringify(before.rows) && now.fleet === before.fleet
      ? []
      : ['LOST: the record has other rows']),
    ...(now.open && now.comment === before.comment ? [] : ['LEFT OVER: the live database is closed or has a note']),
    ...(snapshot === expected && warm === 1 && undo === 1 && Object.keys(others).length === 0
      ? []
      : [`LEFT OVER: ${JSON.stringify(now.counts)}`]),
  ];
}
