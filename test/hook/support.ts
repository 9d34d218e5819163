import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { readBoot } from '../../src/adapters/spool/boot.ts';
import { type HookCall, readRecord } from '../../src/adapters/spool/record.ts';
import { stubText } from '../../src/features/leases/stub.ts';
import { program } from '../support/program.ts';

/** The shells that are `/bin/sh` somewhere: Debian's, Alpine's, Fedora's. Only those of this machine. */
export const shells: readonly (readonly string[])[] = [['dash'], ['busybox', 'sh'], ['bash', '--posix']].filter(
  ([program = '']) => has(program),
);

export function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

export const isRoot = process.getuid?.() === 0;

/** What a test of the hook works with: a folder of its own, a spool in it, and the stub for that spool. */
export type Place = { readonly folder: string; readonly spool: string; readonly inbox: string; readonly stub: string };

export function makePlace(name = 'spool'): Place {
  const folder = mkdtempSync(join(tmpdir(), 'bmtool-hook-'));
  const [spool, stub] = [join(folder, name), join(folder, 'dhcp-hook')];
  writeFileSync(stub, stubText(spool), { mode: 0o755 });
  return { folder, spool, inbox: join(spool, 'inbox'), stub };
}

/** A hook as a command: the stub under one of the shells, or the binary. */
export type Hook = (place: Place) => readonly string[];

export const stubUnder =
  (shell: readonly string[]): Hook =>
  ({ stub }) => [...shell, stub];

export const binary: Hook = ({ spool }) => [...program, 'dhcp', 'hook', '--spool', spool];

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/**
 * Runs a command with arguments and variables of any bytes, which Node itself cannot pass: xargs reads them from a file. The environment holds
 * nothing else.
 */
export function runRaw(
  command: readonly string[],
  { args = [], env = new Map() }: Partial<Pick<HookCall, 'args' | 'env'>>,
  folder: string,
): Promise<Ended> {
  const variables = [...env].map(([name, value]) => Buffer.concat([Buffer.from(`${name}=`), value]));
  const [program = '', ...words] = command;
  const all = ['-i', ...variables, which(program), ...words, ...args].flatMap(part => [
    Buffer.from(part),
    Buffer.of(0),
  ]);
  const file = join(folder, `call-${counter++}`);
  writeFileSync(file, Buffer.concat(all));
  return runPlain(['xargs', '-0', '-a', file, 'env']);
}

let counter = 0;

const found = new Map<string, string>();

function which(program: string): string {
  if (program.startsWith('/')) return program;
  const path =
    found.get(program) ??
    spawnSync('sh', ['-c', `command -v ${program}`])
      .stdout.toString()
      .trim();
  found.set(program, path);
  return path;
}

export function runPlain(command: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', chunk => {
      stdout += chunk;
    });
    child.stderr.on('data', chunk => {
      stderr += chunk;
    });
    child.once('error', reject);
    child.once('close', code => resolve({ code, stdout, stderr }));
  });
}

export function recordsIn(inbox: string): Uint8Array[] {
  return existsSync(inbox) ? linesOf(readFileSync(inbox)) : [];
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const text = Buffer.from(bytes).toString('latin1');
  return text.split('\n').flatMap(line => (line === '' ? [] : [Buffer.from(line, 'latin1')]));
}

/** The records of the inbox, as soon as there are so many: the stub ends before its record is written. */
export async function callsIn(inbox: string, count: number): Promise<HookCall[]> {
  await vi.waitFor(() => expectCount(recordsIn(inbox).length, count), { timeout: 20_000, interval: 2 });
  return recordsIn(inbox).map(callOf);
}

function expectCount(found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`${found} records instead of ${wanted}`);
}

export function callOf(line: Uint8Array): HookCall {
  const record = readRecord(line, readBoot());
  if (!('call' in record)) throw new Error(`no call: ${Buffer.from(line).toString()}`);
  return record.call;
}

/** To compare calls: bytes as text, without the moment. */
export function plain({ from, args, env }: HookCall) {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  return { from, args: args.map(text), env: [...env].map(([name, value]) => [name, text(value)]) };
}

export const commit = [
  'commit',
  '192.0.2.9',
  '1:94:40:c9:0:0:1',
  'ilo',
  'v',
  '(none)',
  '0.0.0.0',
  '(none)',
  '(none)',
  '60',
].map(word => Buffer.from(word));
