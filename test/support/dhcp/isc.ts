import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BmcNet } from './net.ts';
import type { Segment } from './segments.ts';
import { makeServerFolder, type RunningServer, type ServerWish, startServer } from './server.ts';

/** ISC dhcpd, as root: so Debian runs it. */
export async function startIsc(net: BmcNet, wish: ServerWish): Promise<RunningServer> {
  const folder = await makeServerFolder(net, 'isc');
  const [configFile, leaseFile] = [join(folder, 'dhcpd.conf'), join(folder, 'dhcpd.leases')];
  await writeFile(leaseFile, '');
  return startServer(net, folder, wish, {
    server: 'isc',
    configFile,
    leaseFile,
    command: ['dhcpd', '-4', '-f', '-d', '--no-pid', '-cf', configFile, '-lf', leaseFile, net.server.device],
    configuration: now => configuration(net.segments, now),
    ready: /Server starting service/,
  });
}

/** `ping-check`: it would look for a second whether somebody has the address, before it offers it. */
function configuration(segments: readonly Segment[], { leaseSeconds, range, hook, fragment }: ServerWish): string {
  return `authoritative;
ping-check false;
default-lease-time ${leaseSeconds};
max-lease-time ${leaseSeconds};
min-lease-time ${leaseSeconds};
${segments.map((segment, i) => subnet(segment, (i === 0 ? range : undefined) ?? segment.range)).join('\n')}
${fragment ?? (hook === undefined ? '' : hookFragment(hook))}
`;
}

function subnet({ network, netmask, gateway }: Segment, { from, to }: Segment['range']): string {
  return `subnet ${network} netmask ${netmask} { range ${from} ${to}; option routers ${gateway}; }`;
}

/**
 * The calls that bmtool's hook takes: `commit ip mac host vendor-class client-id relay circuit-id remote-id lease-seconds`, `release ip mac`,
 * `expiry ip mac`. An argument that is absent would make dhcpd leave the whole call out; names like `mac` are taken for numbers.
 */
function hookFragment(hook: string): string {
  const orNone = (value: string) => `pick-first-value(${value}, "(none)")`;
  const hex = (option: string) => `binary-to-ascii(16, 8, ":", ${option})`;
  const ends = (event: string) => `on ${event} {
  set ClientIP = binary-to-ascii(10, 8, ".", leased-address);
  set ClientMac = ${hex('substring(hardware, 1, 6)')};
  execute("${hook}", "${event}", ClientIP, ClientMac);
}`;
  return `on commit {
  set ClientIP = binary-to-ascii(10, 8, ".", leased-address);
  set ClientMac = ${hex('substring(hardware, 1, 6)')};
  set ClientHost = ${orNone('option host-name')};
  set ClientVci = ${orNone('option vendor-class-identifier')};
  set ClientCid = ${orNone(hex('option dhcp-client-identifier'))};
  set RelayIP = binary-to-ascii(10, 8, ".", packet(24, 4));
  set Circuit = ${orNone('option agent.circuit-id')};
  set RemoteId = ${orNone(hex('option agent.remote-id'))};
  set LeaseSecs = binary-to-ascii(10, 32, "", encode-int(lease-time, 32));
  execute("${hook}", "commit", ClientIP, ClientMac, ClientHost, ClientVci, ClientCid, RelayIP, Circuit, RemoteId, LeaseSecs);
}
${ends('release')}
${ends('expiry')}`;
}
