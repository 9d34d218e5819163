import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clientScript } from './client-script.ts';
import { endProcesses, sh } from './namespace.ts';
import type { BmcNet, Port } from './net.ts';
import { type Running, startInside } from './process.ts';
import { until } from './until.ts';

/** A BMC as a DHCP server sees it. */
export type BmcFacts = {
  readonly mac: string;
  /** Option 12. */
  readonly hostname?: string;
  /** Option 60. */
  readonly vendorClass?: string;
};

/** A real DHCP client that poses as a BMC, alone in a namespace. */
export type Bmc = {
  readonly mac: string;
  readonly port: Port;
  /** Power comes: asks until it has an address, which it gives back. `ask`: for a certain one (option 50). */
  boot(wish?: { readonly ask?: string }): Promise<string>;
  /** Asks its server for more time, and gives back what it then has. */
  renew(): Promise<string>;
  /** Gives its address back. Comes back when that is sent, which nobody answers. */
  release(): Promise<void>;
  /** The power is cut: the server hears nothing of it. */
  powerOff(): Promise<void>;
  /** Power goes and comes. udhcpc starts as it did at first; dhclient asks whether it may keep what it had (INIT-REBOOT). */
  reboot(): Promise<string>;
  /** What the client said of itself. */
  log(): string;
};

/** What differs between the clients. */
export type ClientKind = {
  command(at: Place & { readonly ask?: string }): Promise<string[]>;
  /** `untilRenewed`: when its script was told that it has its address for longer. */
  renew(client: Running, at: Place, untilRenewed: () => Promise<unknown>): Promise<unknown>;
  /** `untilUnbound`: when it was told that there is none. */
  release(client: Running, at: Place, untilUnbound: () => Promise<unknown>): Promise<unknown>;
};
export type Place = { readonly port: Port; readonly folder: string; readonly script: string };

export type PlugWish = { readonly behindRelay?: boolean };

let bmcs = 0;

export async function openClient(net: BmcNet, { mac }: BmcFacts, kind: ClientKind, wish: PlugWish = {}): Promise<Bmc> {
  bmcs += 1;
  const folder = join(net.folder, `bmc-${bmcs}`);
  const [script, logFile] = [join(folder, 'script.sh'), join(folder, 'log')];
  await mkdir(folder);
  await writeFile(script, clientScript);
  await chmod(script, 0o755);
  const port = await net.plugIn({ mac, ...wish });
  const { namespace, device } = port;
  const heard: { readonly event: string; readonly address: string }[] = [];
  let client: Running | undefined;

  const next = (from: number, events: readonly string[]) =>
    until(() => heard.slice(from).find(({ event }) => events.includes(event)), `${mac} is ${events.join(' or ')}`);
  const running = (): Running => {
    if (client === undefined) throw new Error(`the BMC ${mac} has no power`);
    return client;
  };
  const powerOff = async () => {
    const last = client;
    client = undefined;
    // With a script of its that runs, which would give the interface an address yet.
    await endProcesses(namespace);
    await last?.stop('SIGKILL');
    await sh([`ip -n ${namespace} address flush dev ${device}`]);
  };
  const boot = async ({ ask }: { readonly ask?: string } = {}) => {
    await powerOff();
    const from = heard.length;
    const command = await kind.command({ port, folder, script, ...(ask === undefined ? {} : { ask }) });
    const onLine = (line: string) => {
      const [event = '', address = ''] = line.split(' ');
      if (client === own) heard.push({ event, address });
    };
    const own = startInside({ namespace, command, folder, logFile, onLine });
    client = own;
    return (await next(from, ['bound'])).address;
  };
  return {
    mac,
    port,
    boot,
    async renew() {
      const from = heard.length;
      const untilRenewed = () => next(from, ['renewed', 'bound']);
      await kind.renew(running(), { port, folder, script }, untilRenewed);
      return (await untilRenewed()).address;
    },
    async release() {
      const from = heard.length;
      await kind.release(running(), { port, folder, script }, () => next(from, ['unbound']));
    },
    powerOff,
    reboot: () => boot(),
    log: () => running().log(),
  };
}
