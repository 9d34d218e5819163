import type { HookCall } from '../../../adapters/spool/record.ts';
import { type DhcpServer, textOf } from '../../../core/lease.ts';
import { callerOf } from './caller.ts';
import { readDnsmasq } from './dnsmasq.ts';
import { readIsc } from './isc.ts';
import { readKea } from './kea.ts';
import type { Around, CallReading } from './told.ts';

const readers: Readonly<Record<DhcpServer, (call: HookCall, around: Around) => CallReading>> = {
  isc: readIsc,
  kea: readKea,
  dnsmasq: readDnsmasq,
};

/** The lease events that a hook's call tells of. Takes any bytes, throws never. */
export function eventsOfCall(call: HookCall, around: Around): CallReading {
  const server = callerOf(call);
  if (server !== undefined) return readers[server](call, around);
  const word = textOf(call.args[0] ?? new Uint8Array());
  return { unreadable: word === undefined ? 'it has no arguments' : `no DHCP server begins a call with "${word}"` };
}
