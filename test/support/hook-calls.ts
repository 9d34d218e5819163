import { globSync, readFileSync } from 'node:fs';
import type { HookCall } from '../../src/adapters/spool/record.ts';
import { eventsOfCall } from '../../src/features/leases/calls/events.ts';

/** A hook's call that a real server made, recorded on Debian 12 (dhcpd 4.4.3-P1, Kea 2.2.0, dnsmasq 2.90). */
export type RecordedCall = HookCall & { readonly name: string };

const folder = new URL('../../fixtures/dhcp/calls/', import.meta.url).pathname;

export function recordedCalls(): RecordedCall[] {
  const paths = globSync('**/*.{env,jsonl}', { cwd: folder }).sort();
  return paths.flatMap(path => {
    const text = readFileSync(folder + path, 'utf8');
    if (path.endsWith('.env')) return [readEnvFile(path.replace('.env', ''), text)];
    const lines = text.trim().split('\n');
    return lines.map((line, i) =>
      readJsonLine(`${path.replaceAll(/-(hook|script)-records|\.jsonl/g, '')}#${i + 1}`, line),
    );
  });
}

/** `# …` what the recorder saw, `ARGVn=` arguments, the rest the environment. The moment was not written down. */
function readEnvFile(name: string, text: string): RecordedCall {
  const pairs = text.split('\n').flatMap(line => (/^(?!#)([^=]+)=(.*)$/.exec(line) ?? []).slice(1));
  const args: Uint8Array[] = [];
  const env = new Map<string, Uint8Array>();
  for (let i = 0; i < pairs.length; i += 2) {
    const [key = '', value = ''] = pairs.slice(i, i + 2);
    if (key.startsWith('ARGV')) args.push(Buffer.from(value));
    else env.set(key, Buffer.from(value));
  }
  return { name, from: undefined, args, env, at: undefined };
}

function readJsonLine(name: string, line: string): RecordedCall {
  const { t, argv, env } = JSON.parse(line) as { t: number; argv: string[]; env: Record<string, string> };
  return {
    name,
    from: undefined,
    args: inTodaysOrder(argv).map(bytesOf),
    env: new Map(Object.entries(env).map(([key, value]) => [key, bytesOf(value)])),
    at: Math.round(t * 1000),
  };
}

/** These dhcpd had fragments that tried things out: their arguments are put as bmtool's own fragment has them. */
function inTodaysOrder(argv: readonly string[]): readonly string[] {
  const at = (...places: number[]) => places.map(place => argv[place] ?? '(none)');
  if (argv[0] === 'commit') return at(0, 1, 2, 3, 4, 7, 8, 9, 99, 10);
  return argv[0] === 'commit-relayed' ? ['commit', ...at(1, 2, 6, 99, 99, 3, 4, 5, 99)] : argv;
}

/** Python's surrogateescape: `\udc80` to `\udcff` are bytes that were no UTF-8. */
function bytesOf(text: string): Uint8Array {
  return Buffer.concat(
    [...text].map(char => {
      const code = char.charCodeAt(0);
      return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(char);
    }),
  );
}

/** What a call becomes, on one line. */
export function readingText(call: HookCall, now: number): string {
  const reading = eventsOfCall(call, { host: 'dhcp1', now });
  if (!('events' in reading)) return Object.entries(reading).flat().join(': ');
  return reading.events
    .map(({ id, data }) => {
      const { time, kind: _, mac: __, address: ___, source, ...rest } = data;
      const words = Object.entries(rest).map(([name, value]) => `${name}=${value}`);
      return [id, `at ${Date.parse(time) / 1000}`, source.server, ...words].join(' ');
    })
    .join(' + ');
}
