import { appendRecord, callLine } from './adapters/spool/append.ts';
import type { DhcpServer } from './core/lease.ts';
import { boundedCall, isUseless } from './features/leases/calls/caller.ts';

// Not imported: see adapters/spool/append.ts.
const { readFileSync, writeSync } = process.getBuiltinModule('node:fs');

/**
 * A DHCP server's call → the spool; nothing else, and never an error for the server. `bin/bmtool.js` comes here before anything else of bmtool
 * is loaded: each module costs every lease of the site a third of a millisecond.
 *
 * @returns whether it was one; a person who asks for help, or with an option that is for people, is answered by `main`
 */
export function callHook(): boolean {
  const given = readOptions(rawArguments());
  if (given === undefined) return false;
  if (given.args.length === 0) say('nothing to do: DHCP servers call this, with arguments');
  else if (!isUseless(given)) keep(given);
  return true;
}

/** As it is: the worker makes events of it, or shows to people what it cannot read. Reading here would make every lease wait for half of bmtool. */
function keep({ from, spool, args }: Given): void {
  const folder = spool || spoolFolder(process.env);
  const call = boundedCall({ from, args, env: rawEnvironment(), at: undefined });
  try {
    appendRecord(folder, callLine({ ...call, at: Date.now() }));
  } catch (error) {
    say(`cannot write to the spool ${folder}: ${(error as Error).message}`);
  }
}

/** core/lease.ts's, without loading it. */
const servers: readonly DhcpServer[] = ['isc', 'kea', 'dnsmasq'];

type Given = { from: DhcpServer | undefined; spool: string | undefined; args: readonly Uint8Array[] };

/** Options end where the server's words begin: what comes behind may look like one, and was chosen by somebody's BMC. */
function readOptions(args: readonly Uint8Array[]): Given | undefined {
  const texts = args.map(arg => Buffer.from(arg).toString());
  if (texts[0] !== 'dhcp') return isCallItself(texts) ? { from: undefined, spool: undefined, args } : undefined;
  const values = new Map<string, string>();
  let at = 2;
  for (; texts[at]?.startsWith('-'); at += 1) {
    const [name = '', value] = (texts[at] ?? '').split(/=(.*)/s);
    if (name === '--') break;
    if (!['--from', '--spool', '--spool-dir'].includes(name)) return undefined;
    if (value === undefined) at += 1;
    values.set(name, value ?? texts[at] ?? '');
  }
  const from = servers.find(server => server === values.get('--from'));
  if (values.has('--from') && from === undefined) say(`--from must be one of ${servers.join(', ')}`);
  const begin = texts[at] === '--' ? at + 1 : at;
  return { from, spool: values.get('--spool') ?? values.get('--spool-dir'), args: args.slice(begin) };
}

/** Kea and dnsmasq can be told of a program only, and of no argument: bmtool itself is then their script. */
function isCallItself([word = '', ...more]: readonly string[]): boolean {
  if (word.startsWith('lease')) return more.length === 0;
  return Object.keys(process.env).some(name => name.startsWith('DNSMASQ_'));
}

/** As settings.ts has it, but for `.env`: what lies in a server's working folder is nobody's setting. */
function spoolFolder(env: NodeJS.ProcessEnv): string {
  const state = env.BMTOOL_STATE_DIR || homeState(env);
  return env.BMTOOL_SPOOL_DIR || `${state}/spool`;
}

function homeState({ XDG_STATE_HOME, HOME }: NodeJS.ProcessEnv): string {
  if (XDG_STATE_HOME) return `${XDG_STATE_HOME}/bmtool`;
  return HOME ? `${HOME}/.local/state/bmtool` : '/var/lib/bmtool';
}

/** The bytes as they were given: Node decodes its own as UTF-8, which a hostname need not be. */
function rawArguments(): Uint8Array[] {
  const decoded = process.argv.slice(2);
  const raw = bytesBetweenNuls('/proc/self/cmdline').slice(-decoded.length);
  const isSame = raw.length === decoded.length && raw.every((bytes, i) => bytes.toString() === decoded[i]);
  return isSame ? raw : decoded.map(text => Buffer.from(text));
}

function rawEnvironment(): Map<string, Uint8Array> {
  const raw = bytesBetweenNuls('/proc/self/environ');
  const all =
    raw.length > 0 ? raw : Object.entries(process.env).map(([name, value]) => Buffer.from(`${name}=${value}`));
  return new Map(
    all.map(bytes => {
      const equals = bytes.indexOf('=');
      return [bytes.toString('latin1', 0, equals), bytes.subarray(equals + 1)];
    }),
  );
}

function bytesBetweenNuls(path: string): Buffer[] {
  const parts: Buffer[] = [];
  try {
    const bytes = readFileSync(path);
    for (let from = 0; from < bytes.length; ) {
      const nul = bytes.indexOf(0, from);
      const end = nul < 0 ? bytes.length : nul;
      parts.push(bytes.subarray(from, end));
      from = end + 1;
    }
  } catch {
    // No /proc here: what Node has decoded does for most.
  }
  return parts;
}

/** One line into the server's log, where it has one. Written here and now: a stream would throw later when nobody reads it. */
function say(text: string): void {
  try {
    writeSync(2, `bmtool dhcp hook: ${text.replaceAll(/\p{C}/gu, ' ')}\n`);
  } catch {
    // Nobody listens.
  }
}
