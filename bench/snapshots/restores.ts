import { setTimeout as pause } from 'node:timers/promises';
import type { BenchLab } from '../lab.ts';
import { median } from '../measure.ts';
import type { Bench, Figure } from '../report.ts';
import type { Seen } from './clients.ts';
import { failuresText, openClients, sumFailures } from './open-clients.ts';
import { dslrTool, dumpTool, type Peers, stellarTool, type Tool } from './peers.ts';
import { bmtool, lastLine, type Ran, resultOf } from './run.ts';
import { ask, beside, databaseOf, grow } from './sql.ts';

/** Who reads meanwhile: each asks for a page, and for the next one so much after it has it. */
const readers = { count: 3, pauseMs: 100 } as const;

type Round = {
  /** From the start of the command until NetBox's API gave what only the snapshot has; nothing when it never did. */
  readonly answeredMs: number | undefined;
  readonly ran: Ran;
  readonly seen: Seen;
};
type Measured = { readonly tool: Tool; readonly saved: Ran; readonly rounds: readonly Round[] };

export type RestoresWish = { readonly rounds: number; readonly talk: Bench['talk'] };

/** How long it takes until NetBox answers with a snapshot, while clients read its API: bmtool, and others' tools on the same database. */
export async function benchRestores(lab: BenchLab, peers: Peers, { rounds, talk }: RestoresWish): Promise<Figure[]> {
  const database = databaseOf(lab.env);
  const sql = (text: string) => ask(beside(database), text);
  const tools = [
    bmtoolTool(lab, 'on'),
    bmtoolTool(lab, 'off'),
    ...(typeof peers.dslr === 'string' ? [dslrTool(peers.dslr, database)] : []),
    ...(typeof peers.stellar === 'string'
      ? [await stellarTool(peers.stellar, database, { folder: `${lab.folder}/stellar`, sql })]
      : []),
    ...(typeof peers.pgTools === 'string'
      ? [dumpTool(peers.pgTools, database, { file: `${lab.folder}/netbox.dump`, sql })]
      : []),
  ];
  const figures: Figure[] = [];
  for (const tool of tools) figures.push(...figuresOf(await measure(lab, tool, rounds, talk), '601 servers'));
  return [...figures, ...absentFigures(peers)];
}

/** The same for bmtool and DSLR, after some years of changes. Last: the lab's database stays as large. */
export async function benchLargeRestores(
  lab: BenchLab,
  peers: Peers,
  { rounds, megabytes, talk }: RestoresWish & { megabytes: number },
): Promise<Figure[]> {
  const database = databaseOf(lab.env);
  const size = `${Math.round((await grow(database, megabytes)) / 1e6)} MB`;
  talk(`NetBox's database has ${size} now`);
  await lab.keep('kept');
  const tools = [
    bmtoolTool(lab, 'on'),
    bmtoolTool(lab, 'off'),
    ...(typeof peers.dslr === 'string' ? [dslrTool(peers.dslr, database)] : []),
  ];
  const figures: Figure[] = [];
  for (const tool of tools) figures.push(...figuresOf(await measure(lab, tool, rounds, talk), size));
  return figures;
}

/** @param fastNext whether a copy is kept ready */
function bmtoolTool({ env }: BenchLab, fastNext: 'on' | 'off'): Tool {
  const name = `bench-${fastNext}`;
  const common = ['--fast-next', fastNext, '--json'];
  return {
    name: `bmtool, ${fastNext === 'on' ? 'a copy ready' : 'no copy ready'}`,
    save: () => bmtool(env, 'snapshot', 'save', name, ...common),
    restore: () => bmtool(env, 'snapshot', 'restore', name, '--yes', ...common),
  };
}

async function measure(lab: BenchLab, tool: Tool, count: number, talk: Bench['talk']): Promise<Measured> {
  const database = databaseOf(lab.env);
  const rounds: Round[] = [];
  await describeAll(database, 'kept');
  await lab.quiet();
  const saved = await tool.save();
  talk(
    `${tool.name}: saved in ${saved.seconds.toFixed(2)} s${saved.exitCode === 0 ? '' : `, FAILED: ${lastLine(saved)}`}`,
  );
  await using clients = await openClients({
    kind: 'api',
    ...readers,
    url: lab.env.NETBOX_URL ?? '',
    token: lab.env.NETBOX_TOKEN ?? '',
  });
  for (let round = 1; round <= count; round += 1) {
    await tool.settle?.();
    await describeAll(database, 'wrecked');
    if ((await descriptionIn(lab)) !== 'wrecked') throw new Error('NetBox does not say what its database has');
    const { value, seen } = await clients.during(() => untilAnswered(lab, 'kept', tool.restore));
    rounds.push({ ...value, seen });
    talk(roundText(tool, round, { ...value, seen }));
    if (value.answeredMs === undefined) await repair(lab);
  }
  await tool.settle?.();
  return { tool, saved, rounds };
}

