import { addressText, parseAddress } from './address.ts';
import { type Mac, parseMac } from './mac.ts';

/** What a DHCP server did with an address. A renewal is a grant like the first one: it says the same, until later. */
export const leaseKinds = ['granted', 'released', 'expired', 'declined'] as const;
export type LeaseKind = (typeof leaseKinds)[number];

/** How bmtool came to know: called by the server, off the wire, out of its lease file, or made up for the lab. */
export const leaseWays = ['hook', 'tap', 'follow', 'replay'] as const;
export type LeaseWay = (typeof leaseWays)[number];

export const dhcpServers = ['isc', 'kea', 'dnsmasq'] as const;
export type DhcpServer = (typeof dhcpServers)[number];

/** One thing that a DHCP server said about one client. What it did not say is left out, never empty. */
export type Lease = {
  /** ISO 8601, UTC: when it happened, as far as the source tells. */
  readonly time: string;
  /** What the server did; a renewal is granted, too. */
  readonly kind: LeaseKind;
  readonly mac: Mac;
  /** IPv4, without a mask: `10.20.0.5` */
  readonly address: string;
  /** Option 12, as the client says it; Kea hands it on in lower case. */
  readonly hostname?: string;
  /** Option 60. */
  readonly vendorClass?: string;
  /** Option 61, hex bytes: `01:94:40:c9:00:00:01` */
  readonly clientId?: string;
  /** The address of the relay (giaddr). */
  readonly relay?: string;
  /** Option 82, sub-option 1: as text where it is text, else hex bytes with colons. */
  readonly circuitId?: string;
  /** Option 82, sub-option 2, in the same way. */
  readonly remoteId?: string;
  /** How long the address is given for. */
  readonly leaseSeconds?: number;
  /** Who told of it. */
  readonly source: LeaseSource;
};

export type LeaseSource = {
  /** How bmtool came to know. */
  readonly way: LeaseWay;
  /** Not known to a tap. */
  readonly server?: DhcpServer;
  /** The machine that saw it. */
  readonly host: string;
};

/** What a server's BMC would be given, were it powered on now. */
export type FleetLease = {
  readonly device: string;
  readonly serial: string;
  readonly mac: Mac;
  readonly address: string;
};

export const leaseEventType = 'io.bmtool.dhcp.lease.v1';
export const leaseEventSchema = 'urn:bmtool:schema:dhcp-lease:v1';

/** A lease as CloudEvents 1.0 has it (JSON format, structured mode): what travels through spool, Redis and, one day, Kafka. */
export type LeaseEvent = {
  /** The version of CloudEvents. */
  readonly specversion: '1.0';
  /** What the event is. */
  readonly type: typeof leaseEventType;
  /** `/dhcp/<host>/<server or way>` */
  readonly source: string;
  /** The same for the same fact seen twice; see `leaseEvent`. */
  readonly id: string;
  /** ISO 8601, UTC: when it happened. */
  readonly time: string;
  /** The MAC that the lease is about. */
  readonly subject: Mac;
  /** What `data` is written in. */
  readonly datacontenttype: 'application/json';
  /** The name of its JSON Schema: `bmtool schema dhcp-lease.v1`. */
  readonly dataschema: typeof leaseEventSchema;
  /** The lease. */
  readonly data: Lease;
};

/**
 * The event that tells of a lease. A fact is "this client has this address until then": its id is made of just that, so that Kea's two or three
 * calls for one packet, a restart of dnsmasq that tells every lease again, and a hook beside a lease file give one id.
 *
 * @param endsAt when the lease ends by the server's own word, seconds since 1970; where it gives none, `time` and `leaseSeconds` do
 */
export function leaseEvent(lease: Lease, endsAt?: number): LeaseEvent {
  const { kind, mac, address, source, time } = lease;
  const ends = endsAt ?? Math.floor(Date.parse(time) / 1000) + (lease.leaseSeconds ?? 0);
  return {
    specversion: '1.0',
    type: leaseEventType,
    source: `/dhcp/${encodeURIComponent(source.host)}/${source.server ?? source.way}`,
    id: `${kind}/${mac}/${address}/${ends}`,
    time,
    subject: mac,
    datacontenttype: 'application/json',
    dataschema: leaseEventSchema,
    data: lease,
  };
}

