import { fileURLToPath } from 'node:url';
import type { Change } from '../src/core/change.ts';
import { type BenchLab, program } from './lab.ts';
import { measure, median } from './measure.ts';
import { type Recipe, replay } from './replay.ts';
import type { Bench, Figure, PynetboxPython } from './report.ts';

type Journey = {
  readonly from: 0 | 1;
  readonly to: 0 | 1 | 2;
  /** NetBox's status of the servers that have arrived. */
  readonly status: string;
  readonly rounds: number;
  /** What the source document gives for 601 servers. */
  readonly promisedSeconds: number;
  /** How many servers the pynetbox script does, and how many times as long as bmtool it should take. */
  readonly scripted: number;
  readonly slower: number;
};

/** In this order: the first one makes the phase 1 from which the others start. */
const journeys: readonly Journey[] = [
  { from: 0, to: 1, status: 'planned', rounds: 3, promisedSeconds: 120, scripted: 30, slower: 10 },
  { from: 1, to: 2, status: 'failed', rounds: 2, promisedSeconds: 300, scripted: 10, slower: 4 },
  { from: 1, to: 0, status: 'offline', rounds: 3, promisedSeconds: 30, scripted: 30, slower: 10 },
];

/** Requests at a time, and rows in a request. */
type Packing = { readonly lanes: number; readonly rows: number; readonly cables: number };

const servers = 601;
const repeats = 3;
const usual = { rows: 50, cables: 25 } as const;
const lanesTried = [2, 3, 4] as const;
/** With how many servers packings are tried, and what is tried besides lanes. Cables are slow, and all there is to phase 2. */
const trials = {
  plain: { count: servers, others: [{ rows: 25 }, { rows: 100 }] },
  cables: { count: 60, others: [{ cables: 10 }] },
} as const;

/** `state restore` between neighbouring phases: beside the floor, turn by turn; again; ten servers; beside a pynetbox script. */
export async function benchPhases({ openLab, talk, installPynetbox }: Bench): Promise<Figure[]> {
  const lab = await openLab(servers);
  try {
    const python = await installPynetbox(lab);
    await lab.keep('phase_0');
    const figures: Figure[] = [];
    for (const journey of journeys) {
      talk(`-- phase ${journey.to} from ${journey.from}`);
      const raced = await race(lab, journey, talk);
      // Also ends what the worker still indexes after the last round.
      await lab.keep(`phase_${journey.to}`);
      const again = await runAgain(lab, journey);
      const ten = await runTen(lab, journey);
      talk(`pynetbox, object by object, ${journey.scripted} servers`);
      const script = await runScript(lab, journey, python);
      figures.push(...raceFigures(journey, raced), ...repeatFigures(journey, again, ten));
      figures.push(scriptFigure(journey, script, median(raced.ours.map(turn => turn.seconds))));
    }
    return figures;
  } finally {
    await lab.down();
  }
}

/** Planning alone, of all that there is to do: everything about the fleet is read, and every change of every server printed. */
export async function benchPlanning({ openLab, talk }: Bench): Promise<Figure[]> {
  const plans: { fleet: number; seconds: number[]; peakMb: number }[] = [];
  for (const fleet of [601, 2500, 10_000]) {
    const lab = await openLab(fleet);
    try {
      await lab.quiet();
      const plan = { fleet, seconds: [] as number[], peakMb: 0 };
      for (let i = 0; i < repeats; i += 1) {
        const run = await dryRun(lab, 2, fleet);
        plan.seconds.push(run.seconds);
        plan.peakMb = Math.max(plan.peakMb, run.peakMb);
      }
      plans.push(plan);
      talk(`${fleet} servers: ${secondsText(plan.seconds)}, ${plan.peakMb.toFixed(0)} MB`);
    } finally {
      await lab.down();
    }
  }
  const perServer = plans.map(({ fleet, seconds }) => median(seconds) / fleet);
  const growth = (perServer.at(-1) ?? Number.NaN) / (perServer[0] ?? Number.NaN);
  return plans.map(({ fleet, seconds, peakMb }, i) => ({
    what: `planning phase 2 from 0 for ${fleet.toLocaleString('en')} servers`,
    measured: `${secondsText(seconds)}, ${peakMb.toFixed(0)} MB resident`,
    ...(i < plans.length - 1
      ? { goal: '', met: undefined }
      : {
          goal: `under 20 s and 300 MB; linear (per server, against ${plans[0]?.fleet}: ${growth.toFixed(2)} ×)`,
          met: median(seconds) < 20 && peakMb < 300 && growth < 1.2,
        }),
  }));
}

