import { readdirSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeName, namespaceFolder, sweepLeftovers } from './names.ts';
import { deleteNamespace, makeNamespace, sh } from './namespace.ts';
import { startRelay } from './relay.ts';
import { bmcSegment, relayedSegment, type Segment, secondAddress } from './segments.ts';
import { type Device, isUp, makeBridge, makeCable } from './wiring.ts';

export type NetWish = {
  /** A word in the names of its namespaces, for who looks at `ip netns`. */
  readonly name?: string;
  /** With a second segment behind `dhcrelay -a -m append`. */
  readonly relay?: boolean;
  /** The server's interface gets two addresses, so that Kea answers, and calls its hook, twice. */
  readonly twoAddresses?: boolean;
};

/** Where a client is plugged in: a namespace of its own, with one interface. */
export type Port = Device & { readonly segment: Segment };

export type BmcNet = {
  /** Where servers listen, and where a tap does. */
  readonly server: Device;
  /** Gone with the network. Everybody may look into it: hooks may run as nobody. */
  readonly folder: string;
  /** What a server here has to serve. */
  readonly segments: readonly Segment[];
  /** Makes a port of the server's segment, or of the relay's. `mac` is its interface's, where it matters. */
  plugIn(wish?: { readonly mac?: string; readonly behindRelay?: boolean }): Promise<Port>;
  /** Ends everything that runs inside, hooks too, and leaves nothing behind. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** A network of its own for a test, in namespaces that nobody else has. Sweeps up after dead test processes first. */
export async function openBmcNet({ name = 'net', relay = false, twoAddresses = false }: NetWish = {}): Promise<BmcNet> {
  await sweepLeftovers();
  const prefix = makeName();
  const server = { namespace: `${prefix}-${name}-server`, device: 'br0' };
  const folder = join(tmpdir(), prefix);
  const close = async () => {
    const mine = readdirSync(namespaceFolder).filter(each => each.startsWith(`${prefix}-`));
    await Promise.all(mine.map(deleteNamespace));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await mkdir(folder);
    await chmod(folder, 0o755);
    const addresses = [bmcSegment.gateway, ...(twoAddresses ? [secondAddress] : [])];
    const withMask = addresses.map(address => `${address}/${bmcSegment.prefixLength}`);
    await sh([...makeNamespace(server.namespace), ...makeBridge(server, withMask)]);
    await isUp(server);
    const relayed = relay ? await startRelay(server, `${prefix}-${name}-relay`, folder) : undefined;
    return {
      server,
      folder,
      segments: relay ? [bmcSegment, relayedSegment] : [bmcSegment],
      plugIn: portsOf(`${prefix}-${name}`, server, relayed),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function portsOf(prefix: string, server: Device, relayed: Device | undefined): BmcNet['plugIn'] {
  let ports = 0;
  return async ({ mac, behindRelay = false } = {}) => {
    const bridge = behindRelay ? relayed : server;
    if (bridge === undefined) throw new Error('this network has no relay');
    ports += 1;
    const port = { namespace: `${prefix}-client${ports}`, device: 'eth0' };
    const far = { namespace: bridge.namespace, device: `port${ports}` };
    await sh([...makeNamespace(port.namespace), ...makeCable(port, bridge, far.device, mac)]);
    await Promise.all([port, far].map(isUp));
    return { ...port, segment: behindRelay ? relayedSegment : bmcSegment };
  };
}
