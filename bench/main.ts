import { globSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { benchFleetReading } from './fleet-reading.ts';
import { benchHook } from './hook.ts';
import { type BenchLab, openBenchLab } from './lab.ts';
import { benchLeases } from './leases.ts';
import { benchLoadMacs } from './load-macs.ts';
import { benchMemory } from './memory.ts';
import { benchPhases, benchPlanning } from './phases.ts';
import { type BenchOptions, type Figure, figuresText, machineText, type PynetboxPython } from './report.ts';
import { benchSnapshots } from './snapshots.ts';
import { benchStart } from './start.ts';
import { benchTap } from './tap.ts';

/**
 * `npm run bench [-- part …]`: measures side by side in one run and prints the tables of docs/benchmarks.md. Parts: load-macs, memory,
 * reading, phases, planning, snapshots, leases, tap, hook, start (after `npm run package`). Takes about an hour on two idle cores, most of it phases; on a busy machine only the ratios mean
 * something. `--rounds`, `--storm`, `--megabytes` and `--only` are for snapshots; leases take `--rounds` and `--only`, hook and start `--rounds`, tap `--rounds` and `--megabytes`.
 */
const parts = {
  'load-macs': benchLoadMacs,
  memory: benchMemory,
  reading: benchFleetReading,
  phases: benchPhases,
  planning: benchPlanning,
  snapshots: benchSnapshots,
  leases: benchLeases,
  tap: benchTap,
  hook: benchHook,
  start: benchStart,
} as const;

const { positionals: asked, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    storm: { type: 'string' },
    megabytes: { type: 'string' },
    only: { type: 'string' },
  },
});
const { only, ...numbers } = values;
const options: BenchOptions = {
  ...Object.fromEntries(Object.entries(numbers).map(([name, text]) => [name, Number(text)])),
  ...(only === undefined ? {} : { only }),
};
const chosen = Object.entries(parts).filter(([name]) => asked.length === 0 || asked.includes(name));
const talk = (text: string) => void process.stderr.write(`${text}\n`);
const figures: Figure[] = [];
for (const [name, bench] of chosen) {
  talk(`== ${name}`);
  figures.push(...(await bench({ openLab: openBenchLab, talk, installPynetbox, options })));
}
process.stdout.write(`${machineText()}\n\n${figuresText(figures)}`);

/** pynetbox beside the lab's own Python (it needs 3.12), in a folder of the bench's own. */
async function installPynetbox(lab: BenchLab): Promise<PynetboxPython> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'bmtool');
  const folder = join(cache, 'bench-pynetbox-7.9.0');
  const { environment } = JSON.parse(readFileSync(join(lab.folder, 'lab', 'lab.json'), 'utf8')) as {
    environment: string;
  };
  const python = join(environment, 'bin', 'python');
  const uv = globSync(join(cache, 'uv-*', 'bin', 'uv'))[0] ?? 'uv';
  await execa(uv, ['pip', 'install', '--quiet', '--python', python, '--target', folder, 'pynetbox==7.9.0']);
  return { python, env: { PYTHONPATH: folder } };
}
