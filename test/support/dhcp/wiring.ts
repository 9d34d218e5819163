import { execa } from 'execa';
import { until } from './until.ts';

/** An interface, or a bridge, in a namespace. */
export type Device = { readonly namespace: string; readonly device: string };

/**
 * Lines of sh. A bridge is up while one of its ports is: it has one that stays, or Kea would not listen on it before the first BMC is there. The other
 * end of that is deaf, or it would answer for the bridge's address. A MAC that is given stays; else it changes with the ports, and clients know the old one.
 */
export function makeBridge({ namespace, device }: Device, addresses: readonly string[]): string[] {
  return [
    `ip -n ${namespace} link add ${device} address 02:62:72:00:00:01 type bridge`,
    ...addresses.map(address => `ip -n ${namespace} address add ${address} dev ${device}`),
    `ip -n ${namespace} link set ${device} up`,
    `ip -n ${namespace} link add stay0 type veth peer name stay1`,
    `ip -n ${namespace} link set stay0 master ${device} up`,
    `ip -n ${namespace} link set stay1 arp off up`,
  ];
}

/** Lines of sh: a cable from a new interface to a new port of a bridge. */
export function makeCable(from: Device, bridge: Device, port: string, mac?: string): string[] {
  return [
    `ip link add ${port} netns ${bridge.namespace} type veth peer name ${from.device} netns ${from.namespace}`,
    ...(mac === undefined ? [] : [`ip -n ${from.namespace} link set ${from.device} address ${mac}`]),
    `ip -n ${from.namespace} link set ${from.device} up`,
    `ip -n ${bridge.namespace} link set ${port} master ${bridge.device} up`,
  ];
}

/**
 * Waits until a device carries packets: the kernel sees to that a moment after what brought it up. Servers look once, when they start; a client's first
 * question would be lost.
 */
export async function isUp({ namespace, device }: Device): Promise<void> {
  await until(async () => {
    const show = ['-n', namespace, '-details', '-json', 'link', 'show', 'dev', device];
    const { stdout } = await execa('ip', show, { timeout: 10_000 });
    const [link] = JSON.parse(stdout) as Link[];
    const port = link?.linkinfo?.info_slave_data?.state;
    return (link?.operstate === 'UP' && (port === undefined || port === 'forwarding')) || undefined;
  }, `${device} is up in ${namespace}`);
}

type Link = {
  readonly operstate: string;
  readonly linkinfo?: { readonly info_slave_data?: { readonly state?: string } };
};