async function untilAnswered(lab: BenchLab, description: string, act: () => Promise<Ran>) {
  const over = new AbortController();
  const started = performance.now();
  const watching = (async () => {
    while (!over.signal.aborted) {
      if ((await descriptionIn(lab).catch(() => undefined)) === description) return performance.now() - started;
      await pause(10);
    }
    return undefined;
  })();
  const ran = await act();
  // A command that failed has nothing to wait for.
  const patience = AbortSignal.timeout(ran.exitCode === 0 ? 20_000 : 2000);
  patience.addEventListener('abort', () => over.abort());
  return { answeredMs: await watching, ran };
}

/** What NetBox's API says about the first device. */
async function descriptionIn({ env }: BenchLab): Promise<string> {
  const answer = await fetch(`${env.NETBOX_URL}/api/dcim/devices/?limit=1&ordering=id&fields=id,description`, {
    headers: { authorization: `Token ${env.NETBOX_TOKEN}`, connection: 'close' },
    signal: AbortSignal.timeout(30_000),
  });
  return ((await answer.json()) as { results: { description: string }[] }).results[0]?.description ?? '';
}

async function describeAll(database: ReturnType<typeof databaseOf>, text: string): Promise<void> {
  await ask(database, `UPDATE dcim_device SET description = '${text}'`);
}

/** A tool that failed may have left no database at all. */
async function repair(lab: BenchLab): Promise<void> {
  const database = databaseOf(lab.env);
  const there = await ask(beside(database), `SELECT 1 FROM pg_database WHERE datname = '${database.PGDATABASE}'`);
  if (there.length === 0) await ask(beside(database), `CREATE DATABASE ${database.PGDATABASE} TEMPLATE bench_kept`);
  else await lab.back('kept');
}

function roundText({ name }: Tool, round: number, { answeredMs, ran, seen }: Round): string {
  const answered =
    answeredMs === undefined ? 'NetBox never answered with it' : `NetBox answered after ${answeredMs.toFixed(0)} ms`;
  const failed = ran.exitCode === 0 ? '' : `, FAILED: ${lastLine(ran)}`;
  return `${name}, round ${round}: ${answered}; the command ended after ${ran.seconds.toFixed(2)} s${failed}; readers: ${seen.successes} pages, ${failuresText(seen.failures)}`;
}

function figuresOf({ tool, saved, rounds }: Measured, size: string): Figure[] {
  const good = rounds.filter(({ answeredMs, ran }) => answeredMs !== undefined && ran.exitCode === 0);
  // pg_restore is at work on indexes and constraints when NetBox already sees the row.
  const took = good.map(({ answeredMs = 0, ran }) =>
    tool.name.startsWith('pg_dump') ? ran.seconds * 1000 : answeredMs,
  );
  const own = tool.name.startsWith('bmtool');
  const what = `${tool.name}, ${size}: from command to NetBox answering with the snapshot, ${readers.count} clients reading`;
  const failed = good.length === rounds.length ? '' : `, ${rounds.length - good.length} of ${rounds.length} FAILED`;
  const errors = failuresText(sumFailures(rounds.map(({ seen }) => seen)));
  const pages = rounds.reduce((sum, { seen }) => sum + seen.successes, 0);
  const time: Figure = {
    what,
    measured: `${listText(took)} ms${failed}; readers: ${pages} pages, ${errors}; its save ${saved.exitCode === 0 ? `${saved.seconds.toFixed(1)} s` : 'FAILED'}`,
    goal: own ? 'under 1 s (source document 10 s)' : '',
    met: own ? failed === '' && median(took) < 1000 : undefined,
  };
  if (!own) return [time];
  const blocked = good.map(({ ran }) => resultOf<{ blockedMs: number }>(ran).blockedMs);
  const swap: Figure = {
    what: `${tool.name}, ${size}: the swap, from the first refused client to the moment at which they are let in`,
    measured: `${listText(blocked)} ms`,
    goal: 'under 200 ms',
    met: failed === '' && median(blocked) < 200,
  };
  return [time, swap];
}

/** `420 (390, 420, 510)` */
export function listText(values: readonly number[], digits = 0): string {
  if (values.length === 0) return 'no';
  return `${median(values).toFixed(digits)} (${values.map(value => value.toFixed(digits)).join(', ')})`;
}

function absentFigures(peers: Peers): Figure[] {
  return Object.entries(peers).flatMap(([name, found]) =>
    typeof found === 'string'
      ? []
      : [
          {
            what: `restore with ${name}`,
            measured: `could not be installed: ${found.absent}`,
            goal: '',
            met: undefined,
          },
        ],
  );
}
