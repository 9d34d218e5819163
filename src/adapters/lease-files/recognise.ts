import { basename } from 'node:path';
import type { DhcpServer } from '../../core/lease.ts';
import { addressOf, type Bytes, macOf } from './entry.ts';
import { isKeaHeader } from './kea.ts';

/** How a file's beginning looks: whose it is, why it is nobody's, or nothing where it does not say yet. */
export type Recognition = { readonly server: DhcpServer } | { readonly refusal: string } | undefined;

/** Tells the three servers' files apart by their beginning, and by their name where that is empty. */
export function recognise(head: Bytes, path: string): Recognition {
  const lines = head.split('\n', 400);
  const [first = ''] = lines;
  if (isKeaHeader(first)) return { server: 'kea' };
  if (/^address,duid,/.test(first)) return { refusal: "is Kea's file of IPv6 leases" };
  if (lines.some(line => iscLine.test(line))) return { server: 'isc' };
  if (lines.some(line => /^ia-(na|ta|pd) /.test(line))) return { refusal: "is dhcpd's file of IPv6 leases" };
  if (lines.some(line => /^\s*lease \{/.test(line))) return { refusal: 'is the lease file of a DHCP client' };
  if (lines.some(isDnsmasqLine)) return { server: 'dnsmasq' };
  const words = lines.filter(line => line.trim() !== '' && !line.startsWith('#'));
  // A first line that nobody has written to its end may become anything.
  if (words.length === 0 || (words.length === 1 && !head.includes('\n'))) return byName(basename(path));
  return { refusal: 'is no lease file of dhcpd, Kea or dnsmasq' };
}

const iscLine =
  /^\s*lease [\d.]{7,15} \{|^# The format of this file is documented in the dhcpd\.leases|^authoring-byte-order |^failover peer "/;

function isDnsmasqLine(line: string): boolean {
  const [ends = '', hardware = '', ip = '', hostname, clientId] = line.split(' ', 6);
  if (ends === 'duid') return /^[0-9a-f:]+$/i.test(hardware);
  return (
    /^\d+$/.test(ends) && macOf(hardware) !== undefined && addressOf(ip) !== undefined && Boolean(hostname && clientId)
  );
}

function byName(name: string): Recognition {
  if (/^dhcpd.*\.leases/.test(name)) return { server: 'isc' };
  if (/^kea-leases4.*\.csv/.test(name)) return { server: 'kea' };
  return /dnsmasq|\.leases$/.test(name) ? { server: 'dnsmasq' } : undefined;
}
