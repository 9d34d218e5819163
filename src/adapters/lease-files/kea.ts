import {
  addressOf,
  type Bytes,
  clientIdOf,
  type EntryState,
  type LeaseEntry,
  longestRecord,
  macOf,
  present,
  type Reading,
  relayAgentIds,
  secondsOf,
  wordOf,
} from './entry.ts';
import { linesOf } from './lines.ts';

/** What every file of Kea's memfile begins with, in every version since 1.0; DHCPv6's has `duid` for `hwaddr`. */
const firstColumns = 'address,hwaddr,client_id,valid_lifetime,expire,';
/** Kea 2.2. Later ones add columns behind these (2.4: `pool_id`), and a file's first line names its own. */
const columnsOf22 =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context';

export function isKeaHeader(line: string): boolean {
  return line.startsWith(firstColumns);
}

/**
 * Reads a lease file of Kea's memfile for DHCPv4: a line each time a lease changes, the last one of an address counts.
 *
 * @param header the file's first line, where the text begins later than the file does
 */
export function readKea(text: Bytes, header: string): Reading {
  const { lines, used } = linesOf(text, longestRecord);
  let columns = (isKeaHeader(header) ? header : columnsOf22).split(',');
  const entries: LeaseEntry[] = [];
  for (const line of lines) {
    if (isKeaHeader(line)) columns = line.split(',');
    else entries.push(...(entryOf(line, columns) ?? []));
  }
  return { entries, used };
}

/** `STATE_DEFAULT` and so on of Kea's lease.h; 3, released and kept, since 2.7. */
const states: readonly EntryState[] = ['granted', 'declined', 'expired', 'released'];

function entryOf(line: string, columns: readonly string[]): LeaseEntry[] | undefined {
  // Kea's CSV has no quotes: a comma inside a value is written &#x2c.
  const cells = line.split(',', columns.length + 1);
  const cell = (name: string) => cells[columns.indexOf(name)] ?? '';
  const address = addressOf(cell('address'));
  const lifetime = secondsOf(cell('valid_lifetime'));
  const expire = secondsOf(cell('expire'));
  const state = states[Number(cell('state'))];
  if (address === undefined || lifetime === undefined || expire === undefined || state === undefined) return undefined;
  if (cells.length < 9) return undefined; // torn, and gone on with by a Kea that started anew
  const isReleased = state === 'released' || (state === 'granted' && lifetime === 0);
  return [
    {
      address,
      // A lease that nobody has any more, by release or because Kea forgets it, is written with a lifetime of 0.
      state: isReleased ? 'released' : state,
      ...present({
        mac: macOf(cell('hwaddr')),
        // A released lease's line gives the end as the moment of the last renewal, a declined one's that of the quarantine.
        endsAt: isReleased || state === 'declined' ? undefined : expire,
        touchedAt: Math.max(expire - lifetime, 0),
        leaseSeconds: state === 'granted' && lifetime > 0 ? lifetime : undefined,
        hostname: wordOf(unescaped(cell('hostname'))),
        clientId: clientIdOf(cell('client_id')),
        ...relayAgentOf(unescaped(cell('user_context'))),
      }),
    },
  ];
}

function unescaped(text: Bytes): Bytes {
  return text.replaceAll(/&#x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/**
 * Option 82, which Kea keeps under `store-extended-info`: `{"ISC":{"relay-agent-info":{"sub-options":"0x0103646E30"}}}`, before 2.4 the text itself
 * in place of the inner object.
 */
function relayAgentOf(context: Bytes): Pick<LeaseEntry, 'circuitId' | 'remoteId'> {
  const info = /"relay-agent-info"\s*:\s*(?:\{[^{}]*?"sub-options"\s*:\s*)?"0x((?:[0-9a-f]{2}){1,1024})"/i.exec(
    context,
  );
  return info ? relayAgentIds(Buffer.from(info[1] ?? '', 'hex')) : {};
}
