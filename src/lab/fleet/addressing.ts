import type { Address, Prefix } from './fleet.ts';
import { site } from './site.ts';

/** Everything the site owns; both networks lie inside it whatever their size. */
const siteBlock = '10.16.0.0/12';
const bmcNetwork = '10.20.0.0';
const productionNetwork = '10.24.0.0';
/** Largest network that still fits between the two starts. */
const widestPrefixLength = 14;

/**
 * The prefixes for so many servers: the site's block, and inside it one network for BMCs (role `bmc`) and one for
 * production, each with a quarter more addresses than servers (601 servers: /22) and its first address as the gateway.
 */
export function planAddressing(servers: number): { prefixes: Prefix[]; addresses: Address[] } {
  const length = prefixLength(servers);
  const network = (start: string, role: string, description: string): Prefix => {
    return { prefix: `${start}/${length}`, status: 'active', role, description, depth: 1, children: 0 };
  };
  const gateway = (start: string, name: string): Address => ({
    address: `${start.replace(/0$/, '1')}/${length}`,
    status: 'reserved',
    dnsName: `gw-${name}.${site.slug}.example.net`,
    description: `Gateway of the ${name} network`,
  });
  return {
    prefixes: [
      {
        prefix: siteBlock,
        status: 'container',
        role: undefined,
        description: `${site.name} address space`,
        depth: 0,
        children: 2,
      },
      network(bmcNetwork, 'bmc', 'BMCs, addresses by DHCP'),
      network(productionNetwork, 'production', 'Server production'),
    ],
    addresses: [gateway(bmcNetwork, 'bmc'), gateway(productionNetwork, 'production')],
  };
}

function prefixLength(servers: number): number {
  const addresses = Math.ceil(servers * 1.25) + 3; // network, broadcast, gateway
  const length = Math.min(28, 32 - Math.ceil(Math.log2(addresses)));
  if (length < widestPrefixLength) throw new RangeError(`${servers} servers do not fit the lab's address plan`);
  return length;
}
