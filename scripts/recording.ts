import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { inTerminal } from '../test/support/terminal.ts';
import { framesOf } from './recording/frames.ts';
import { paceTakes, type Take, type Write } from './recording/pace.ts';
import { animatedSvg } from './recording/svg.ts';

/**
 * `npm run recording`: docs/recording.svg, the first page's picture, from a real run of the story below: a lab of its own comes up, each command runs in a
 * terminal, and what it writes is drawn. Wants `script` and `unshare` (util-linux), hostname and psql, and a quiet machine: the times that commands print are real.
 */
const root = fileURLToPath(new URL('..', import.meta.url));

export type Scene = Omit<Take, 'heard'>;

/** A morning: is all well, what would change, write it, nothing is left, keep it, an accident, have it back. */
export const story: readonly Scene[] = [
  { line: 'bmtool doctor', mostMs: 1_000, holdMs: 2_800 },
  { line: 'bmtool load-macs servers.csv --dry-run', mostMs: 1_500, holdMs: 2_600 },
  { line: 'bmtool load-macs servers.csv', mostMs: 5_500, holdMs: 2_400 },
  { line: 'bmtool load-macs servers.csv', mostMs: 900, holdMs: 2_000 },
  { line: 'bmtool snapshot save good', mostMs: 1_200, holdMs: 2_000 },
  { line: "psql -c 'TRUNCATE dcim_device CASCADE'", mostMs: 600, holdMs: 2_000 },
  { line: 'bmtool snapshot restore good --yes', mostMs: 1_200, holdMs: 2_600 },
  { line: 'bmtool state show', mostMs: 900, holdMs: 3_200 },
];

const everyMs = 125;
/** All that the picture may tell of where it was made: bmtool prints the folder, and in snapshots who made them. */
const folder = '/var/tmp/demo';
const host = 'demo';

const isRoot = process.getuid?.() === 0;
/** A machine name of its own; without root, in a user namespace. */
const elsewhere = `unshare ${isRoot ? '' : '--map-root-user '}--uts sh -c 'hostname ${host} && cd ${folder} && exec sh -c "$LINE"'`;

const env = {
  PATH: [join(folder, 'bin'), dirname(process.execPath), process.env.PATH].join(':'),
  HOME: folder,
  XDG_CACHE_HOME: process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  XDG_STATE_HOME: folder,
  LAB_PORTS: 'auto',
  LANG: 'C.UTF-8',
  TERM: 'xterm-256color',
};

async function record(): Promise<void> {
  if (existsSync(folder))
    throw new Error(`${folder} is there already. A recording that was killed leaves its lab there, to be stopped by:
  XDG_STATE_HOME=${folder} npx bmtool lab down --purge && rm -r ${folder}`);
  mkdirSync(folder);
  const bmtool = (...args: string[]) =>
    execa('bmtool', args, { cwd: folder, env, extendEnv: false, stderr: ['pipe', 'inherit'] });
  try {
    mkdirSync(join(folder, 'bin'));
    symlinkSync(join(root, 'bin', 'bmtool.js'), join(folder, 'bin', 'bmtool'));
    copyFileSync(join(root, 'fixtures', 'manifests', 'servers-601.csv'), join(folder, 'servers.csv'));
    await bmtool('lab', 'up', '--servers', '601');
    const { stdout } = await bmtool('lab', 'env', '--json');
    const { result } = JSON.parse(stdout) as { result: Record<string, string> };
    const takes: Take[] = [];
    for (const scene of story) takes.push(await play(scene, result));
    await draw(takes);
  } finally {
    await bmtool('lab', 'down', '--purge');
    rmSync(folder, { recursive: true });
  }
}

async function play(scene: Scene, lab: Record<string, string>): Promise<Take> {
  const forPsql = scene.line.startsWith('psql ') ? lab : {};
  const heard: Write[] = [];
  const from = performance.now();
  let known = 0;
  const { code } = await inTerminal(elsewhere, { ...env, ...forPsql, LINE: scene.line }, text => {
    heard.push({ atMs: performance.now() - from, text: text.slice(known) });
    known = text.length;
  });
  if (code !== 0) throw new Error(`${scene.line} ended with ${code}:\n${heard.map(({ text }) => text).join('')}`);
  process.stderr.write(`${scene.line}: ${Math.round(performance.now() - from)} ms\n`);
  return { ...scene, heard };
}

async function draw(takes: readonly Take[]): Promise<void> {
  const { writes, totalMs } = paceTakes(takes);
  const frames = await framesOf(writes, everyMs);
  const svg = animatedSvg(frames, totalMs, {
    title: 'bmtool at work on a real NetBox with 601 servers',
    caption: 'waits shortened',
    lines: story.map(({ line }) => line),
  });
  writeFileSync(join(root, 'docs', 'recording.svg'), svg);
  process.stderr.write(
    `docs/recording.svg: ${frames.length} frames, ${(totalMs / 1000).toFixed(1)} s, ${Math.round(svg.length / 1000)} kB\n`,
  );
}

if (import.meta.main) await record();
