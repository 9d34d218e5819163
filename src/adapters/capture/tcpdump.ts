import { type ChildProcess, spawn } from 'node:child_process';
import { tcpdumpFailure } from './tcpdump-failure.ts';

/** tcpdump at work on an interface. */
export type Listening = {
  /** The capture that it writes. Throws `Failure` when it ends by itself; ends when it is stopped. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** How many packets the kernel had no room for, as far as tcpdump has said: it does when it ends. */
  dropped(): number | undefined;
  /** Ends it, however it stands. */
  stop(): Promise<void>;
};

const dhcp = 'udp and (port 67 or 68)';
/**
 * `vlan` moves the rest of an expression behind one more tag: no tag, one, two. Where the network card takes the tag off, the plain arm matches.
 * The cooked headers of `-i any` have no VLAN for libpcap, so there the plain arm is all.
 */
const filters = [`(${dhcp}) or (vlan and ${dhcp}) or (vlan and ${dhcp})`, dhcp] as const;

/** What is kept of its talk: it may go on for months. */
const talkLimit = 4096;
/** So long it has to end by itself and say what it counted. */
const patienceMs = 2000;

/**
 * Starts tcpdump, and comes back when it listens. Throws `Failure` when it cannot: see `tcpdumpFailure`.
 *
 * @param path where programs are looked for, before the usual places
 */
export async function listenOn(name: string, path: string, signal: AbortSignal): Promise<Listening> {
  let refusal = '';
  for (const filter of filters) {
    const running = runTcpdump(name, filter, path, signal);
    if (await running.listens) return running;
    await running.stop();
    refusal = running.talk();
    if (!/no VLAN support/i.test(refusal)) break;
  }
  throw tcpdumpFailure(name, refusal);
}

type Running = Listening & { readonly listens: Promise<boolean>; talk(): string };

function runTcpdump(name: string, filter: string, path: string, signal: AbortSignal): Running {
  // --immediate-mode: else the kernel hands packets over up to a second late. -U: else they wait until 4 KB are full. Without -p, so that a
  // mirror port's traffic is seen: it is for others.
  const args = ['-i', name, '-n', '-U', '--immediate-mode', '-s0', '-w', '-', filter];
  const child = spawn('tcpdump', args, {
    env: { LC_ALL: 'C', PATH: `${path}:/usr/sbin:/usr/bin:/sbin:/bin` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let talk = '';
  const ended = new Promise<void>(resolve => {
    child.once('close', () => resolve());
    child.once('error', error => {
      talk += `${(error as NodeJS.ErrnoException).code} ${error.message}`;
      resolve();
    });
  });
  const listens = new Promise<boolean>(resolve => {
    child.stderr.setEncoding('utf8').on('data', text => {
      talk = `${talk}${text}`.slice(-talkLimit);
      if (talk.includes('listening on ')) resolve(true);
    });
    // Nothing is wrong with what was interrupted: it has no packets.
    void ended.then(() => resolve(signal.aborted));
  });
  const stop = stopper(child, ended, signal);
  return {
    listens,
    stop,
    talk: () => talk,
    dropped: () => Number(/(\d+) packets? dropped by kernel/.exec(talk)?.[1] ?? Number.NaN) || undefined,
    chunks: (async function* () {
      try {
        yield* child.stdout as AsyncIterable<Uint8Array>;
        await ended;
        if (!signal.aborted) throw tcpdumpFailure(name, talk);
      } finally {
        await stop();
      }
    })(),
  };
}

/**
 * Ends tcpdump on every way out: when it is asked to, when bmtool is interrupted, and when bmtool ends by itself. tcpdump would notice that
 * nobody reads any more only when the next packet comes.
 */
function stopper(child: ChildProcess, ended: Promise<void>, signal: AbortSignal): () => Promise<void> {
  const killNow = () => void child.kill('SIGKILL');
  const end = () => {
    child.kill('SIGINT');
    const impatient = setTimeout(killNow, patienceMs);
    void ended.then(() => clearTimeout(impatient));
  };
  process.once('exit', killNow);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  return async () => {
    signal.removeEventListener('abort', end);
    if (child.exitCode === null && child.signalCode === null) end();
    child.stdout?.destroy();
    await ended;
    process.removeListener('exit', killNow);
  };
}
