import { spawn } from 'node:child_process';
import { once } from 'node:events';

export type Measured = {
  readonly seconds: number;
  readonly peakMb: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
};

/**
 * Runs a program as a whole process: wall time from start to exit, and the most memory that it had resident, by the kernel's own
 * account (ru_maxrss through Python's resource module: Node cannot ask for a child's).
 */
export async function measure(
  command: string,
  args: readonly string[],
  options: { env?: Record<string, string> } = {},
): Promise<Measured> {
  const started = performance.now();
  const child = spawn('python3', ['-c', waitAndTell, command, ...args], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [stdout, stderr, peak] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    text(child.stdio[3] as NodeJS.ReadableStream),
    once(child, 'close'),
  ]);
  const [exitCode = -1, kilobytes = 0, seconds = 0] = peak.split(' ').map(Number);
  return {
    seconds: seconds || (performance.now() - started) / 1000,
    peakMb: kilobytes / 1024,
    stdout,
    stderr,
    exitCode,
  };
}

const waitAndTell = `
import os, resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.call(sys.argv[1:])
took = time.monotonic() - began
os.write(3, f"{code} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss} {took}".encode())
`;

async function text(stream: NodeJS.ReadableStream | null): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
