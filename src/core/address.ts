/** An IPv4 or IPv6 address as a number, with the length of its mask: 32 or 128 where none was written. */
export type Address = { readonly family: 4 | 6; readonly value: bigint; readonly length: number };

/** A network: its first address and the length of its mask. */
export type Prefix = Address;

const bits = { 4: 32, 6: 128 } as const;

/** Reads `10.20.0.5`, `10.20.0.5/22`, `2001:db8::5/64`; nothing for what is no address. */
export function parseAddress(text: string): Address | undefined {
  const [bare = '', mask, ...rest] = text.trim().split('/');
  const family = bare.includes(':') ? 6 : 4;
  const value = family === 4 ? parseV4(bare) : parseV6(bare);
  if (value === undefined || rest.length > 0) return undefined;
  if (mask === undefined) return { family, value, length: bits[family] };
  return /^\d{1,3}$/.test(mask) && Number(mask) <= bits[family] ? { family, value, length: Number(mask) } : undefined;
}

/** Reads a network; nothing for an address inside one (`10.20.0.5/22`) or one without a mask. */
export function parsePrefix(text: string): Prefix | undefined {
  const address = text.includes('/') ? parseAddress(text) : undefined;
  return address && address.value === networkOf(address) ? address : undefined;
}

/** `10.20.0.5`, `2001:db8::5`: without the mask, IPv6 as RFC 5952 wants it. */
export function addressText({ family, value }: Pick<Address, 'family' | 'value'>): string {
  return family === 4 ? groupsOf(value, 4, 8n).join('.') : textV6(groupsOf(value, 8, 16n));
}

export function isInside(address: Pick<Address, 'family' | 'value'>, prefix: Prefix): boolean {
  return address.family === prefix.family && networkOf({ ...prefix, value: address.value }) === prefix.value;
}

/**
 * The first and the last address of a prefix that an interface can have, both included. NetBox refuses the network's own address and IPv4's broadcast
 * address, but for /31, /32, /127 and /128 (IPAddress.clean and Prefix.get_available_ips, NetBox 4.7).
 */
export function hostsOf({ family, value, length }: Prefix): { first: bigint; last: bigint } {
  const last = value + (1n << BigInt(bits[family] - length)) - 1n;
  if (length >= bits[family] - 1) return { first: value, last };
  return { first: value + 1n, last: family === 4 ? last - 1n : last };
}

function networkOf({ family, value, length }: Address): bigint {
  const host = BigInt(bits[family] - length);
  return (value >> host) << host;
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map(half => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!groups.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function groupsOf(value: bigint, count: number, width: bigint): number[] {
  return Array.from({ length: count }, (_, i) =>
    Number((value >> (width * BigInt(count - 1 - i))) & ((1n << width) - 1n)),
  );
}

/** The longest run of zeros, the first of several, becomes `::`; a single zero does not (RFC 5952 4.2). */
function textV6(groups: readonly number[]): string {
  const words = groups.map(group => group.toString(16));
  let best = { from: 0, length: 1 };
  for (let from = 0; from < 8; from += 1) {
    let length = 0;
    while (groups[from + length] === 0) length += 1;
    if (length > best.length) best = { from, length };
  }
  if (best.length < 2) return words.join(':');
  return `${words.slice(0, best.from).join(':')}::${words.slice(best.from + best.length).join(':')}`;
}
