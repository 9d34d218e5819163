import { existsSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchLab } from '../lab.ts';
import { median } from '../measure.ts';
import type { Bench, Figure } from '../report.ts';
import { onCut } from './leave-nothing.ts';
import { openClients } from './open-clients.ts';
import { makeOpenFolder, type OwnCluster, openOwnCluster } from './own-cluster.ts';
import type { Peers } from './peers.ts';
import { listText } from './restores.ts';
import { bmtool, mustRun, resultOf, withoutNetBox } from './run.ts';
import { benchSaves } from './saves.ts';
import { openSharedBlocks } from './shared-blocks.ts';
import { bytesOf, connectionOf } from './sql.ts';
import { benchTools } from './tools.ts';

export type SizesWish = {
  readonly rounds: number;
  /** Of the large database. */
  readonly megabytes: number;
  readonly talk: Bench['talk'];
};

const smallMegabytes = 50;
/** Where Debian has the oldest PostgreSQL that NetBox takes. */
export const oldBin = '/usr/lib/postgresql/15/bin';
const large = 'netbox';
const small = 'netbox_small';

/**
 * What size costs: saves by the gigabyte on PostgreSQL 15 and 18, with and without shared blocks, fsync on and off; the exchange of a large and of
 * a small database; others' tools on the same one. PostgreSQL servers of the bench's own, with its own defaults; no NetBox.
 */
export async function benchSizes(lab: BenchLab, peers: Peers, wish: SizesWish): Promise<Figure[]> {
  const folder = await makeOpenFolder();
  const forget = onCut(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }));
  try {
    const figures: Figure[] = [];
    if (existsSync(oldBin)) figures.push(...(await benchOld(lab, join(folder, 'old'), wish)));
    else figures.push(notMeasured('save on PostgreSQL 15', `there is no ${oldBin}`));
    figures.push(...(await benchNew(lab, peers, folder, wish)));
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
    forget();
  }
}

async function benchOld(lab: BenchLab, folder: string, wish: SizesWish): Promise<Figure[]> {
  await using cluster = await openOwnCluster({ bin: oldBin, folder });
  await fill(cluster, [[large, wish.megabytes]], wish);
  return await benchSaves(lab, cluster, { ...wish, name: large, where: placeText(cluster), goal: 1.5 });
}

async function benchNew(lab: BenchLab, peers: Peers, folder: string, wish: SizesWish): Promise<Figure[]> {
  const blocks = await openSharedBlocks(folder);
  if ('absent' in blocks) wish.talk(`no file system that shares blocks: ${blocks.absent}`);
  await using _ = 'absent' in blocks ? nothing : blocks;
  const figures: Figure[] = [];
  {
    await using cluster = await openOwnCluster({ folder: join(folder, 'new') });
    await fill(
      cluster,
      [
        [large, wish.megabytes],
        [small, smallMegabytes],
      ],
      wish,
    );
    if (!('absent' in blocks)) await cluster.copyData(blocks.folder);
    const where = placeText(cluster);
    figures.push(...(await benchSaves(lab, cluster, { ...wish, name: large, where })));
    figures.push(...(await benchExchange(lab, cluster, wish)));
    figures.push(...(await benchTools(lab, cluster, peers, { ...wish, name: large })));
  }
  if ('absent' in blocks) return [...figures, notMeasured('save where blocks are shared', blocks.absent)];
  await using shared = await openOwnCluster({ folder: blocks.folder, made: true });
  const where = `${placeText(shared)} that shares blocks`;
  return [...figures, ...(await benchSaves(lab, shared, { ...wish, name: large, where, goal: 0.3 }))];
}

export function placeText({ version, fileSystem }: OwnCluster): string {
  return `PostgreSQL ${version}, ${fileSystem}`;
}

const nothing: AsyncDisposable = { [Symbol.asyncDispose]: async () => {} };

/** Without fsync: what is being made is not what is measured. */
export async function fill(
  cluster: OwnCluster,
  sizes: readonly (readonly [string, number])[],
  { talk }: Pick<SizesWish, 'talk'>,
): Promise<void> {
  await cluster.setFsync('off');
  for (const [name, megabytes] of sizes) {
    const started = performance.now();
    await cluster.create(name, megabytes);
    const bytes = await bytesOf(cluster.database(name));
    talk(
      `PostgreSQL ${cluster.version}: ${name} has ${(bytes / 1e6).toFixed(0)} MB, made in ${((performance.now() - started) / 1000).toFixed(0)} s`,
    );
  }
}

/** Turn by turn, with a copy ready, and eight clients that hold their connections. */
async function benchExchange(lab: BenchLab, cluster: OwnCluster, { rounds, talk }: SizesWish): Promise<Figure[]> {
  const names = [small, large] as const;
  const blocked: Record<(typeof names)[number], number[]> = { [small]: [], [large]: [] };
  const envOf = (name: string) => ({ ...withoutNetBox(lab.env), ...cluster.database(name) });
  for (const name of names) await mustRun(bmtool(envOf(name), 'snapshot', 'save', 'exchange', '--json'));
  for (let round = 1; round <= 2 * rounds + 1; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      await using clients = await openClients({
        kind: 'database',
        count: 8,
        pauseMs: 50,
        connection: connectionOf(cluster.database(name)),
      });
      const { value } = await clients.during(() =>
        mustRun(bmtool(envOf(name), 'snapshot', 'restore', 'exchange', '--yes', '--json'), [5]),
      );
      blocked[name].push(resultOf<{ blockedMs: number }>(value).blockedMs);
    }
    talk(
      `exchange, round ${round}: small ${blocked[small].at(-1)?.toFixed(1)} ms, large ${blocked[large].at(-1)?.toFixed(1)} ms`,
    );
  }
  const sizes = await Promise.all(names.map(name => bytesOf(cluster.database(name))));
  const ratio = median(blocked[large]) / median(blocked[small]);
  const [smallMb = 0, largeMb = 0] = sizes.map(bytes => Math.round(bytes / 1e6));
  return [
    {
      what: `exchange of ${largeMb} MB against ${smallMb} MB: PostgreSQL ${cluster.version}, fsync on, a copy ready, 8 clients inside`,
      measured: `${ratio.toFixed(2)} ×: ${listText(blocked[large], 1)} ms against ${listText(blocked[small], 1)} ms`,
      goal: 'under 1.3 ×',
      met: ratio < 1.3,
    },
  ];
}

function notMeasured(what: string, why: string): Figure {
  return { what, measured: `not measured: ${why}`, goal: '', met: undefined };
}
