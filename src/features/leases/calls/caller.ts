import type { HookCall } from '../../../adapters/spool/record.ts';
import type { DhcpServer } from '../../../core/lease.ts';

// Imports nothing but types: the hook, which starts for every lease, loads this file and no other of bmtool's rules.

/** dhcpd's events, by the words of `install`'s fragment; `notify` is MAAS's. */
const iscWords: readonly string[] = ['commit', 'release', 'expiry', 'notify'];
const dnsmasqLeaseWords: readonly string[] = ['add', 'old', 'del'];
/** What dnsmasq tells of beside leases (dnsmasq(8), --dhcp-script). */
const dnsmasqOtherWords: readonly string[] = ['init', 'tftp', 'arp-add', 'arp-del', 'relay-snoop'];
const keaPoint = /^leases?[46]_[a-z]/;

/** Words of calls about no IPv4 lease, as patterns of `case` in a shell: hooks do not write these down. */
export const uselessWords: readonly string[] = [...dnsmasqOtherWords, 'lease6_*', 'leases6_*'];

/** Which server makes such a call: each begins with words of its own. Nothing where nobody does. */
export function callerOf({ from, args: [first] }: Pick<HookCall, 'from' | 'args'>): DhcpServer | undefined {
  if (from !== undefined) return from;
  const word = Buffer.from(first ?? []).toString('latin1');
  if (keaPoint.test(word)) return 'kea';
  if (iscWords.includes(word)) return 'isc';
  return dnsmasqLeaseWords.includes(word) || dnsmasqOtherWords.includes(word) ? 'dnsmasq' : undefined;
}

export function isUseless({ args: [first] }: Pick<HookCall, 'args'>): boolean {
  const word = Buffer.from(first ?? []).toString('latin1');
  return uselessWords.some(useless =>
    useless.endsWith('*') ? word.startsWith(useless.slice(0, -1)) : word === useless,
  );
}

const keaLeaseParts = ['ADDRESS', 'HWADDR', 'CLTT', 'VALID_LIFETIME', 'HWADDR_TYPE', 'HOSTNAME', 'CLIENT_ID'] as const;
export type KeaLeasePart = (typeof keaLeaseParts)[number];
const keaQuery = [
  'QUERY4_TYPE',
  'QUERY4_GIADDR',
  'QUERY4_OPTION_82_SUB_OPTION_1',
  'QUERY4_OPTION_82_SUB_OPTION_2',
] as const;
export type KeaQueryPart = (typeof keaQuery)[number];
/** For IPv4 Kea 2.6 commits one lease and deletes one, at most. */
export const mostKeaLeases = 2;

const dnsmasqVariables = [
  'DNSMASQ_LEASE_EXPIRES',
  'DNSMASQ_LEASE_LENGTH',
  'DNSMASQ_TIME_REMAINING',
  'DNSMASQ_RELAY_ADDRESS',
  'DNSMASQ_SUPPLIED_HOSTNAME',
  'DNSMASQ_VENDOR_CLASS',
  'DNSMASQ_CLIENT_ID',
  'DNSMASQ_CIRCUIT_ID',
  'DNSMASQ_REMOTE_ID',
] as const;
export type DnsmasqVariable = (typeof dnsmasqVariables)[number];

/** The variables that a server's call is read from, most important first. Nothing else of an environment is ever written down: it may hold secrets. */
export const variablesOf: Readonly<Record<DhcpServer, readonly string[]>> = {
  isc: [],
  kea: [
    'LEASES4_SIZE',
    'DELETED_LEASES4_SIZE',
    ...keaPrefixes().flatMap(prefix => keaLeaseParts.map(part => prefix + part)),
    ...keaQuery,
  ],
  dnsmasq: dnsmasqVariables,
};

function keaPrefixes(): string[] {
  const each = Array.from({ length: mostKeaLeases }, (_, n) => [`LEASES4_AT${n}_`, `DELETED_LEASES4_AT${n}_`]);
  return ['LEASE4_', ...each.flat()];
}

/** What a hook, binary or stub, keeps of a call. An option of DHCP has 255 bytes, as hex 764; MAAS's helper has 15 arguments. */
export const mostOfCall = {
  arguments: 24,
  valueBytes: 1024,
  /** All fields as they are written, tabs and escapes included: a shell writes 4096 bytes at once (bash 5.2, busybox 1.35), and no more. */
  fieldBytes: 3900,
} as const;

/** The call without what is too long or too much: such an argument is empty, such a variable left out, and so are variables that nobody reads. */
export function boundedCall(call: HookCall): HookCall {
  const server = callerOf(call);
  let room = mostOfCall.fieldBytes;
  const fits = (name: string, value: Uint8Array) => {
    const length = name.length + escapedLength(value) + (name === '' ? 2 : 3);
    if (value.length > mostOfCall.valueBytes || length > room) return false;
    room -= length;
    return true;
  };
  const args = call.args.slice(0, mostOfCall.arguments).map(arg => {
    if (fits('', arg)) return arg;
    room -= 2;
    return new Uint8Array();
  });
  const env = new Map<string, Uint8Array>();
  for (const name of server === undefined ? [] : variablesOf[server]) {
    const value = call.env.get(name);
    if (value !== undefined && fits(name, value)) env.set(name, value);
  }
  return { ...call, args, env };
}

function escapedLength(bytes: Uint8Array): number {
  return bytes.length + bytes.reduce((sum, byte) => sum + (byte === 9 || byte === 10 || byte === 92 ? 1 : 0), 0);
}