/** `writes` are the entries that NetBox's change log got meanwhile. */
type Turn = { readonly seconds: number; readonly writes: number };
type Raced = { changes: readonly Change[]; packing: Packing; floor: readonly Turn[]; ours: readonly Turn[] };

async function race(lab: BenchLab, journey: Journey, talk: Bench['talk']): Promise<Raced> {
  const { from, to, rounds } = journey;
  const packing = await bestPacking(lab, journey, talk);
  await startFrom(lab, from);
  const { changes } = await dryRun(lab, to, servers);
  const floor: Turn[] = [];
  const ours: Turn[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await startFrom(lab, from);
    const low = await counted(lab, () => replay(lab, changes, recipeOf(packing)));
    await startFrom(lab, from);
    const own = await counted(lab, () => restore(lab, to));
    floor.push(low);
    ours.push(own);
    talk(`round ${round}: floor ${low.seconds.toFixed(1)} s, bmtool ${own.seconds.toFixed(1)} s`);
  }
  return { changes, packing, floor, ours };
}

/** One try each: first how many lanes, then with the best of these how many rows. */
async function bestPacking(lab: BenchLab, { from, to }: Journey, talk: Bench['talk']): Promise<Packing> {
  const { count, others } = to === 2 ? trials.cables : trials.plain;
  await startFrom(lab, from);
  const { changes } = await dryRun(lab, to, count);
  const tried: { packing: Packing; seconds: number }[] = [];
  const attempt = async (packing: Packing) => {
    await startFrom(lab, from);
    const seconds = await replay(lab, changes, recipeOf(packing));
    talk(`floor of ${count} servers with ${JSON.stringify(packing)}: ${seconds.toFixed(1)} s`);
    tried.push({ packing, seconds });
  };
  const best = () => tried.reduce((a, b) => (b.seconds < a.seconds ? b : a)).packing;
  for (const lanes of lanesTried) await attempt({ lanes, ...usual });
  const { lanes } = best();
  for (const other of others) await attempt({ lanes, ...usual, ...other });
  return best();
}

function recipeOf({ lanes, rows, cables }: Packing): Recipe {
  return { lanes, batch: ({ kind }) => (kind === 'dcim.cable' ? cables : rows) };
}

async function runAgain(lab: BenchLab, { to }: Journey): Promise<Turn[]> {
  const turns: Turn[] = [];
  for (let i = 0; i < repeats; i += 1) {
    await lab.quiet();
    turns.push(await counted(lab, () => restore(lab, to)));
  }
  return turns;
}

async function runTen(lab: BenchLab, { from, to }: Journey): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < repeats; i += 1) {
    await startFrom(lab, from);
    taken.push(await restore(lab, to, '--limit', '10'));
  }
  return taken;
}

/** The whole process, and of it the part that grows with the servers. */
type Scripted = { readonly seconds: number; readonly growingSeconds: number };

async function runScript(lab: BenchLab, journey: Journey, { python, env }: PynetboxPython): Promise<Scripted> {
  const { from, to, scripted, status } = journey;
  await startFrom(lab, from);
  const path = fileURLToPath(new URL('phases-pynetbox.py', import.meta.url));
  const run = await measure(python, [path, String(to), String(scripted)], { env: { ...lab.env, ...env } });
  if (run.exitCode !== 0) throw new Error(run.stderr);
  const [arrived] = await lab.sql<{ count: number }>(
    `SELECT count(*)::int AS count FROM dcim_device d JOIN dcim_devicerole r ON r.id = d.role_id
     WHERE r.name LIKE '%Server%' AND d.status = '${status}'`,
  );
  if (arrived?.count !== scripted) throw new Error(`the script put ${arrived?.count} servers into phase ${to}`);
  return { seconds: run.seconds, growingSeconds: Number(run.stdout) };
}

/** @returns seconds from start to exit */
async function restore(lab: BenchLab, phase: number, ...more: string[]): Promise<number> {
  const args = [program, 'state', 'restore', String(phase), '--quiet', ...more];
  const run = await measure('node', args, { env: lab.env });
  if (run.exitCode === 0) return run.seconds;
  throw new Error(`state restore ${phase} ended with ${run.exitCode}:\n${run.stderr}${run.stdout}`);
}

