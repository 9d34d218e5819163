import { execa } from 'execa';
import { until } from './until.ts';

/** Runs lines of sh, as root of the whole machine; a failing line ends it and throws with what it said. */
export async function sh(lines: readonly string[]): Promise<void> {
  await execa('sh', ['-e'], { input: lines.join('\n'), timeout: 60_000 });
}

/** Gives many lines to one `ip` inside a namespace. */
export async function ipBatch(namespace: string, lines: readonly string[]): Promise<void> {
  await execa('ip', ['-n', namespace, '-batch', '-'], { input: `${lines.join('\n')}\n`, timeout: 60_000 });
}

/** The lines of sh that make a namespace. Without IPv6, whose neighbour discovery is noise here. */
export function makeNamespace(name: string): string[] {
  const noIpv6 = ['all', 'default'].map(part => `/proc/sys/net/ipv6/conf/${part}/disable_ipv6`);
  return [
    `ip netns add ${name}`,
    `ip netns exec ${name} sh -c 'for f in ${noIpv6.join(' ')}; do [ ! -e $f ] || echo 1 > $f; done'`,
    `ip -n ${name} link set lo up`,
  ];
}

/** Ends whatever runs inside, orphans too: no server ends a hook that runs when it stops. */
export async function endProcesses(name: string): Promise<void> {
  await until(async () => {
    const pids = await processesOf(name);
    for (const pid of pids) killIfThere(pid, 'SIGKILL');
    return pids.length === 0 || undefined;
  }, `processes in ${name} end`);
}

/** With all that runs inside. Gone already is well. */
export async function deleteNamespace(name: string): Promise<void> {
  await endProcesses(name);
  await execa('ip', ['netns', 'delete', name], { reject: false, timeout: 10_000 });
}

export async function processesOf(name: string): Promise<number[]> {
  const { stdout } = await execa('ip', ['netns', 'pids', name], { reject: false, timeout: 10_000 });
  return stdout.split('\n').filter(Boolean).map(Number);
}

function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
