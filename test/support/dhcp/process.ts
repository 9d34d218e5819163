import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { systemPath } from './machine.ts';
import { until } from './until.ts';

export type Inside = {
  readonly namespace: string;
  readonly command: readonly string[];
  /** Working directory, and where pid and lock files may be. */
  readonly folder: string;
  /** Gets what it says. A file and no pipe: hooks inherit it and may live longer than who started them. */
  readonly logFile: string;
  /** Beside PATH, and nothing else: hooks of dhcpd and dnsmasq get their server's variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Reads what it says on stdout, which then is not in the log. */
  readonly onLine?: (line: string) => void;
  readonly stdin?: 'pipe';
};

export type Running = {
  /** Of the program itself: `ip netns exec` becomes it. */
  readonly pid: number;
  readonly child: ChildProcess;
  /** All that is in its log, of earlier runs too. */
  log(): string;
  /** Waits until it says something after its start, and gives all that it has said since; throws with that when it ends before. */
  untilSays(marker: RegExp): Promise<string>;
  /** Asks it to end, and kills it when it does not. Comes back when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
};

/** Starts a program inside a namespace and leaves it running. */
export function startInside({ namespace, command, folder, logFile, env = {}, onLine, stdin }: Inside): Running {
  const log = openSync(logFile, 'a');
  const said = () => readFileSync(logFile, 'utf8');
  const before = said().length;
  const child = spawn('ip', ['netns', 'exec', namespace, ...command], {
    cwd: folder,
    env: { PATH: systemPath, ...env },
    stdio: [stdin ?? 'ignore', onLine ? 'pipe' : log, log],
  });
  closeSync(log);
  if (onLine) readLines(child, onLine);
  const ended = new Promise<true>(resolve =>
    child.once('exit', () => resolve(true)).once('error', () => resolve(true)),
  );
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  return {
    pid: child.pid ?? 0,
    child,
    log: said,
    untilSays: marker =>
      until(() => {
        const words = said().slice(before);
        if (marker.test(words)) return words;
        if (isOver) throw new Error(`${command[0]} ended before it was ready:\n${words}`);
        return undefined;
      }, `${command[0]} says ${marker}`),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await until(() => isOver || undefined, `${command[0]} ends`, 5000).catch(() => child.kill('SIGKILL'));
      await ended;
    },
  };
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
}
