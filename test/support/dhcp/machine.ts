import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeName, namespaceFolder } from './names.ts';

/** Where servers live, whatever the PATH of who runs the tests. Everything inside a namespace has this PATH and no other variable. */
export const systemPath = '/usr/sbin:/usr/bin:/sbin:/bin';

/** Debian's package for each program. */
const packages: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  dhcpd: 'isc-dhcp-server',
  dhclient: 'isc-dhcp-client',
  dhcrelay: 'isc-dhcp-relay',
  'kea-dhcp4': 'kea-dhcp4-server',
  perfdhcp: 'kea-admin',
  dnsmasq: 'dnsmasq-base',
  udhcpc: 'udhcpc',
};

export type DhcpNeeds = {
  /** Why there can be no real DHCP on this machine; nothing where there can. */
  readonly missing: string | undefined;
  /** A test's name, with the reason where it is left out: for `describe.skipIf(missing !== undefined)(titled('…'), …)`. */
  titled(name: string): string;
};

/** What decides it, of this machine or of one that a test thinks of. */
export type Machine = {
  readonly platform: string;
  readonly isRoot: boolean;
  has(program: string): boolean;
  /** Why its kernel lets nobody make a namespace. */
  refuses(): string | undefined;
};

/** Whether this machine can have real DHCP servers and clients in networks of their own: root, programs, a kernel that lets it. */
export function needsDhcp(machine: Machine = thisMachine): DhcpNeeds {
  const missing = whatIsMissing(machine);
  return { missing, titled: name => (missing === undefined ? name : `${name} (left out: ${missing})`) };
}

export function findProgram(name: string): string | undefined {
  return systemPath
    .split(':')
    .map(folder => join(folder, name))
    .find(isExecutable);
}

function whatIsMissing({ platform, isRoot, has, refuses }: Machine): string | undefined {
  if (platform !== 'linux') return 'network namespaces are of Linux';
  if (!isRoot) return 'only root may make network namespaces';
  const absent = Object.entries(packages).filter(([program]) => !has(program));
  return absent.length > 0 ? `not installed: ${absent.map(([, name]) => name).join(', ')}` : refuses();
}

/** Root in a container may not make namespaces. */
function whatKernelRefuses(): string | undefined {
  const name = makeName('probe');
  const ip = (...args: string[]) => spawnSync('ip', ['netns', ...args], { encoding: 'utf8', timeout: 10_000 });
  const { status, stderr } = ip('add', name);
  if (existsSync(join(namespaceFolder, name))) ip('delete', name);
  return status === 0 ? undefined : `no network namespace can be made: ${stderr.trim().split('\n').at(-1)}`;
}

const thisMachine: Machine = {
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  has: program => findProgram(program) !== undefined,
  refuses: whatKernelRefuses,
};

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
