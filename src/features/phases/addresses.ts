import type { AddressRecord } from '../../adapters/netbox/addressing.ts';
import { addressText, hostsOf, parseAddress } from '../../core/address.ts';
import type { BmcNetwork, ServerFacts } from './facts.ts';

/** Which address each server keeps or gets, by device id. */
export type Allotment =
  | {
      readonly fits: true;
      readonly kept: ReadonlyMap<number, AddressRecord>;
      readonly given: ReadonlyMap<number, string>;
    }
  | { readonly fits: false; readonly free: number; readonly wanted: number };

/**
 * Gives every server one BMC address, the same ones every time: who has a right one keeps it; the n-th server gets the n-th
 * address of the prefix that nothing else in NetBox takes, or the first free one where another server keeps that.
 */
export function allot(servers: readonly ServerFacts[], network: BmcNetwork): Allotment {
  const kept = keptAddresses(servers, network);
  const ownBmcs = new Set(servers.flatMap(server => server.bmcs.map(bmc => bmc.id)));
  const [own, foreign] = [new Set<bigint>(), new Set<bigint>()];
  for (const address of network.taken) {
    const isOwn = address.on?.type === 'dcim.interface' && ownBmcs.has(address.on.id);
    (isOwn ? own : foreign).add(numberOf(address));
  }
  const lacking = servers.filter(server => server.bmcs.length === 1 && !kept.has(server.id));
  const usable = usableHosts(network, foreign, servers.length + own.size);
  const free = usable.filter(host => !own.has(host));
  if (free.length < lacking.length) return { fits: false, free: free.length, wanted: lacking.length };

  const given = new Map<number, bigint>();
  const used = new Set(own);
  const give = (id: number, host: bigint | undefined) => {
    if (host === undefined || used.has(host) || given.has(id)) return;
    given.set(id, host);
    used.add(host);
  };
  const wanting = new Set(lacking.map(server => server.id));
  for (const [place, { id }] of servers.entries()) if (wanting.has(id)) give(id, usable[place]);
  const rest = free.filter(host => !used.has(host));
  for (const { id } of lacking) if (!given.has(id)) give(id, rest.shift());
  const text = (value: bigint) => `${addressText({ family: network.prefix.family, value })}/${network.prefix.length}`;
  return { fits: true, kept, given: new Map([...given].map(([id, value]) => [id, text(value)])) };
}

/** A right address is on the server's one BMC interface and inside the prefix; of several the out-of-band one, else the lowest. */
function keptAddresses(servers: readonly ServerFacts[], network: BmcNetwork): Map<number, AddressRecord> {
  const inside = new Set(network.taken.map(({ id }) => id));
  const kept = new Map<number, AddressRecord>();
  const used = new Set<bigint>();
  for (const server of servers) {
    if (server.bmcs.length !== 1) continue;
    const right = server.addresses
      .filter(address => inside.has(address.id) && !used.has(numberOf(address)))
      .sort((a, b) => Number(b.id === server.oobIpId) - Number(a.id === server.oobIpId) || compare(a, b));
    const [best] = right;
    if (best === undefined) continue;
    kept.set(server.id, best);
    used.add(numberOf(best));
  }
  return kept;
}

/** The first so many addresses of the prefix that no foreign address and no range takes. */
function usableHosts({ prefix, ranges }: BmcNetwork, foreign: ReadonlySet<bigint>, most: number): bigint[] {
  const { first, last } = hostsOf(prefix);
  const spans = ranges
    .flatMap(range => {
      const [start, end] = [parseAddress(range.start), parseAddress(range.end)];
      return start && end ? [{ start: start.value, end: end.value }] : [];
    })
    .sort((a, b) => (a.start < b.start ? -1 : 1));
  const hosts: bigint[] = [];
  for (let host = first; host <= last && hosts.length < most; host += 1n) {
    const span = spans.find(({ start, end }) => start <= host && host <= end);
    if (span !== undefined) host = span.end;
    else if (!foreign.has(host)) hosts.push(host);
  }
  return hosts;
}

function numberOf({ address }: AddressRecord): bigint {
  return parseAddress(address)?.value ?? -1n;
}

function compare(a: AddressRecord, b: AddressRecord): number {
  return numberOf(a) < numberOf(b) ? -1 : numberOf(a) > numberOf(b) ? 1 : a.id - b.id;
}
