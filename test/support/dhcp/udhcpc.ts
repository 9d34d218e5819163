import { spawnSync } from 'node:child_process';
import { type Bmc, type BmcFacts, openClient, type PlugWish } from './bmc.ts';
import type { BmcNet } from './net.ts';

/**
 * A BMC whose client is busybox's udhcpc, which BMCs have indeed.
 *
 * When told to renew it asks its server alone, out of a socket of its own; an answer that comes before that is closed ends there, so that it asks again a
 * second later and the server has renewed twice. A server that is woken on the same core takes it from the client: every fourth answer was lost. Hence
 * the client goes first.
 */
export function openUdhcpcBmc(
  net: BmcNet,
  facts: BmcFacts,
  wish: PlugWish & { readonly askEverySeconds?: number } = {},
): Promise<Bmc> {
  const { askEverySeconds = 1 } = wish;
  return openClient(
    net,
    facts,
    {
      command: async ({ port, script, ask }) => [
        ...goesFirst(),
        ...['udhcpc', '-f', '-i', port.device, '-s', script, '-t', '100', '-T', String(askEverySeconds), '-A', '1'],
        ...optionsOf(facts),
        ...(ask === undefined ? [] : ['-r', ask]),
      ],
      async renew(client, _, untilRenewed) {
        client.child.kill('SIGUSR1');
        await untilRenewed();
      },
      async release(client, _, untilUnbound) {
        client.child.kill('SIGUSR2');
        await untilUnbound();
      },
    },
    wish,
  );
}

/** Nothing where a container may not have that. */
function goesFirst(): string[] {
  const command = ['chrt', '--fifo', '1'];
  first ??= spawnSync('chrt', ['--fifo', '1', 'true']).status === 0;
  return first ? command : [];
}
let first: boolean | undefined;

/** `-V ''` leaves option 60 out. */
function optionsOf({ hostname, vendorClass = '' }: BmcFacts): string[] {
  return ['-V', vendorClass, ...(hostname === undefined ? [] : ['-x', `hostname:${hostname}`])];
}
