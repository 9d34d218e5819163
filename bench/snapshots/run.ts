import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../lab.ts';
import { onCut } from './leave-nothing.ts';

export type Ran = {
  readonly exitCode: number;
  /** The whole process. */
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
};

export type RunOptions = { readonly env: Readonly<Record<string, string>>; readonly cwd?: string };

/**
 * Runs a program until it exits; what it leaves running behind itself (Stellar copies on in the background) is not waited for, which is why
 * it writes to files: a pipe ends with the last who has it.
 */
export async function run(command: string, args: readonly string[], { env, cwd = tmpdir() }: RunOptions): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), 'bmtool-bench-run-'));
  const forget = onCut(() => rmSync(folder, { recursive: true, force: true }));
  const files = { stdout: join(folder, 'stdout'), stderr: join(folder, 'stderr') };
  const [out, err] = [await open(files.stdout, 'w'), await open(files.stderr, 'w')];
  try {
    const started = performance.now();
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', out.fd, err.fd] });
    const [exitCode] = (await once(child, 'exit')) as [number | null];
    const seconds = (performance.now() - started) / 1000;
    const [stdout, stderr] = [await readFile(files.stdout, 'utf8'), await readFile(files.stderr, 'utf8')];
    return { exitCode: exitCode ?? -1, seconds, stdout, stderr };
  } finally {
    await Promise.all([out.close(), err.close()]);
    await rm(folder, { recursive: true, force: true });
    forget();
  }
}

/** The real program, from a folder that has no `.env`. */
export function bmtool(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Ran> {
  return run('node', [program, ...args], { env });
}

/** The same; anything but success ends the benchmark. */
export async function mustRun(what: Promise<Ran>, exits: readonly number[] = [0]): Promise<Ran> {
  const ran = await what;
  if (exits.includes(ran.exitCode)) return ran;
  throw new Error(`a program ended with ${ran.exitCode}: ${lastLine(ran)}`);
}

/** What `--json` printed. */
export function resultOf<T>({ stdout, stderr }: Ran): T {
  const { result, error } = JSON.parse(stdout || '{}') as { result?: T; error?: { message: string } };
  if (result === undefined) throw new Error(error?.message ?? stderr);
  return result;
}

export function lastLine({ stdout, stderr }: Pick<Ran, 'stdout' | 'stderr'>): string {
  return `${stdout.startsWith('{') ? '' : stdout}\n${stderr}`.trim().split('\n').slice(-2).join(' ').slice(0, 300);
}

/** For databases that no NetBox works on, or whose NetBox is none of what is measured. */
export function withoutNetBox(env: Readonly<Record<string, string>>): Record<string, string> {
  // Nobody listens on port 9. Redis databases of its own: NetBox's jobs and cache are none of this.
  const redis = `redis://${env.REDIS_HOST}:${env.REDIS_PORT}`;
  const { DATABASE_URL: _, ...rest } = env;
  return {
    ...rest,
    NETBOX_URL: 'http://127.0.0.1:9',
    REDIS_QUEUE: 'bench',
    NETBOX_TASKS_URL: `${redis}/5`,
    NETBOX_CACHE_URL: `${redis}/6`,
  };
}
