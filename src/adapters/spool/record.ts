import { type DhcpServer, dhcpServers, type LeaseEvent, parseLeaseEvent } from '../../core/lease.ts';

/**
 * A hook's call as the server made it, bytes and all: what the shell stub writes, and the binary hook when it cannot make an event of it.
 *
 * Its line: `call1`, then after a tab each: who called (`isc`, `kea`, `dnsmasq` or nothing), the kernel's boot id, its uptime in seconds, and
 * fields: `:` and an argument, or `+NAME=` and a variable's value. In fields `\\`, `\t` and `\n` stand for the bytes that would break the line.
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
  const seconds = Number(text(uptime));
  const isNow = text(bootId) === boot.id && text(uptime) !== '' && Number.isFinite(seconds);
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
      at: isNow ? Math.round(boot.startedAtMs + seconds * 1000) : undefined,
    },
  };
}

/** The line of a call, for `appendRecord`. */
export function callLine(call: Omit<HookCall, 'at'>, boot: { id: string; uptimeSeconds: number }): Uint8Array {
  const fields = [
    ...call.args.map(value => Buffer.concat([Buffer.from(':'), escaped(value)])),
    ...[...call.env].map(([name, value]) => Buffer.concat([Buffer.from(`+${name}=`), escaped(value)])),
  ];
  const head = Buffer.from(`call1\t${call.from ?? ''}\t${boot.id}\t${boot.uptimeSeconds}`);
  return Buffer.concat([head, ...fields.flatMap(field => [Buffer.from('\t'), field])]);
}

const [tab, newline, backslash, colon, plus, equalsSign, brace] = [9, 10, 92, 58, 43, 61, 123];
const letters: Readonly<Record<number, number>> = { [backslash]: backslash, [tab]: 116, [newline]: 110 };
const bytesOf = new Map(Object.entries(letters).map(([byte, letter]) => [letter, Number(byte)]));

function escaped(bytes: Uint8Array): Buffer {
  return Buffer.from([...bytes].flatMap(byte => (byte in letters ? [backslash, letters[byte] ?? byte] : [byte])));
}

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
