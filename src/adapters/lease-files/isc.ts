import { hexOf, textOf, textOrHexOf } from '../../core/lease.ts';
import {
  addressOf,
  type Bytes,
  bytesOf,
  clientIdOf,
  type EntryState,
  hexBytes,
  type LeaseEntry,
  longestRecord,
  macOf,
  present,
  type Reading,
  relayOf,
} from './entry.ts';
import { blocksOf, type Statement, statementsOf } from './isc-blocks.ts';

/**
 * Reads dhcpd.leases(5) of ISC dhcpd 4: `lease 192.0.2.100 { … }`, the last one of an address counts. Leases of IPv6 (`ia-na`), hosts, groups
 * and failover states are passed over.
 */
export function readIsc(text: Bytes): Reading {
  const { blocks, used } = blocksOf(text, longestRecord);
  return { entries: blocks.flatMap(({ address, body }) => entryOf(address, statementsOf(body)) ?? []), used };
}

const states: ReadonlyMap<string, EntryState> = new Map([
  ['active', 'granted'],
  ['free', 'over'],
  ['backup', 'over'], // free, and the failover peer's to give
  ['reset', 'over'], // free, by an administrator
  ['released', 'released'],
  ['expired', 'expired'],
  ['abandoned', 'declined'],
]);

type Found = {
  state?: EntryState | undefined;
  mac?: LeaseEntry['mac'];
  starts?: number | undefined;
  ends?: number | undefined;
  cltt?: number | undefined;
  hostname?: string | undefined;
  uid?: string | undefined;
  circuitId?: string | undefined;
  remoteId?: string | undefined;
  /** Variables: those of bmtool's own hook, and others'. */
  readonly set: Map<string, Uint8Array>;
};

const readers: Readonly<Record<string, (found: Found, words: Statement) => void>> = {
  starts: (found, words) => {
    found.starts = momentOf(words);
  },
  ends: (found, words) => {
    found.ends = momentOf(words);
  },
  cltt: (found, words) => {
    found.cltt = momentOf(words);
  },
  binding(found, [, word, state]) {
    if (word?.text === 'state') found.state = states.get(state?.text ?? '');
  },
  hardware(found, [, type, address]) {
    if (type?.text === 'ethernet') found.mac = macOf(address?.text ?? '');
  },
  uid(found, [, value]) {
    // Bytes in quotes, or hex under `lease-id-format hex`.
    found.uid = value && (value.quoted ? hexOf(bytesOf(value.text)) : clientIdOf(value.text));
  },
  'client-hostname': (found, [, value]) => {
    found.hostname = value && textOf(bytesOf(value.text));
  },
  option(found, [, name, value]) {
    const id = value && textOrHexOf(value.quoted ? bytesOf(value.text) : (hexBytes(value.text) ?? new Uint8Array()));
    if (name?.text === 'agent.circuit-id') found.circuitId = id;
    if (name?.text === 'agent.remote-id') found.remoteId = id;
  },
  set(found, [, name, equals, value]) {
    if (name && equals?.text === '=' && value && found.set.size < mostVariables)
      found.set.set(name.text, value.quoted ? bytesOf(value.text) : (hexBytes(value.text) ?? bytesOf(value.text)));
  },
};

const mostVariables = 64;

function entryOf(addressText: string, statements: readonly Statement[]): LeaseEntry | undefined {
  const address = addressOf(addressText);
  const found: Found = { set: new Map() };
  for (const words of statements) {
    const keyword = words[0]?.text ?? '';
    if (Object.hasOwn(readers, keyword)) readers[keyword]?.(found, words);
  }
  if (address === undefined || found.state === undefined) return undefined;
  const { state, mac, starts, ends, cltt } = found;
  return {
    address,
    state,
    ...present({
      mac,
      // What ends with an abandoned lease is not the client's time but the server's shyness (a day).
      endsAt: state === 'declined' ? undefined : ends,
      touchedAt: cltt ?? starts,
      leaseSeconds: starts !== undefined && ends !== undefined && ends > starts ? ends - starts : undefined,
      ...wordsOf(found),
    }),
  };
}

/** dhcpd's own statements first: variables are what the hook saw when the lease was given. */
function wordsOf(found: Found) {
  const variable = (name: string) => {
    const bytes = found.set.get(name);
    return bytes && textOf(bytes) !== '(none)' ? bytes : undefined;
  };
  const text = (name: string) => {
    const bytes = variable(name);
    return bytes && textOf(bytes);
  };
  const id = (name: string) => {
    const bytes = variable(name);
    // The hook may have written hex without leading zeros: `0:4:1f`.
    return bytes && textOrHexOf(hexBytes(textOf(bytes) ?? '') ?? bytes);
  };
  return {
    hostname: found.hostname ?? text('ClientHost'),
    vendorClass: text('vendor-class-identifier') ?? text('ClientVci'),
    clientId: found.uid ?? clientIdOf(text('ClientCid') ?? ''),
    relay: relayOf(text('RelayIP') ?? ''),
    circuitId: found.circuitId ?? id('Circuit'),
    remoteId: found.remoteId ?? id('RemoteId'),
  };
}

/** `6 2026/11/21 04:45:49` (UTC, whatever the zone of the machine), `epoch 1795236349` under `db-time-format local`, `never` (0). */
function momentOf([, first, second, third]: Statement): number | undefined {
  if (first?.text === 'never') return 0;
  if (first?.text === 'epoch') return secondsIn(Number(/^\d{1,12}$/.exec(second?.text ?? '')?.[0]) * 1000);
  const day = /^(\d{4})\/(\d\d?)\/(\d\d?)$/.exec(second?.text ?? '');
  const time = /^(\d\d?):(\d\d?):(\d\d?)$/.exec(third?.text ?? '');
  if (!day || !time || !/^[0-6]$/.test(first?.text ?? '')) return undefined;
  const [year, month, date] = day.slice(1).map(Number) as [number, number, number];
  const [hour, minute, second60] = time.slice(1).map(Number) as [number, number, number];
  return secondsIn(Date.UTC(year, month - 1, date, hour, minute, second60));
}

function secondsIn(ms: number): number | undefined {
  return ms >= 1000 && ms < 253_402_300_800_000 ? Math.floor(ms / 1000) : undefined;
}
