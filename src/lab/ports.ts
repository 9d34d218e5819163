import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { loopback } from './running.ts';
import type { Ports } from './state.ts';
import { waitFor } from './wait.ts';

/** Where bmtool's settings look when nobody says otherwise. */
export const defaultPorts: Ports = { netbox: 8000, redis: 6380, postgres: 5432 };

export function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: loopback, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * A port that nobody listens on now. Below the range from which Linux takes the near ends of outgoing connections (32768 and
 * up): a port from there is often taken again before the service that it was meant for gets to it.
 */
export async function findFreePort(except: ReadonlySet<number> = new Set()): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(20_000, 32_000);
    if (!except.has(port) && (await isFree(port))) return port;
  }
  throw new Error('no free port between 20000 and 32000');
}

/** How long a port that was the lab's own is waited for: what a killed service leaves holds it a moment longer on a busy machine. */
const leftoverMs = 1500;

/**
 * Chooses a port for each service: the one it had, else the default, else (or with `auto`) any free one. Who talks to the lab goes on with the port that
 * it knows, so a former one is only given up when somebody else keeps it.
 *
 * @param held services that run: they keep their ports
 */
export async function choosePorts(wanted: {
  before: Ports | undefined;
  held: ReadonlySet<keyof Ports>;
  auto: boolean;
  signal: AbortSignal;
}): Promise<Ports> {
  const becomesFree = async (port: number) =>
    (await waitFor(async () => (await isFree(port)) || undefined, { timeoutMs: leftoverMs, signal: wanted.signal })) ??
    false;
  const chosen = new Set<number>();
  const choose = async (name: keyof Ports): Promise<number> => {
    const before = wanted.before?.[name];
    if (before !== undefined && (wanted.held.has(name) || (await becomesFree(before)))) return before;
    return !wanted.auto && (await isFree(defaultPorts[name])) ? defaultPorts[name] : findFreePort(chosen);
  };
  // One after another: chance may give one port to two of them.
  const next = async (name: keyof Ports) => {
    const port = await choose(name);
    chosen.add(port);
    return port;
  };
  return { netbox: await next('netbox'), redis: await next('redis'), postgres: await next('postgres') };
}
