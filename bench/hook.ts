import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stubText } from '../src/features/leases/stub.ts';
import { program } from './lab.ts';
import { measure, median } from './measure.ts';
import type { Bench, Figure } from './report.ts';

/** Each command so often, in turns, so that a machine that gets slower is slow for all of them. */
const rounds = 100;
/** Calls that follow each other as dhcpd's and dnsmasq's do. */
const burst = 200;

/** What a DHCP server waits for: the shell stub under each shell and the binary hook, beside the least that a program and a Node can take. */
export async function benchHook({ options }: Bench): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bmtool-bench-hook-'));
  const spool = join(folder, 'spool');
  const stub = join(folder, 'dhcp-hook');
  writeFileSync(stub, stubText(spool), { mode: 0o755 });
  const hook = [process.execPath, program, 'dhcp', 'hook', '--spool', spool];
  const commands: Readonly<Record<string, readonly string[]>> = {
    true: ['/bin/true'],
    dash: ['/usr/bin/dash', stub, ...call],
    busybox: ['/usr/bin/busybox', 'sh', stub, ...call],
    bash: ['/usr/bin/bash', '--posix', stub, ...call],
    node: [process.execPath, '-e', '0'],
    binary: [...hook, ...call],
  };
  try {
    const { stdout, stderr, exitCode } = await measure(
      'python3',
      ['-c', inTurns, JSON.stringify(commands), String(options.rounds ?? rounds), String(burst)],
      { env: { XDG_CACHE_HOME: folder } },
    );
    if (exitCode !== 0) throw new Error(stderr);
    const taken = JSON.parse(stdout) as { ms: Record<string, number[]>; perSecond: Record<string, number> };
    checkSpool(join(spool, 'inbox'), Object.values(taken.ms), options.rounds ?? rounds);
    return figuresOf(taken);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const call =
  'commit 10.20.0.5 1:94:40:c9:1:2:a ILOMXQ1111111 CPQRIB3 1:94:40:c9:1:2:a 0.0.0.0 64:6e:30 (none) 600'.split(' ');

function figuresOf({ ms, perSecond }: { ms: Record<string, number[]>; perSecond: Record<string, number> }): Figure[] {
  const medianOf = (name: string) => median(ms[name] ?? []);
  const rate = (name: string) => `${(perSecond[name] ?? 0).toFixed(0)} calls/s one after the other`;
  const p95 = (name: string) =>
    [...(ms[name] ?? [])].sort((a, b) => a - b)[Math.floor((ms[name]?.length ?? 0) * 0.95)] ?? 0;
  const shells = ['dash', 'busybox', 'bash'].filter(name => ms[name] !== undefined);
  const ratio = median((ms.binary ?? []).map((each, i) => each / (ms.node?.[i] ?? Number.NaN)));
  return [
    { what: '`/bin/true`, start to exit', measured: `${medianOf('true').toFixed(1)} ms`, goal: '', met: undefined },
    ...shells.map(name => ({
      what: `the shell hook under ${name}, start to exit`,
      measured: `${medianOf(name).toFixed(1)} ms (95 of 100 under ${p95(name).toFixed(1)}), ${rate(name)}`,
      goal: 'under 5 ms',
      met: medianOf(name) < 5,
    })),
    { what: '`node -e 0`', measured: `${medianOf('node').toFixed(1)} ms`, goal: '', met: undefined },
    {
      what: 'the binary hook, start to exit',
      measured: `${medianOf('binary').toFixed(1)} ms, ${ratio.toFixed(2)} × \`node -e 0\` pair by pair, ${rate('binary')}`,
      goal: 'at most 1.25 ×',
      met: ratio <= 1.25,
    },
  ];
}

/** A hook that keeps nothing would be the quickest. */
function checkSpool(inbox: string, measured: readonly (readonly number[])[], turns: number): void {
  const kept = readFileSync(inbox, 'latin1')
    .split('\n')
    .filter(line => line.startsWith('call1')).length;
  // `/bin/true` and `node -e 0` keep nothing; the first turn of each was not counted.
  const made = (measured.length - 2) * (turns + 1 + burst);
  if (kept !== made) throw new Error(`${kept} of ${made} calls were kept`);
}

/** Python, because its posix_spawn takes a tenth of what Node's spawn does: the measure must not be longer than what is measured. */
const inTurns = `
import json, os, sys, time
commands, rounds, burst = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
commands = {name: words for name, words in commands.items() if os.path.exists(words[0])}
def run(words):
    began = time.perf_counter()
    code = os.waitpid(os.posix_spawn(words[0], words, os.environ), 0)[1]
    if code != 0: sys.exit(f"{words} ended with {code}")
    return (time.perf_counter() - began) * 1000
for words in commands.values(): run(words)
ms = {name: [] for name in commands}
for _ in range(rounds):
    for name, words in commands.items(): ms[name].append(run(words))
per_second = {}
for name, words in commands.items():
    began = time.perf_counter()
    for _ in range(burst): run(words)
    per_second[name] = burst / (time.perf_counter() - began)
time.sleep(0.5)
print(json.dumps({"ms": ms, "perSecond": per_second}))
`;