async function dryRun(lab: BenchLab, phase: number, count: number) {
  const limit = count === lab.servers ? [] : ['--limit', String(count)];
  const args = [program, 'state', 'restore', String(phase), '--dry-run', '--json', ...limit];
  const { stdout, stderr, exitCode, ...run } = await measure('node', args, { env: lab.env });
  if (exitCode !== 0) throw new Error(`${args.slice(1).join(' ')} ended with ${exitCode}:\n${stderr}`);
  const { changes } = (JSON.parse(stdout) as { result: { changes: Change[] } }).result;
  if (changes.length < count) throw new Error(`only ${changes.length} changes were planned for ${count} servers`);
  return { ...run, changes };
}

async function startFrom(lab: BenchLab, phase: number): Promise<void> {
  await lab.back(`phase_${phase}`);
  await lab.quiet();
}

async function counted(lab: BenchLab, act: () => Promise<number>): Promise<Turn> {
  const count = async () => (await lab.sql<{ n: number }>('SELECT count(*)::int AS n FROM core_objectchange'))[0]?.n;
  const before = await count();
  const seconds = await act();
  return { seconds, writes: ((await count()) ?? Number.NaN) - (before ?? Number.NaN) };
}

function raceFigures({ from, to, promisedSeconds }: Journey, { changes, packing, floor, ours }: Raced): Figure[] {
  const took = ours.map(turn => turn.seconds);
  const ratios = ours.map(({ seconds }, i) => seconds / (floor[i]?.seconds ?? Number.NaN));
  const { lanes, rows, cables } = packing;
  const batches = changes.some(({ kind }) => kind === 'dcim.cable') ? `${rows}, cables ${cables}` : rows;
  const logged = (turns: readonly Turn[]) => [...new Set(turns.map(({ writes }) => writes))].join('/');
  return [
    {
      what: `floor of phase ${to} from ${from}: the ${changes.length} writes replayed (batches ${batches}; ${lanes} lanes)`,
      measured: `${secondsText(floor.map(turn => turn.seconds))}, ${logged(floor)} entries in the change log`,
      goal: '',
      met: undefined,
    },
    {
      what: `\`state restore ${to}\` from phase ${from}, ${servers} servers`,
      measured: `${secondsText(took)}, ${logged(ours)} entries in the change log`,
      goal: `under ${promisedSeconds} s (the source document)`,
      met: median(took) < promisedSeconds,
    },
    {
      what: 'ratio to the floor, round by round',
      measured: `${median(ratios).toFixed(2)} × (${ratios.map(value => value.toFixed(2)).join(', ')})`,
      goal: 'at most 1.15 ×',
      met: median(ratios) <= 1.15,
    },
  ];
}

function repeatFigures({ from, to }: Journey, again: readonly Turn[], ten: readonly number[]): Figure[] {
  const taken = again.map(turn => turn.seconds);
  const writes = again.reduce((sum, turn) => sum + turn.writes, 0);
  return [
    {
      what: `\`state restore ${to}\` again`,
      measured: `${secondsText(taken)}, ${writes} writes`,
      goal: 'under 2 s, 0 writes',
      met: median(taken) < 2 && writes === 0,
    },
    {
      what: `\`state restore ${to} --limit 10\` from phase ${from}`,
      measured: secondsText(ten),
      goal: 'under 3 s',
      met: median(ten) < 3,
    },
  ];
}

function scriptFigure({ to, from, scripted, slower }: Journey, script: Scripted, ours: number): Figure {
  const { seconds, growingSeconds } = script;
  const each = growingSeconds / scripted;
  const whole = seconds - growingSeconds + each * servers;
  return {
    what: `phase ${to} from ${from} by a pynetbox script, object by object: ${scripted} servers measured, ${servers} extrapolated`,
    measured: `${scripted} servers: ${seconds.toFixed(1)} s, ${each.toFixed(2)} s a server; ${servers} would take ${whole.toFixed(0)} s; bmtool is ${(whole / ours).toFixed(1)} × faster`,
    goal: `at least ${slower} ×`,
    met: whole / ours >= slower,
  };
}

function secondsText(values: readonly number[]): string {
  return `${median(values).toFixed(1)} s (${values.map(value => value.toFixed(1)).join(', ')})`;
}
