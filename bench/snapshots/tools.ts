import { join } from 'node:path';
import type { BenchLab } from '../lab.ts';
import { median } from '../measure.ts';
import type { Bench, Figure } from '../report.ts';
import type { OwnCluster } from './own-cluster.ts';
import { type DatabaseEnv, dslrTool, dumpTool, type Peers, stellarTool, type Tool } from './peers.ts';
import { listText } from './restores.ts';
import { bmtool, lastLine, type Ran, resultOf, withoutNetBox } from './run.ts';
import { ask, beside, bytesOf } from './sql.ts';

type Turn = {
  readonly tool: Tool;
  readonly times: number;
  /** What its restore ends with when all is well. */
  readonly exit: number;
  /** Until the database is in its place, of a restore that then makes the next copy; the whole command where nothing is said. */
  readonly inPlace?: (ran: Ran) => number;
};
type Place = {
  readonly database: DatabaseEnv;
  readonly gigabytes: number;
  readonly where: string;
  talk: Bench['talk'];
};

/** A database put away and back by each tool, with nobody in it. */
export async function benchTools(
  lab: BenchLab,
  cluster: OwnCluster,
  peers: Peers,
  { name, talk }: { name: string; talk: Bench['talk'] },
): Promise<Figure[]> {
  const database = cluster.database(name);
  const gigabytes = (await bytesOf(database)) / 1e9;
  const place = { database, gigabytes, where: `PostgreSQL ${cluster.version}, ${cluster.fileSystem}, fsync on`, talk };
  const figures: Figure[] = [];
  for (const turn of await turnsOf(lab, peers, database)) figures.push(await takeTurn(turn, place));
  return figures;
}

async function turnsOf(lab: BenchLab, { dslr, stellar, pgTools }: Peers, database: DatabaseEnv): Promise<Turn[]> {
  const sql = (text: string) => ask(beside(database), text);
  // 5: done, and NetBox did not answer, since there is none.
  const ours = { times: 3, exit: 5, inPlace: (ran: Ran) => resultOf<{ seconds: number }>(ran).seconds };
  const turns: Turn[] = [
    { tool: bmtoolTool(lab, database, 'on'), ...ours },
    { tool: bmtoolTool(lab, database, 'off'), ...ours },
  ];
  if (typeof dslr === 'string') turns.push({ tool: dslrTool(dslr, database), times: 3, exit: 0 });
  const folder = join(lab.folder, 'stellar-large');
  if (typeof stellar === 'string')
    turns.push({ tool: await stellarTool(stellar, database, { folder, sql }), times: 1, exit: 0 });
  const file = join(lab.folder, 'large.dump');
  if (typeof pgTools === 'string') turns.push({ tool: dumpTool(pgTools, database, { file, sql }), times: 1, exit: 0 });
  return turns;
}

function bmtoolTool(lab: BenchLab, database: DatabaseEnv, fastNext: 'on' | 'off'): Tool {
  const env = { ...withoutNetBox(lab.env), ...database };
  const common = ['--fast-next', fastNext, '--json'];
  return {
    name: `bmtool, ${fastNext === 'on' ? 'a copy ready' : 'no copy ready'}`,
    save: () => bmtool(env, 'snapshot', 'save', `tool-${fastNext}`, ...common),
    restore: () => bmtool(env, 'snapshot', 'restore', `tool-${fastNext}`, '--yes', ...common),
  };
}

async function takeTurn({ tool, times, exit, inPlace }: Turn, place: Place): Promise<Figure> {
  const { database, gigabytes, where, talk } = place;
  const figure = (measured: string): Figure => ({
    what: `${tool.name}: ${gigabytes.toFixed(2)} GB away and back, ${where}, nobody in it`,
    measured,
    goal: '',
    met: undefined,
  });
  await ask(database, "UPDATE dcim_device SET description = 'kept'");
  const saved = await tool.save();
  if (saved.exitCode !== 0) return figure(`its save FAILED: ${lastLine(saved)}`);
  const restores: number[] = [];
  const wholes: number[] = [];
  for (let round = 1; round <= times; round += 1) {
    await tool.settle?.();
    await ask(database, "UPDATE dcim_device SET description = 'wrecked'");
    const ran = await tool.restore();
    const rows = await ask<{ description: string }>(database, 'SELECT DISTINCT description FROM dcim_device');
    if (ran.exitCode !== exit || rows[0]?.description !== 'kept') return figure(`its restore FAILED: ${lastLine(ran)}`);
    restores.push(inPlace?.(ran) ?? ran.seconds);
    wholes.push(ran.seconds);
    talk(`${tool.name}: saved in ${saved.seconds.toFixed(2)} s, back after ${restores.at(-1)?.toFixed(2)} s`);
  }
  await tool.settle?.();
  const whole = inPlace ? `, the whole command ${listText(wholes, 2)} s` : '';
  const perGb = (median(restores) / gigabytes).toFixed(1);
  return figure(`save ${saved.seconds.toFixed(2)} s; restore ${listText(restores, 2)} s, ${perGb} s per GB${whole}`);
}
