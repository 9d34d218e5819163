import { addressText, parseAddress } from '../../core/address.ts';
import { hexOf, textOf, textOrHexOf } from '../../core/lease.ts';
import { type Mac, parseMac } from '../../core/mac.ts';

/** What a record says about an address. `over`: nobody has it any more; whether by release or expiry, the record does not say. */
export type EntryState = 'granted' | 'released' | 'expired' | 'declined' | 'over';

/** One record of a lease file. What it does not say is left out. Times are seconds since 1970. */
export type LeaseEntry = {
  readonly address: string;
  readonly state: EntryState;
  /** Gone from the record of an address that was declined (dhcpd, Kea). */
  readonly mac?: Mac;
  /** 0: never. */
  readonly endsAt?: number;
  /** When the server last dealt with the client. */
  readonly touchedAt?: number;
  readonly leaseSeconds?: number;
  readonly hostname?: string;
  readonly vendorClass?: string;
  readonly clientId?: string;
  readonly relay?: string;
  readonly circuitId?: string;
  readonly remoteId?: string;
};

/** A part of a lease file, one character a byte, so that places in it are places in the file. */
export type Bytes = string;

export type Reading = {
  /** In the order of the file. */
  readonly entries: readonly LeaseEntry[];
  /** How many bytes were whole records: what comes behind them is torn, or still being written. */
  readonly used: number;
};

/** More bytes than any record has: what is longer is no record, and passed over. */
export const longestRecord = 65_536;

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Fields that are there, for spreading into an entry: absent ones leave no key. */
export function present<T extends object>(fields: T): Present<T> {
  const there: Present<T> = {};
  for (const name in fields) if (fields[name] !== undefined) there[name] = fields[name] as Present<T>[typeof name];
  return there;
}

const plainAddress = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** IPv4, in one notation; nothing for IPv6 and for what is no address. */
export function addressOf(text: string): string | undefined {
  if (plainAddress.test(text)) return text; // nearly all of them, and there are many
  const address = text.length <= 15 ? parseAddress(text) : undefined;
  return address?.family === 4 && address.length === 32 ? addressText(address) : undefined;
}

export function macOf(text: string): Mac | undefined {
  const reading = text.length <= 17 ? parseMac(text) : undefined;
  return reading?.ok ? reading.mac : undefined;
}

export function relayOf(text: string): string | undefined {
  const relay = addressOf(text);
  return relay === '0.0.0.0' ? undefined : relay;
}

export function bytesOf(text: Bytes): Uint8Array {
  return Buffer.from(text, 'latin1');
}

export function wordOf(text: Bytes): string | undefined {
  return textOf(bytesOf(text));
}

/** `01:94:40:c9:0:0:1`, with or without leading zeros, as bytes; nothing for anything else. */
export function hexBytes(text: string): Uint8Array | undefined {
  if (text.length > 4096 || !/^[0-9a-f]{1,2}(:[0-9a-f]{1,2})*$/i.test(text)) return undefined;
  return Uint8Array.from(text.split(':'), byte => Number.parseInt(byte, 16));
}

export function clientIdOf(text: string): string | undefined {
  if (text.length < 192 && /^[0-9a-f]{2}(?::[0-9a-f]{2})*$/.test(text)) return text;
  const bytes = hexBytes(text);
  return bytes && hexOf(bytes);
}

/** Sub-options 1 and 2 of option 82 (RFC 3046), out of its bytes. */
export function relayAgentIds(bytes: Uint8Array): Pick<LeaseEntry, 'circuitId' | 'remoteId'> {
  const found = new Map<number, Uint8Array>();
  for (let at = 0; at + 1 < bytes.length; at += 2 + (bytes[at + 1] ?? 0))
    found.set(bytes[at] ?? 0, bytes.subarray(at + 2, at + 2 + (bytes[at + 1] ?? 0)));
  const id = (code: number) => {
    const value = found.get(code);
    return value && textOrHexOf(value);
  };
  return present({ circuitId: id(1), remoteId: id(2) });
}

const latestSecond = 253_402_300_799; // the end of the year 9999: beyond it ISO 8601 has other forms

/** A count of seconds that a server wrote; nothing for what no clock says. */
export function secondsOf(text: string): number | undefined {
  const seconds = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  return seconds <= latestSecond ? seconds : undefined;
}
