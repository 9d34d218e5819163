import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Which process is meant, for good: a pid alone is reused by the kernel, also across a reboot. Linux only (proc(5)).
 */
export type ProcessIdentity = {
  readonly bootId: string;
  readonly pid: number;
  /** Start time in clock ticks since boot: field 22 of /proc/PID/stat. */
  readonly startTicks: number;
  /** What /proc/PID/exe points to. Empty where it cannot be read. */
  readonly exe: string;
};

export type ProcessStat = {
  readonly state: string;
  readonly parent: number;
  readonly session: number;
  readonly startTicks: number;
};

/** Linux reports start times in units of 1/100 s on every architecture that Node runs on (USER_HZ). */
const ticksPerSecond = 100;

/** Reads a line of /proc/PID/stat. The program's name in it may hold spaces and parentheses. */
export function parseStat(line: string): ProcessStat | undefined {
  const afterName = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state, parent, , session] = afterName;
  const startTicks = Number(afterName[19]);
  if (state === undefined || parent === undefined || session === undefined || !Number.isFinite(startTicks)) {
    return undefined;
  }
  return { state, parent: Number(parent), session: Number(session), startTicks };
}

export function readStat(pid: number): ProcessStat | undefined {
  const line = readOrNothing(`/proc/${pid}/stat`);
  return line === undefined ? undefined : parseStat(line);
}

/** Random at each boot of the machine. */
export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** Who `pid` is now; nothing when there is no such process, or only its zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return undefined;
  return { bootId: readBootId(), pid, startTicks: stat.startTicks, exe: readExe(pid) };
}

/** Whether the process that was identified still runs. False when its pid belongs to another process by now. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return (
    now !== undefined &&
    now.bootId === identity.bootId &&
    now.startTicks === identity.startTicks &&
    (now.exe === '' || identity.exe === '' || now.exe === identity.exe)
  );
}

/**
 * The processes of the session that `leader` opened, itself included, also when it is gone: the kernel gives no new process
 * the number of a session that still has members.
 */
export function sessionMembers(leader: ProcessIdentity): number[] {
  if (leader.bootId !== readBootId()) return [];
  const now = identify(leader.pid);
  if (now !== undefined && now.startTicks !== leader.startTicks) return [];
  return allStats()
    .filter(({ stat }) => stat.session === leader.pid && stat.startTicks >= leader.startTicks && stat.state !== 'Z')
    .map(({ pid }) => pid);
}

/** `pid` and everything that it and its children started and that still hangs below it. */
export function familyOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const { pid: child, stat } of allStats()) {
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), child]);
  }
  const collect = (parent: number): number[] => [parent, ...(children.get(parent) ?? []).flatMap(collect)];
  return collect(pid);
}

/** Memory of these processes together, in bytes, each shared page counted by its share (PSS). */
export function memoryOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + memoryOfOne(pid), 0);
}

/** How long the process runs, in milliseconds. */
export function uptimeOf(identity: ProcessIdentity): number {
  const sinceBoot = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  return Math.max(0, Math.round((sinceBoot - identity.startTicks / ticksPerSecond) * 1000));
}

function memoryOfOne(pid: number): number {
  const rollup = readOrNothing(`/proc/${pid}/smaps_rollup`);
  const pss = /^Pss:\s+(\d+) kB/m.exec(rollup ?? '')?.[1];
  if (pss !== undefined) return Number(pss) * 1024;
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(readOrNothing(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(rss ?? 0) * 1024;
}

function allStats(): { pid: number; stat: ProcessStat }[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      const stat = readStat(Number(name));
      return stat === undefined ? [] : [{ pid: Number(name), stat }];
    });
}

function readExe(pid: number): string {
  try {
    // The kernel says so when a package upgrade replaced the file under a running program; it is still the same process.
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return '';
  }
}

/** What is in /proc goes away between two looks: that is no error. */
function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
