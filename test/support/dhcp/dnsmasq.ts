import { join } from 'node:path';
import type { BmcNet } from './net.ts';
import { makeServerFolder, type RunningServer, type ServerWish, startServer } from './server.ts';

/** dnsmasq, serving as `nobody` and calling its hook as root. */
export async function startDnsmasq(net: BmcNet, wish: ServerWish): Promise<RunningServer> {
  const folder = await makeServerFolder(net, 'dnsmasq');
  const [configFile, leaseFile] = [join(folder, 'dnsmasq.conf'), join(folder, 'dnsmasq.leases')];
  return startServer(net, folder, wish, {
    server: 'dnsmasq',
    configFile,
    leaseFile,
    command: ['dnsmasq', '-k', '-C', configFile],
    configuration: now => `${configuration(net, now, folder, leaseFile).join('\n')}\n`,
    ready: /DHCP, sockets bound/,
  });
}

/** `no-ping`: the first lease would take three seconds. `script-on-renewal`: else it is silent about renewals. */
function configuration(
  net: BmcNet,
  { leaseSeconds, range, hook, fragment }: ServerWish,
  folder: string,
  leaseFile: string,
): string[] {
  return [
    'no-ping',
    'port=0',
    `interface=${net.server.device}`,
    'bind-interfaces',
    'except-interface=lo',
    'dhcp-authoritative',
    'dhcp-lease-max=2000',
    ...net.segments.flatMap((segment, i) => {
      const { from, to } = (i === 0 ? range : undefined) ?? segment.range;
      return [
        `dhcp-range=set:segment${i},${from},${to},${segment.netmask},${leaseSeconds}`,
        `dhcp-option=tag:segment${i},option:router,${segment.gateway}`,
      ];
    }),
    `dhcp-leasefile=${leaseFile}`,
    `pid-file=${join(folder, 'pid')}`,
    'log-dhcp',
    'log-facility=-',
    fragment ?? (hook === undefined ? '' : `dhcp-script=${hook}\nscript-on-renewal`),
  ];
}
