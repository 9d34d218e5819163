import type { BenchLab } from '../lab.ts';
import { median } from '../measure.ts';
import type { Bench, Figure } from '../report.ts';
import type { OwnCluster } from './own-cluster.ts';
import { listText } from './restores.ts';
import { bmtool, mustRun, resultOf, withoutNetBox } from './run.ts';
import { ask, bytesOf } from './sql.ts';

export type SavesWish = {
  readonly rounds: number;
  /** NetBox's, by its name in the cluster. */
  readonly name: string;
  /** `PostgreSQL 15.18, ext4` */
  readonly where: string;
  /** Seconds for each GB. */
  readonly goal?: number;
  readonly talk: Bench['talk'];
};

/** `seconds` as the command says it: copied, described and named. `whole` is the process. */
type Saved = { readonly seconds: number; readonly blockedMs: number; readonly method: string; readonly whole: number };

/** Saves without a copy for the next restore: with fsync, as PostgreSQL comes, and without, as labs have it. */
export async function benchSaves(lab: BenchLab, cluster: OwnCluster, wish: SavesWish): Promise<Figure[]> {
  const { rounds, name, where, talk } = wish;
  const database = cluster.database(name);
  const env = { ...withoutNetBox(lab.env), ...database };
  const gigabytes = (await bytesOf(database)) / 1e9;
  const figures: Figure[] = [];
  for (const fsync of ['on', 'off'] as const) {
    const saves: Saved[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      // Before the measurement: there is as little to be written as after some quiet minutes.
      await cluster.setFsync(fsync);
      await ask(database, `UPDATE dcim_device SET description = 'save ${round}'`);
      // Kept until all are measured: ext4 is slow where files have just been deleted.
      const ran = await mustRun(bmtool(env, 'snapshot', 'save', `fsync-${fsync}`, '--fast-next', 'off', '--json'));
      const saved = { ...resultOf<Omit<Saved, 'whole'>>(ran), whole: ran.seconds };
      saves.push(saved);
      talk(`${where}, fsync ${fsync}: ${gigabytes.toFixed(2)} GB saved in ${saved.seconds.toFixed(2)} s`);
    }
    figures.push(saveFigure(saves, `${where}, fsync ${fsync}`, gigabytes, wish));
  }
  await cluster.setFsync('on');
  for (const fsync of ['on', 'off'])
    for (let round = 1; round <= rounds; round += 1)
      await mustRun(bmtool(env, 'snapshot', 'delete', `fsync-${fsync}`, '--yes'));
  return figures;
}

function saveFigure(saves: readonly Saved[], where: string, gigabytes: number, { goal }: SavesWish): Figure {
  const perGb = median(saves.map(({ seconds }) => seconds)) / gigabytes;
  const blocked = listText(saves.map(({ blockedMs }) => blockedMs));
  const whole = listText(
    saves.map(saved => saved.whole),
    2,
  );
  return {
    what: `save of ${gigabytes.toFixed(2)} GB: ${where} (${saves[0]?.method})`,
    measured: `${perGb.toFixed(2)} s per GB (${saves.map(({ seconds }) => seconds.toFixed(2)).join(', ')} s); clients kept out for ${blocked} ms; the whole command ${whole} s`,
    goal: goal === undefined ? '' : `under ${goal} s per GB`,
    met: goal === undefined ? undefined : perGb < goal,
  };
}
