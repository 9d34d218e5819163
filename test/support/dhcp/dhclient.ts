import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Bmc, type BmcFacts, openClient, type PlugWish } from './bmc.ts';
import { systemPath } from './machine.ts';
import type { BmcNet } from './net.ts';

/**
 * A BMC whose client is ISC dhclient. It remembers its address over a power cut. Nothing makes it renew: it does so by itself, `renewSeconds` after it
 * got its address.
 */
export function openDhclientBmc(
  net: BmcNet,
  facts: BmcFacts,
  wish: PlugWish & { readonly renewSeconds?: number } = {},
): Promise<Bmc> {
  const filesIn = (folder: string) => {
    const at = (name: string) => join(folder, name);
    return ['-cf', at('dhclient.conf'), '-lf', at('dhclient.leases'), '-pf', at('dhclient.pid')];
  };
  return openClient(
    net,
    facts,
    {
      async command({ port, folder, script, ask }) {
        await writeFile(join(folder, 'dhclient.conf'), configuration(facts, wish.renewSeconds, ask));
        return ['dhclient', '-4', '-d', '-sf', script, ...filesIn(folder), port.device];
      },
      renew: (_client, _at, untilRenewed) => untilRenewed(),
      async release(client, { port, folder, script }) {
        // Ends the one that runs, by its file of the pid, and speaks to its server itself.
        const command = ['dhclient', '-4', '-r', '-sf', script, ...filesIn(folder), port.device];
        const env = { PATH: systemPath };
        await execa('ip', ['netns', 'exec', port.namespace, ...command], { env, extendEnv: false, timeout: 20_000 });
        await client.stop();
      },
    },
    wish,
  );
}

function configuration({ hostname, vendorClass }: BmcFacts, renewSeconds: number | undefined, ask?: string): string {
  return [
    'timeout 30; retry 1; initial-interval 1; backoff-cutoff 2; select-timeout 0; reboot 5;',
    'request subnet-mask, routers;',
    ...(hostname === undefined ? [] : [`send host-name "${hostname}";`]),
    ...(vendorClass === undefined ? [] : [`send vendor-class-identifier "${vendorClass}";`]),
    ...(ask === undefined ? [] : [`send dhcp-requested-address ${ask};`]),
    ...(renewSeconds === undefined ? [] : [`supersede dhcp-renewal-time ${renewSeconds};`]),
    '',
  ].join('\n');
}
