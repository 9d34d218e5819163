import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { benchFleetReading } from './fleet-reading.ts';
import { openBenchLab } from './lab.ts';
import { benchLoadMacs } from './load-macs.ts';
import { benchMemory } from './memory.ts';
import { type Figure, figuresText, machineText } from './report.ts';

/**
 * `npm run bench [-- part …]`: measures side by side in one run and prints the tables of docs/benchmarks.md. Parts: load-macs, memory,
 * reading. Takes about ten minutes on two idle cores; on a busy machine only the ratios mean something.
 */
const parts = { 'load-macs': benchLoadMacs, memory: benchMemory, reading: benchFleetReading } as const;

const asked = process.argv.slice(2);
const chosen = Object.entries(parts).filter(([name]) => asked.length === 0 || asked.includes(name));
const talk = (text: string) => void process.stderr.write(`${text}\n`);
const figures: Figure[] = [];
for (const [name, bench] of chosen) {
  talk(`== ${name}`);
  figures.push(...(await bench({ openLab: openBenchLab, talk, python: findBenchPython })));
}
process.stdout.write(`${machineText()}\n\n${figuresText(figures)}`);

/** A Python with pynetbox, in an environment of the bench's own beside the lab's. */
async function findBenchPython(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'bmtool', 'bench-pynetbox-7.9.0');
  await execa('python3', ['-m', 'venv', folder]);
  const python = join(folder, 'bin', 'python');
  await execa(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'pynetbox==7.9.0']);
  return python;
}
