import { type DhcpServer, dhcpServers, type LeaseEvent, parseLeaseEvent } from '../../core/lease.ts';

/**
 * A hook's call as the server made it, bytes and all: what the shell stub and the binary hook write.
 *
 * Its line: `call1`, then after a tab each: who called (`isc`, `kea`, `dnsmasq` or nothing), when, and fields. When is two: the kernel's boot id and
 * its uptime in seconds, which is all that a shell can tell without starting a program, or `epoch` and the seconds since 1970. A field is `:` and an
 * argument, or `+NAME=` and a variable's value; in it `\\`, `\t` and `\n` stand for the bytes that would break the line.
 */
export type HookCall = {
  readonly from: DhcpServer | undefined;
  readonly args: readonly Uint8Array[];
  readonly env: ReadonlyMap<string, Uint8Array>;
  /** Milliseconds since 1970; nothing when it is of an earlier boot of this machine, or of another one. */
  readonly at: number | undefined;
};

export type SpoolRecord =
  | { readonly event: LeaseEvent }
  | { readonly call: HookCall }
  | { readonly unreadable: string };

/** The clock of this machine, as the shell stub can read it without starting a program. */
export type Boot = { readonly id: string; readonly startedAtMs: number };

export function readRecord(line: Uint8Array, boot: Boot): SpoolRecord {
  if (line[0] === brace) {
    const event = parseLeaseEvent(new TextDecoder().decode(line));
    return typeof event === 'string' ? { unreadable: event } : { event };
  }
  const [mark, from, bootId, uptime, ...fields] = splitAt(line, tab);
  const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
  if (text(mark) !== 'call1' || uptime === undefined)
    return { unreadable: 'it is neither an event nor a call of a hook' };
  const args: Uint8Array[] = [];
  const env = new Map<string, Uint8Array>();
  for (const field of fields.map(unescaped)) {
    if (field[0] === colon) args.push(field.subarray(1));
    const equals = field.indexOf(equalsSign);
    if (field[0] === plus && equals > 1) env.set(text(field.subarray(1, equals)), field.subarray(equals + 1));
  }
  return {
    call: {
      from: dhcpServers.find(server => server === text(from)),
      args,
      env,
      at: momentOf(text(bootId), text(uptime), boot),
    },
  };
}

function momentOf(clock: string, seconds: string, boot: Boot): number | undefined {
  if (clock !== 'epoch' && (clock === '' || clock !== boot.id)) return undefined;
  const ms = Math.round((clock === 'epoch' ? 0 : boot.startedAtMs) + Number(seconds) * 1000);
  return seconds !== '' && Number.isFinite(ms) ? ms : undefined;
}

const [tab, newline, backslash, colon, plus, equalsSign, brace] = [9, 10, 92, 58, 43, 61, 123];
/** What stands behind a backslash, and for which byte: `\\`, `\t`, `\n`. */
const bytesOf = new Map([
  [backslash, backslash],
  [116, tab],
  [110, newline],
]);

function unescaped(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(backslash)) return bytes;
  const plain: number[] = [];
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    const stands = byte === backslash ? bytesOf.get(bytes[i + 1] ?? 0) : undefined;
    plain.push(stands ?? byte);
    if (stands !== undefined) i += 1;
  }
  return Uint8Array.from(plain);
}

function splitAt(bytes: Uint8Array, separator: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = bytes.indexOf(separator); at >= 0; at = bytes.indexOf(separator, from)) {
    parts.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return [...parts, bytes.subarray(from)];
}
