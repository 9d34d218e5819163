import { textOf } from '../../core/lease.ts';
import {
  addressOf,
  type Bytes,
  clientIdOf,
  hexBytes,
  type LeaseEntry,
  longestRecord,
  macOf,
  present,
  type Reading,
  relayAgentIds,
  secondsOf,
  wordOf,
} from './entry.ts';
import { linesOf } from './lines.ts';

/**
 * Reads dnsmasq's leases, a line each: `1795236229 94:40:c9:00:00:01 192.0.2.111 ILOMXQ1111111 01:94:40:c9:00:00:01`, with `*` for what there is
 * none of and 0 for an end that never comes. A lease that is over has no line. Below them may come IPv6 (from the line `duid …` on), and in
 * newer dnsmasq `vendorclass ADDRESS HEX` and `agent-info ADDRESS HEX`.
 */
export function readDnsmasq(text: Bytes): Reading {
  const { lines, used } = linesOf(text, longestRecord);
  const entries = new Map<string, LeaseEntry>();
  for (const line of lines) {
    const words = line.split(' ', 6);
    const entry = extraOf(words, entries) ?? entryOf(words);
    if (entry) entries.set(entry.address, entry);
  }
  return { entries: [...entries.values()], used };
}

function entryOf([ends = '', hardware = '', ip = '', hostname = '', clientId, ...rest]: string[]):
  | LeaseEntry
  | undefined {
  const endsAt = secondsOf(ends);
  const address = addressOf(ip);
  // Other hardware than Ethernet has its type before it: `06-…`. DHCPv6 has a number here.
  const mac = macOf(hardware);
  if (endsAt === undefined || address === undefined || mac === undefined || !clientId || rest.length > 0)
    return undefined;
  return {
    address,
    state: 'granted',
    mac,
    endsAt,
    ...present({ hostname: hostname === '*' ? undefined : wordOf(hostname), clientId: clientIdOf(clientId) }),
  };
}

function extraOf([name, address = '', hex = '']: string[], entries: ReadonlyMap<string, LeaseEntry>) {
  const entry = entries.get(address);
  const bytes = hexBytes(hex);
  if (entry === undefined || bytes === undefined) return undefined;
  if (name === 'vendorclass') return { ...entry, ...present({ vendorClass: textOf(bytes) }) };
  return name === 'agent-info' ? { ...entry, ...relayAgentIds(bytes) } : undefined;
}
