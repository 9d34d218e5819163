/**
 * A unicast IEEE 802 MAC address as NetBox prints it: `AA:BB:CC:DD:EE:FF`. Made only by `parseMac`.
 * @pattern ^([0-9A-F]{2}:){5}[0-9A-F]{2}$
 */
export type Mac = string & { readonly __mac: true };

export type MacReading = { ok: true; mac: Mac } | { ok: false; reason: string };

const notations: readonly RegExp[] = [
  /^(?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i, // 0:1b:21:a:b:c — dhcpd and some suppliers leave out leading zeros
  /^(?:[0-9a-f]{1,2}-){5}[0-9a-f]{1,2}$/i, // 00-1B-21-0A-0B-0C, as Windows prints it
  /^(?:[0-9a-f]{1,2} ){5}[0-9a-f]{1,2}$/i, // 00 1B 21 0A 0B 0C, as on some labels
  /^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/i, // 001b.210a.0b0c, Cisco
  /^[0-9a-f]{6}[-:][0-9a-f]{6}$/i, // 001b21-0a0b0c, HPE pull tags
  /^[0-9a-f]{12}$/i,
];

/**
 * Reads a MAC address in any notation that suppliers use. Refuses what can never be a BMC's own address:
 * malformed text, the all-zero address, and group addresses (I/G bit set, IEEE 802-2014 8.2.2; broadcast is one of them).
 */
export function parseMac(text: string): MacReading {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: false, reason: 'MAC is empty' };
  if (!notations.some(notation => notation.test(trimmed))) {
    return { ok: false, reason: `"${shorten(trimmed)}" is not a MAC address` };
  }
  const mac = toColons(trimmed);
  if (mac === '00:00:00:00:00:00') return { ok: false, reason: `${mac} is the all-zero address, not a real MAC` };
  if (Number.parseInt(mac.slice(0, 2), 16) & 1) {
    return { ok: false, reason: `${mac} is a ${mac === 'FF:FF:FF:FF:FF:FF' ? 'broadcast' : 'multicast'} address` };
  }
  return { ok: true, mac: mac as Mac };
}

/** The first three bytes as six hex digits: what the IEEE registry is keyed by. */
export function ouiOf(mac: Mac): string {
  return mac.slice(0, 8).replaceAll(':', '');
}

/** The address as a whole number below 2^48: a compact key for sets of a million. */
export function macNumber(mac: Mac): number {
  return Number.parseInt(mac.replaceAll(':', ''), 16);
}

function toColons(text: string): string {
  const groups = text.split(/[:\- ]/);
  const hex =
    groups.length === 6 ? groups.map(group => group.padStart(2, '0')).join('') : text.replaceAll(/[.\-:]/g, '');
  return (hex.toUpperCase().match(/../g) ?? []).join(':');
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
