import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deleteNamespace } from './namespace.ts';

/** Where `ip netns` keeps the namespaces that have a name. */
export const namespaceFolder = '/run/netns';

/** Owner's process, when it started (a number of a process is given again), something random, what for. */
const pattern = /^bmnet-(?<pid>\d+)-(?<started>\d+)-[0-9a-f]{8}(-|$)/;

/** A name that no other test has, and that tells whose it is: `bmnet-4711-2487323-9f03ac11-server`. */
export function makeName(role?: string): string {
  const random = randomBytes(4).toString('hex');
  return ['bmnet', process.pid, startOf(process.pid), random, ...(role === undefined ? [] : [role])].join('-');
}

/** Takes away what test processes left behind that were killed: everything with a name as above whose owner is gone. */
export async function sweepLeftovers(): Promise<void> {
  for (const name of readdirIfThere(namespaceFolder).filter(isLeftover)) await deleteNamespace(name);
  for (const name of readdirIfThere(tmpdir()).filter(isLeftover))
    await rm(join(tmpdir(), name), { recursive: true, force: true });
}

function isLeftover(name: string): boolean {
  const { pid, started } = pattern.exec(name)?.groups ?? {};
  return pid !== undefined && startOf(Number(pid)) !== started;
}

/** When a process started, in ticks since the machine did: field 22 of proc(5)'s stat, after a name that may hold spaces and brackets. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function readdirIfThere(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
