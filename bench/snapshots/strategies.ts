import { existsSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from '../measure.ts';
import type { Bench, Figure } from '../report.ts';
import { onCut } from './leave-nothing.ts';
import { makeOpenFolder, type OwnCluster, openOwnCluster } from './own-cluster.ts';
import { listText } from './restores.ts';
import { fill, oldBin, placeText } from './sizes.ts';
import { ask, beside, bytesOf } from './sql.ts';

export type StrategiesWish = { readonly rounds: number; readonly talk: Bench['talk'] };

const strategies = ['FILE_COPY', 'WAL_LOG'] as const;
/** NetBox's databases of so many megabytes: the lab's, one of some months, one of a year. */
const sizes = { netbox_50: 50, netbox_150: 150, netbox_500: 500 } as const;

/** PostgreSQL's two ways to copy a database, side by side: what `copyMethodOf` rests on. */
export async function benchStrategies(wish: StrategiesWish): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const bin of [oldBin, undefined]) {
    if (bin !== undefined && !existsSync(bin)) continue;
    const folder = await makeOpenFolder();
    const forget = onCut(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }));
    try {
      await using cluster = await openOwnCluster({ ...(bin ? { bin } : {}), folder: join(folder, 'copies') });
      await fill(cluster, Object.entries(sizes), wish);
      for (const name of Object.keys(sizes)) figures.push(...(await benchCopies(cluster, name, wish)));
    } finally {
      await rm(folder, { recursive: true, force: true });
      forget();
    }
  }
  return figures;
}

async function benchCopies(cluster: OwnCluster, name: string, { rounds, talk }: StrategiesWish): Promise<Figure[]> {
  const database = cluster.database(name);
  const megabytes = Math.round((await bytesOf(database)) / 1e6);
  const figures: Figure[] = [];
  for (const fsync of ['on', 'off'] as const) {
    const took: Record<(typeof strategies)[number], number[]> = { FILE_COPY: [], WAL_LOG: [] };
    for (let round = 1; round <= rounds; round += 1)
      for (const strategy of round % 2 === 0 ? strategies : strategies.toReversed()) {
        // As after some quiet minutes, but for one change.
        await cluster.setFsync(fsync);
        await ask(database, `UPDATE dcim_device SET description = 'round ${round}'`);
        // The copies stay: ext4 is slow where thousands of files have just been deleted.
        const copy = `${name}_${fsync}_${strategy.toLowerCase()}_${round}`;
        const started = performance.now();
        await ask(beside(database), `CREATE DATABASE ${copy} TEMPLATE ${name} STRATEGY ${strategy}`);
        took[strategy].push(performance.now() - started);
      }
    const ratio = median(took.WAL_LOG) / median(took.FILE_COPY);
    const measured = `WAL_LOG ${ratio.toFixed(2)} × FILE_COPY: ${listText(took.WAL_LOG)} ms against ${listText(took.FILE_COPY)} ms`;
    const what = `copy of ${megabytes} MB: ${placeText(cluster)}, fsync ${fsync}`;
    talk(`${what}: ${measured}`);
    figures.push({ what, measured, goal: '', met: undefined });
  }
  return figures;
}
