import { cpus, loadavg, totalmem } from 'node:os';
import type { BenchLab } from './lab.ts';

/** One line of docs/benchmarks.md. `goal` is the issue's, `met` what came of it. */
export type Figure = {
  readonly what: string;
  readonly measured: string;
  readonly goal: string;
  readonly met: boolean | undefined;
};

/** A Python, and the environment in which it finds pynetbox. */
export type PynetboxPython = { readonly python: string; readonly env: Record<string, string> };

/** What `npm run bench -- PART --name value` says: how often, how large, and which of a part's parts. */
export type BenchOptions = {
  readonly rounds?: number;
  readonly storm?: number;
  readonly megabytes?: number;
  readonly only?: string;
};

export type Bench = {
  readonly options: BenchOptions;
  readonly openLab: (servers: number) => Promise<BenchLab>;
  readonly talk: (text: string) => void;
  readonly installPynetbox: (lab: BenchLab) => Promise<PynetboxPython>;
};

export function machineText(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const gigabytes = Math.round(totalmem() / 1024 ** 3);
  return `Measured ${new Date().toISOString().slice(0, 10)} on ${cpus().length} cores (${model}), ${gigabytes} GB, Node ${process.version}; load at the end ${loadavg()[0]?.toFixed(1)}.`;
}

export function figuresText(figures: readonly Figure[]): string {
  const rows = figures.map(
    ({ what, measured, goal, met }) =>
      `| ${what} | ${measured} | ${goal} | ${met === undefined ? '' : met ? 'met' : '**missed**'} |`,
  );
  return ['| | measured | goal | |', '|---|---|---|---|', ...rows, ''].join('\n');
}
