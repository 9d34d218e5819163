import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { program } from './lab.ts';
import type { Bench, Figure } from './report.ts';
import { onCut } from './snapshots/leave-nothing.ts';
import { installPeers } from './snapshots/peers.ts';
import { benchLargeRestores, benchRestores } from './snapshots/restores.ts';
import { benchSizes } from './snapshots/sizes.ts';
import { benchStorm } from './snapshots/storm.ts';
import { benchStrategies } from './snapshots/strategies.ts';

/** How often and how large, unless `--rounds`, `--storm` and `--megabytes` say otherwise. */
const usual = { rounds: 5, storm: 100, megabytes: 1000 } as const;

/**
 * Snapshots beside DSLR, Stellar and pg_dump: what `sizes` cost; `restores` until NetBox answers, under clients that read; a `storm` of clients
 * that reconnect at once; restores of a `large` record; and PostgreSQL's two `strategies`. `--only restores,storm` takes some of the five.
 */
export async function benchSnapshots({ openLab, talk, options }: Bench): Promise<Figure[]> {
  const { rounds = usual.rounds, storm = usual.storm, megabytes = usual.megabytes, only = '' } = options;
  const wanted = (part: string) => only === '' || only.split(',').includes(part);
  const lab = await openLab(601);
  const forget = onCut(() => {
    execFileSync('node', [program, 'lab', 'down', '--purge'], { env: { ...process.env, ...lab.env }, stdio: 'ignore' });
    rmSync(lab.folder, { recursive: true, force: true });
  });
  const figures: Figure[] = [];
  const part = async (name: string, measure: () => Promise<Figure[]>) => {
    if (!wanted(name)) return;
    talk(`-- ${name}`);
    const started = performance.now();
    const found = await measure().catch((error: Error) => [brokenOff(name, error)]);
    // At once: what is measured is not lost when a later part is cut short.
    for (const { what, measured, goal, met } of found)
      talk(`| ${what} | ${measured} | ${goal} | ${met === undefined ? '' : met ? 'met' : 'missed'} |`);
    talk(`-- ${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
    figures.push(...found);
  };
  try {
    const peers = await installPeers(lab);
    await lab.keep('kept');
    await part('sizes', () => benchSizes(lab, peers, { rounds: Math.min(rounds, 3), megabytes, talk }));
    await part('restores', () => benchRestores(lab, peers, { rounds, talk }));
    await part('storm', () => benchStorm(lab, peers, { count: storm, talk }));
    await part('large', () => benchLargeRestores(lab, peers, { rounds: Math.min(rounds, 3), megabytes, talk }));
    await part('strategies', () => benchStrategies({ rounds: Math.min(rounds, 3), talk }));
    return figures;
  } finally {
    await lab.down();
    forget();
  }
}

/** The other parts go on. */
function brokenOff(name: string, error: Error): Figure {
  return { what: name, measured: `broke off: ${error.message.slice(0, 300)}`, goal: '', met: false };
}
