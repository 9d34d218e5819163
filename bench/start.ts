import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './lab.ts';
import { median } from './measure.ts';
import type { Bench, Figure } from './report.ts';

const oneFile = new URL('../dist/bmtool', import.meta.url).pathname;
const hook = ['dhcp', 'hook', 'commit', '94:40:c9:f0:00:01', '10.20.0.9'];
/** What is to start in at most so many times `node -e 0`. */
const mostRatio = 1.25;

/** How long the one file of `npm run package` takes from start to exit, in turns with `node -e 0`; and `doctor` beside a lab. */
export async function benchStart({ openLab, options }: Bench): Promise<Figure[]> {
  if (!existsSync(oneFile)) throw new Error('npm run package first');
  const rounds = options.rounds ?? 40;
  const folder = mkdtempSync(join(tmpdir(), 'bmtool-bench-start-'));
  const own = { BMTOOL_STATE_DIR: folder, BMTOOL_SPOOL_DIR: folder };
  const sources = [process.execPath, program];
  const commands: Readonly<Record<string, readonly string[]>> = {
    'node -e 0': [process.execPath, '-e', '0'],
    'bmtool --version': [oneFile, '--version'],
    'bmtool --help': [oneFile, '--help'],
    'bmtool dhcp hook': [oneFile, ...hook],
    'bmtool runs list': [oneFile, 'runs', 'list'],
    'bmtool runs list from the sources': [...sources, 'runs', 'list'],
  };
  const lab = await openLab(601);
  try {
    const taken = inTurns(commands, own, rounds);
    const doctor = inTurns({ doctor: [oneFile, 'doctor'], sources: [...sources, 'doctor'] }, { ...lab.env }, 10);
    const floor = taken.get('node -e 0') ?? [];
    const figures = [...taken].map(([name, ms]): Figure => {
      const ratio = median(ms.map((each, i) => each / (floor[i] ?? Number.NaN)));
      const held = commands[name]?.[0] === oneFile && name !== 'bmtool runs list';
      return {
        what: `\`${name}\`, start to exit`,
        measured: `${median(ms).toFixed(0)} ms, ${ratio.toFixed(2)} × \`node -e 0\` pair by pair`,
        goal: held ? `at most ${mostRatio} ×` : '',
        met: held ? ratio <= mostRatio : undefined,
      };
    });
    const [ours = 0, theirs = 0] = ['doctor', 'sources'].map(name => median(doctor.get(name) ?? []));
    return [
      ...figures,
      {
        what: '`bmtool doctor` beside a lab of 601 servers',
        measured: `${ours.toFixed(0)} ms (from the sources ${theirs.toFixed(0)} ms)`,
        goal: 'under 300 ms',
        met: ours < 300,
      },
      {
        what: 'size of the one file',
        measured: `${(statSync(oneFile).size / 1e6).toFixed(0)} MB; the Node inside is ${(statSync(process.execPath).size / 1e6).toFixed(0)} MB`,
        goal: '',
        met: undefined,
      },
    ];
  } finally {
    await lab.down();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of each command's runs, one of each in every turn. */
function inTurns(commands: Readonly<Record<string, readonly string[]>>, env: NodeJS.ProcessEnv, rounds: number) {
  const taken = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, [command = '', ...args]] of Object.entries(commands)) {
      const started = performance.now();
      const { status, stderr } = spawnSync(command, args, {
        env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      });
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
      // The first fills caches.
      if (round > 0) taken.set(name, [...(taken.get(name) ?? []), performance.now() - started]);
    }
  }
  return taken;
}
