import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DhcpServer } from '../../../src/core/lease.ts';
import type { BmcNet } from './net.ts';
import { type Running, startInside } from './process.ts';
import type { AddressRange } from './segments.ts';

export type ServerWish = {
  /** How long a lease lasts. dnsmasq makes two minutes of less. */
  readonly leaseSeconds: number;
  /** What it hands out on the segment of BMCs. */
  readonly range?: AddressRange;
  /** An executable file, called as the server is usually told to call one. */
  readonly hook?: string;
  /** Instead of `hook`: text of the server's own kind, put in its place into the configuration. */
  readonly fragment?: string;
  /** Variables of the server's process, which dhcpd and dnsmasq hand on to their hooks. */
  readonly env?: Readonly<Record<string, string>>;
};

/** A real server inside a network. It answers when this is there. */
export type RunningServer = {
  readonly server: DhcpServer;
  readonly folder: string;
  readonly configFile: string;
  readonly leaseFile: string;
  /** Of the process that runs now. */
  pid(): number;
  /** All that it has said, before restarts too. */
  log(): string;
  /** Ends it, if it runs, and starts it with the leases that it has; `change` is what is configured anew. */
  restart(change?: Partial<ServerWish>): Promise<void>;
  /** Ends it; `restart` starts it again. Hooks that run go on. */
  stop(signal?: NodeJS.Signals): Promise<void>;
};

/** What is particular about a server. */
export type ServerKind = {
  readonly server: DhcpServer;
  readonly configFile: string;
  readonly leaseFile: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  configuration(wish: ServerWish): string;
  /** What it says when its sockets are open: from then on the kernel keeps for it what arrives. */
  readonly ready: RegExp;
  /** What it says when it runs and yet will not serve. */
  readonly broken?: RegExp;
};

/** A folder of a server's own in its network's. */
export async function makeServerFolder(net: BmcNet, server: string): Promise<string> {
  servers += 1;
  const folder = join(net.folder, `${server}-${servers}`);
  await mkdir(folder);
  return folder;
}
let servers = 0;

export async function startServer(
  net: BmcNet,
  folder: string,
  first: ServerWish,
  kind: ServerKind,
): Promise<RunningServer> {
  let wish = first;
  const start = async (): Promise<Running> => {
    await writeFile(kind.configFile, kind.configuration(wish));
    const running = startInside({
      namespace: net.server.namespace,
      command: kind.command,
      folder,
      logFile: join(folder, 'log'),
      env: { ...kind.env, ...wish.env },
    });
    const words = await running.untilSays(kind.ready);
    if (kind.broken?.test(words)) throw new Error(`${kind.server} does not serve:\n${words}`);
    return running;
  };
  let running = await start();
  return {
    server: kind.server,
    folder,
    configFile: kind.configFile,
    leaseFile: kind.leaseFile,
    pid: () => running.pid,
    log: () => running.log(),
    async restart(change = {}) {
      await running.stop();
      wish = { ...wish, ...change };
      running = await start();
    },
    stop: signal => running.stop(signal),
  };
}
