import { spawn } from 'node:child_process';
import { execa } from 'execa';
import { expect } from 'vitest';
import { checkDocuments } from './documents.ts';
import { checkExit } from './exit-codes.ts';
import { labEnv } from './lab-env.ts';
import { program } from './program.ts';

const [command, ...before] = program;

export type Ran = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };
export type RunWish = {
  readonly env?: Record<string, string>;
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
};

/** Runs the real program as a user would, holding what --json prints against the published schemas and its exit code against those of its --help, and talking to the tests' lab unless `env` says otherwise. */
export async function bmtool(args: readonly string[], wish: RunWish = {}): Promise<Ran> {
  const ran = await execa(command, [...before, ...args], {
    env: environment(wish),
    extendEnv: false,
    reject: false,
    ...(wish.input === undefined ? { stdin: 'ignore' as const } : { input: wish.input }),
    ...(wish.cwd === undefined ? {} : { cwd: wish.cwd }),
  });
  const stderr = String(ran.stderr);
  // Node's words about a program, which are nobody's to read but its developers'.
  expect(stderr).not.toMatch(/^\(node:\d+\)/m);
  const stdout = String(ran.stdout);
  if (args.includes('--json')) checkDocuments(stdout);
  checkExit(args, ran.exitCode, stderr);
  return { exitCode: ran.exitCode ?? -1, stdout, stderr };
}

/** The JSON document of a command, with its exit code. */
export async function bmtoolJson<T = Record<string, unknown>>(
  args: readonly string[],
  wish: RunWish = {},
): Promise<{ exitCode: number; result: T; stderr: string }> {
  const ran = await bmtool([...args, '--json'], wish);
  const document = JSON.parse(ran.stdout) as { format: number; result: T };
  return { exitCode: ran.exitCode, result: document.result, stderr: ran.stderr };
}

/** The result of a command that must succeed. */
export async function succeed<T>(args: readonly string[], wish: RunWish = {}): Promise<T> {
  const { exitCode, result, stderr } = await bmtoolJson<T>(args, wish);
  expect(exitCode, stderr).toBe(0);
  return result;
}

/** Starts the program and leaves it running, for tests that interrupt or kill it. */
export function startBmtool(args: readonly string[], wish: RunWish = {}) {
  const child = spawn(command, [...before, ...args], { env: environment(wish), stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  const ended = new Promise<{ code: number | null; signal: string | null }>(resolve =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  return { child, ended, stderr: () => stderr };
}

/** What the program runs with. */
export function environment(wish: RunWish): NodeJS.ProcessEnv {
  const { BMTOOL_STATE_DIR = '', LAB_PORTS = '' } = labEnv();
  return { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', BMTOOL_STATE_DIR, LAB_PORTS, ...wish.env };
}
