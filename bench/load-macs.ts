import { fileURLToPath } from 'node:url';
import { type Recipe, replayFloor } from './floor.ts';
import { type BenchLab, manifest, program } from './lab.ts';
import { measure, median } from './measure.ts';
import type { Bench, Figure } from './report.ts';

/** What the floor is looked for among: batch sizes and lanes that NetBox could like best on this machine. */
const recipes: readonly Recipe[] = [
  { macs: 100, interfaces: 50, journal: 100, lanes: 2 },
  { macs: 100, interfaces: 50, journal: 100, lanes: 3 },
  { macs: 100, interfaces: 50, journal: 100, lanes: 4 },
];
const rounds = 3;
/** 601 rows: bmtool beside the floor, turn by turn, then a pynetbox script; and the second run. */
export async function benchLoadMacs({ openLab, talk, installPynetbox }: Bench): Promise<Figure[]> {
  const lab = await openLab(601);
  try {
    const best = await bestRecipe(lab, talk);
    const floor: number[] = [];
    const ours: number[] = [];
    const ratios: number[] = [];
    let peakMb = 0;
    for (let round = 1; round <= rounds; round += 1) {
      await lab.reset();
      floor.push(await replayFloor(lab, best));
      await lab.reset();
      const run = await load(lab);
      ours.push(run.seconds);
      ratios.push(run.seconds / (floor.at(-1) ?? 1));
      peakMb = Math.max(peakMb, run.peakMb);
      talk(`round ${round}: floor ${floor.at(-1)?.toFixed(1)} s, bmtool ${run.seconds.toFixed(1)} s`);
    }
    const [before] = await lab.sql<{ count: string }>('SELECT count(*) FROM core_objectchange');
    const again = [await load(lab), await load(lab), await load(lab)].map(run => run.seconds);
    const [after] = await lab.sql<{ count: string }>('SELECT count(*) FROM core_objectchange');
    const writes = Number(after?.count) - Number(before?.count);
    await lab.reset();
    talk('pynetbox, row by row: some minutes');
    const { python, env } = await installPynetbox(lab);
    const path = fileURLToPath(new URL('load-macs-pynetbox.py', import.meta.url));
    const script = await measure(python, [path, manifest], { env: { ...lab.env, ...env } });
    if (script.exitCode !== 0) throw new Error(script.stderr);
    const faster = script.seconds / median(ours);
    const ratio = median(ratios);
    return [
      {
        what: `floor of 601 rows (batches ${best.macs}/${best.interfaces}/${best.journal}, ${best.lanes} lanes)`,
        measured: seconds(floor),
        goal: '',
        met: undefined,
      },
      { what: '`load-macs` of 601 rows', measured: seconds(ours), goal: '', met: undefined },
      {
        what: 'ratio to the floor, round by round',
        measured: `${ratio.toFixed(2)} × (${ratios.map(value => value.toFixed(2)).join(', ')})`,
        goal: 'at most 1.15 ×',
        met: ratio <= 1.15,
      },
      {
        what: 'the same by a pynetbox script, row by row',
        measured: `${script.seconds.toFixed(0)} s; bmtool is ${faster.toFixed(1)} × faster`,
        goal: 'at least 10 ×',
        met: faster >= 10,
      },
      {
        what: 'second run',
        measured: `${seconds(again)}, ${writes} writes`,
        goal: 'under 2 s, 0 writes',
        met: median(again) < 2 && writes === 0,
      },
      {
        what: 'memory, 601 rows',
        measured: `${peakMb.toFixed(0)} MB resident`,
        goal: 'under 150 MB',
        met: peakMb < 150,
      },
    ];
  } finally {
    await lab.down();
  }
}

async function load(lab: BenchLab) {
  const run = await measure('node', [program, 'load-macs', manifest, '--quiet'], { env: lab.env });
  if (run.exitCode !== 0) throw new Error(run.stderr);
  return run;
}

async function bestRecipe(lab: BenchLab, talk: (text: string) => void): Promise<Recipe> {
  const tried: { recipe: Recipe; took: number }[] = [];
  for (const recipe of recipes) {
    await lab.reset();
    const took = await replayFloor(lab, recipe);
    talk(`floor with ${JSON.stringify(recipe)}: ${took.toFixed(1)} s`);
    tried.push({ recipe, took });
  }
  return tried.reduce((a, b) => (b.took < a.took ? b : a)).recipe;
}

function seconds(values: readonly number[]): string {
  return `${median(values).toFixed(1)} s (${values.map(value => value.toFixed(1)).join(', ')})`;
}
