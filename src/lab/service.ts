import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../core/failure.ts';
import { identify, isAlive, type ProcessIdentity, sessionMembers } from './identity.ts';
import { tailOf } from './log-files.ts';
import type { Account } from './places.ts';
import type { ServiceName } from './state.ts';
import { waitFor } from './wait.ts';

export type ServiceStart = {
  readonly name: ServiceName;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly log: string;
  readonly account?: Account | undefined;
};

/** What the lab calls its services when it talks to a person. */
export const serviceTitles: Record<ServiceName, string> = {
  postgres: 'PostgreSQL',
  redis: 'Redis',
  netbox: 'NetBox',
  worker: "NetBox's background worker",
};

/**
 * Starts a program that outlives this one, in a session of its own, its output appended to a log file that starts empty.
 *
 * @returns who it is; it may be gone again by the time that anybody looks
 */
export async function startService(start: ServiceStart): Promise<ProcessIdentity> {
  const log = openLog(start.log);
  try {
    const child = spawn(start.command, start.args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: start.env,
      // Never the current folder: another account may not enter it, and it would be held busy.
      cwd: '/',
      ...(start.account && { uid: start.account.uid, gid: start.account.gid }),
    });
    const identity = await new Promise<ProcessIdentity | undefined>((resolve, reject) => {
      child.once('error', reject);
      child.once('spawn', () => resolve(identify(child.pid ?? 0)));
    });
    child.unref();
    if (identity === undefined) throw new Error('it ended at once');
    return identity;
  } catch (error) {
    throw serviceFailure(start.name, `could not be started: ${(error as Error).message}`, start.log);
  } finally {
    closeSync(log);
  }
}

/**
 * Waits until `look` finds the service ready. A service that ends before is a failure at once, with the end of its log.
 */
export async function waitUntilReady<T>(
  service: { name: ServiceName; identity: ProcessIdentity; log: string },
  look: () => Promise<T | undefined> | T | undefined,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<T> {
  const outcome = await waitFor(
    async () => {
      const alive = isAlive(service.identity);
      const found = await look();
      if (found !== undefined) return { found };
      return alive ? undefined : 'ended';
    },
    { ...options, everyMs: 15 },
  );
  if (outcome === 'ended') throw serviceFailure(service.name, 'ended while it was starting', service.log);
  if (outcome === undefined) {
    const seconds = Math.round(options.timeoutMs / 1000);
    throw serviceFailure(service.name, `was not ready within ${seconds} s`, service.log);
  }
  return outcome.found;
}

/** Sends `first` to the service, and SIGKILL to its whole session when it has not ended after `graceMs`. */
export async function stopService(
  identity: ProcessIdentity,
  { first, graceMs }: { first: NodeJS.Signals; graceMs: number },
): Promise<void> {
  const never = new AbortController().signal;
  const gone = () => (sessionMembers(identity).length === 0 ? true : undefined);
  if (isAlive(identity) && first !== 'SIGKILL') {
    kill(identity.pid, first);
    if (await waitFor(gone, { timeoutMs: graceMs, everyMs: 3, signal: never })) return;
  }
  // Repeated, because a process that is being killed may have forked one more.
  await waitFor(
    () => {
      for (const pid of sessionMembers(identity)) kill(pid, 'SIGKILL');
      return gone();
    },
    { timeoutMs: 10_000, everyMs: 3, signal: never },
  );
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** What happened to which service, the last lines that it wrote, and where the rest is. */
export function serviceFailure(name: ServiceName, what: string, log: string, next?: string): Failure {
  const tail = tailOf(log, 10);
  const lines =
    tail.length === 0 ? ' It wrote nothing.' : ` Its last lines:\n${tail.map(line => `  ${line}`).join('\n')}`;
  return new Failure('lab-service-failed', `${serviceTitles[name]} ${what}.${lines}`, {
    next: next ?? adviceFor(tail) ?? `The whole log: ${log}`,
  });
}

/** The next thing to do about what services say when the machine is the trouble. */
export function adviceFor(lines: readonly string[]): string | undefined {
  const text = lines.join('\n');
  if (/No space left on device|ENOSPC|disk full/i.test(text))
    return 'Free some disk space, then run `bmtool lab up` again.';
  if (isPortTaken(text)) {
    return 'Another program took the port. Run `bmtool lab up` again: it chooses a free one.';
  }
  if (/Cannot allocate memory|MemoryError|out of memory/i.test(text)) {
    return 'Free about 1 GB of memory, then run `bmtool lab up` again.';
  }
  return undefined;
}

export function isPortTaken(text: string): boolean {
  return /Address already in use|EADDRINUSE|Connection in use/i.test(text);
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const log = openSync(path, 'a', 0o600);
  truncateSync(path);
  return log;
}
