import { median } from '../measure.ts';
import type { Bench, Figure } from '../report.ts';
import type { OwnCluster } from './own-cluster.ts';
import { listText } from './restores.ts';
import { ask, beside, bytesOf } from './sql.ts';

export type StrategiesWish = {
  readonly rounds: number;
  /** The databases to copy, by their names in the cluster. */
  readonly names: readonly string[];
  /** `PostgreSQL 15.18, ext4` */
  readonly where: string;
  readonly talk: Bench['talk'];
};

const strategies = ['FILE_COPY', 'WAL_LOG'] as const;
/** Before each copy: nothing to be written, or what a minute of bulk writing leaves in memory. */
const states = {
  quiet: [],
  written: ['UPDATE dcim_interface SET description = md5(random()::text)'],
} as const;

/** PostgreSQL's two ways to copy a database, side by side: what `copyMethodOf` rests on. */
export async function benchStrategies(cluster: OwnCluster, wish: StrategiesWish): Promise<Figure[]> {
  const { rounds, names, where, talk } = wish;
  const figures: Figure[] = [];
  for (const name of names)
    for (const fsync of ['on', 'off'] as const)
      for (const state of ['quiet', 'written'] as const) {
        const took: Record<(typeof strategies)[number], number[]> = { FILE_COPY: [], WAL_LOG: [] };
        const database = cluster.database(name);
        const megabytes = Math.round((await bytesOf(database)) / 1e6);
        for (let round = 1; round <= rounds; round += 1)
          for (const strategy of round % 2 === 0 ? strategies : strategies.toReversed()) {
            await cluster.setFsync(fsync);
            for (const statement of states[state]) await ask(database, statement);
            const started = performance.now();
            await ask(beside(database), `CREATE DATABASE copy TEMPLATE ${name} STRATEGY ${strategy}`);
            took[strategy].push(performance.now() - started);
            await ask(beside(database), 'DROP DATABASE copy');
          }
        const ratio = median(took.WAL_LOG) / median(took.FILE_COPY);
        const measured = `WAL_LOG ${ratio.toFixed(2)} × FILE_COPY: ${listText(took.WAL_LOG)} ms against ${listText(took.FILE_COPY)} ms`;
        const what = `copy of ${megabytes} MB: ${where}, fsync ${fsync}, ${state}`;
        talk(`${what}: ${measured}`);
        figures.push({ what, measured, goal: '', met: undefined });
      }
  return figures;
}
