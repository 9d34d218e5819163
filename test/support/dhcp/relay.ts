import { join } from 'node:path';
import { makeNamespace, sh } from './namespace.ts';
import { startInside } from './process.ts';
import { bmcSegment, relayAddress, relayedSegment } from './segments.ts';
import { type Device, isUp, makeBridge, makeCable } from './wiring.ts';

/** A relay between the server's bridge and a segment of its own, whose clients plug into what it gives back. Its circuit id is `dn0`. */
export async function startRelay(server: Device, namespace: string, folder: string): Promise<Device> {
  const { network, prefixLength, gateway } = relayedSegment;
  const [up, down] = [
    { namespace, device: 'up0' },
    { namespace, device: 'dn0' },
  ];
  await sh([
    ...makeNamespace(namespace),
    ...makeCable(up, server, 'relay'),
    `ip -n ${namespace} address add ${relayAddress}/${bmcSegment.prefixLength} dev ${up.device}`,
    ...makeBridge(down, [`${gateway}/${prefixLength}`]),
    `ip -n ${server.namespace} route add ${network}/${prefixLength} via ${relayAddress}`,
    `ip netns exec ${namespace} sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'`,
  ]);
  await Promise.all([{ ...server, device: 'relay' }, up, down].map(isUp));
  const links = ['-iu', up.device, '-id', down.device];
  const relay = startInside({
    namespace,
    command: ['dhcrelay', '-4', '-d', '--no-pid', '-a', '-m', 'append', ...links, bmcSegment.gateway],
    folder,
    logFile: join(folder, 'dhcrelay.log'),
  });
  await relay.untilSays(/Sending on +Socket\/fallback/);
  return down;
}