/** Reads an event that came from outside; a text says why it is none. Fields that bmtool does not know are dropped. */
export function parseLeaseEvent(text: string): LeaseEvent | string {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  if (!isRecord(read)) return 'it is no JSON object';
  const { specversion, type, id, source } = read;
  if (specversion !== '1.0') return 'it is no CloudEvent 1.0';
  if (type !== leaseEventType) return `its type is not ${leaseEventType}`;
  if (!isText(id) || !isText(source)) return 'it has no id or no source';
  const lease = readLease(read.data);
  return typeof lease === 'string'
    ? lease
    : { ...leaseEvent(lease), id: cleanText(id) ?? '', source: cleanText(source) ?? '' };
}

function readLease(data: unknown): Lease | string {
  if (!isRecord(data)) return 'it has no data';
  const { kind, mac, address, time, leaseSeconds, source } = data;
  const isOne = <T extends string>(all: readonly T[], value: unknown): value is T => all.includes(value as T);
  if (!isOne(leaseKinds, kind)) return `its kind is none of ${leaseKinds.join(', ')}`;
  const reading = parseMac(isText(mac) ? mac : '');
  if (!reading.ok) return reading.reason;
  const ip = isText(address) ? parseAddress(address) : undefined;
  if (ip?.family !== 4 || ip.length !== 32) return 'its address is no IPv4 address';
  if (!isText(time) || !isMoment(time)) return 'its time is none';
  if (!isRecord(source) || !isOne(leaseWays, source.way) || !isText(source.host)) return 'its data has no source';
  const { way, host, server } = source;
  const words = ['hostname', 'vendorClass', 'clientId', 'relay', 'circuitId', 'remoteId'] as const;
  return {
    time,
    kind,
    mac: reading.mac,
    address: addressText(ip),
    ...Object.fromEntries(
      words.flatMap(name => {
        const text = isText(data[name]) ? cleanText(data[name]) : undefined;
        return text === undefined ? [] : [[name, text]];
      }),
    ),
    ...(Number.isSafeInteger(leaseSeconds) && Number(leaseSeconds) >= 0 ? { leaseSeconds: Number(leaseSeconds) } : {}),
    source: { way, ...(isOne(dhcpServers, server) ? { server } : {}), host },
  };
}

/** No option of DHCP is longer, unless it was put together from parts. */
const longestText = 255;

/**
 * Text that a client or a relay chose, out of its bytes: without the NULs that some put at its end, and with `�` for what is no UTF-8 or
 * would move a terminal's cursor. Nothing when nothing is left.
 */
export function textOf(bytes: Uint8Array): string | undefined {
  // Nearly all of it is printable already, and a tap reads millions.
  if (isPrintable(bytes))
    return Reflect.apply(String.fromCharCode, String, bytes.subarray(0, longestText)) || undefined;
  return cleanText(new TextDecoder().decode(bytes));
}

function cleanText(text: string): string | undefined {
  const clean = text.replace(/\0+$/, '').replaceAll(/\p{C}/gu, '\ufffd');
  return clean.slice(0, longestText).toWellFormed() || undefined;
}

/** Bytes as dhcpd, Kea and dnsmasq print client ids: `01:94:40:c9:00:00:01`. Nothing for none. */
export function hexOf(bytes: Uint8Array): string | undefined {
  let hex = '';
  for (const byte of bytes.subarray(0, longestText)) hex += hex === '' ? hexBytes[byte] : `:${hexBytes[byte]}`;
  return hex || undefined;
}

const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Text where every byte is printable ASCII, else hex: ids of circuits are either. */
export function textOrHexOf(bytes: Uint8Array): string | undefined {
  return isPrintable(bytes) ? textOf(bytes) : hexOf(bytes);
}

function isPrintable(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte < 0x20 || byte > 0x7e) return false;
  return true;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isMoment(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
