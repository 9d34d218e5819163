import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { BmcFacts } from './bmc.ts';
import { ipBatch } from './namespace.ts';
import type { BmcNet, Port } from './net.ts';
import { type Running, startInside } from './process.ts';
import { until } from './until.ts';

/** Many BMCs in one namespace, each with its own MAC, hostname and vendor class. */
export type ManyBmcs = {
  /** Power comes, for the first time or again, and all have an address. Their clients ask every second, and end with that. */
  powerOn(wish?: PowerOnWish): Promise<PoweredOn>;
};

export type PowerOnWish = {
  /** One after another over so long a time; else as fast as this machine starts clients. */
  readonly withinMs?: number;
  readonly timeoutMs?: number;
};

export type PoweredOn = {
  /** MAC in lower case → address. */
  readonly addresses: ReadonlyMap<string, string>;
  /** From the first client's start to the last one's lease. */
  readonly tookMs: number;
};

/**
 * Many BMCs with a udhcpc each. (perfdhcp cannot be that: its `-M` takes MACs of a list at random and not each once, and all its clients have one name.)
 */
export async function openManyBmcs(
  net: BmcNet,
  bmcs: readonly BmcFacts[],
  { behindRelay = false }: { readonly behindRelay?: boolean } = {},
): Promise<ManyBmcs> {
  const port = await net.plugIn({ behindRelay });
  await ipBatch(
    port.namespace,
    bmcs.flatMap(({ mac }, i) => macvlan(port.device, nameOf(i), mac)),
  );
  const script = join(net.folder, `${port.namespace}.sh`);
  await writeFile(script, eventScript, { mode: 0o755 });
  return { powerOn: wish => powerOn(net, port, script, bmcs, wish) };
}

async function powerOn(
  net: BmcNet,
  { namespace }: Port,
  script: string,
  bmcs: readonly BmcFacts[],
  { withinMs = 0, timeoutMs = 60_000 }: PowerOnWish = {},
): Promise<PoweredOn> {
  const macs = new Map(bmcs.map(({ mac }, i) => [nameOf(i), mac.toLowerCase()]));
  const addresses = new Map<string, string>();
  const since = performance.now();
  const clients = startInside({
    namespace,
    command: ['sh', '-c', startClients, 'sh', script],
    folder: net.folder,
    logFile: `${script}.log`,
    stdin: 'pipe',
    onLine(line) {
      const [client = '', address = ''] = line.split(' ');
      addresses.set(macs.get(client) ?? client, address);
    },
  });
  await startEach(clients, bmcs, withinMs);
  const missing = () => bmcs.length - addresses.size;
  await until(() => missing() === 0 || undefined, `all of ${bmcs.length} BMCs have addresses`, timeoutMs).catch(
    error => {
      throw new Error(`${error.message}; ${missing()} have none`);
    },
  );
  return { addresses, tookMs: performance.now() - since };
}

async function startEach({ child }: Running, bmcs: readonly BmcFacts[], withinMs: number): Promise<void> {
  // Who closes the network while they start ends them, and the missing addresses are what is told then.
  child.stdin?.on('error', () => {});
  const since = performance.now();
  for (const [i, { hostname = '', vendorClass = '' }] of bmcs.entries()) {
    const waitMs = since + (withinMs * i) / bmcs.length - performance.now();
    if (waitMs > 0) await pause(waitMs);
    child.stdin?.write(`${[nameOf(i), hostname, vendorClass].join('\x1f')}\n`);
  }
  child.stdin?.end();
}

function nameOf(i: number): string {
  return `bmc${i}`;
}

/** Private: what one BMC broadcasts goes to the server and not to the six hundred others. */
function macvlan(device: string, name: string, mac: string): string[] {
  return [`link add link ${device} name ${name} address ${mac} type macvlan mode private`, `link set ${name} up`];
}

/** No address for the interface: that would be six hundred times two more processes. */
const eventScript = `#!/bin/sh
[ "$1" != bound ] || echo "$interface $ip"
`;

/** The unit separator is between fields, any of which may be empty. */
const startClients = `unit=$(printf '\\037')
while IFS="$unit" read -r client hostname class; do
  udhcpc -f -q -i "$client" -s "$1" -t 100 -T 1 -A 1 -V "$class" \${hostname:+-x "hostname:$hostname"} 2>/dev/null &
done
wait
`;
