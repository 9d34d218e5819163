import type { HookCall } from '../../../adapters/spool/record.ts';
import type { LeaseKind } from '../../../core/lease.ts';
import type { DnsmasqVariable } from './caller.ts';
import { type Around, asciiOf, type CallReading, infinite, numberOf, readingOf, timeOfCall } from './told.ts';

const leaseWords: readonly string[] = ['add', 'old', 'del'];

/**
 * dnsmasq: `add|old|del MAC IP [HOST]` and variables. `old` is a renewal, or a lease told again after a restart, with less in it
 * (DNSMASQ_DATA_MISSING): its end makes it the fact that it is.
 */
export function readDnsmasq(call: HookCall, around: Around): CallReading {
  const [word = new Uint8Array(), mac, address, host] = call.args;
  if (!leaseWords.includes(asciiOf(word))) return { ignored: 'no event of a lease' };
  // DHCPv6: the client's DUID stands where its MAC does, which may be as long as one.
  if (address?.includes(colon)) return { ignored: 'IPv6' };
  const get = (name: DnsmasqVariable) => call.env.get(name);
  const calledAt = timeOfCall(call, around);
  const endsAt = numberOf(get('DNSMASQ_LEASE_EXPIRES'));
  const kind = asciiOf(word) === 'del' ? kindOfDel(endsAt, calledAt) : 'granted';
  return readingOf(
    {
      kind,
      server: 'dnsmasq',
      timeMs: kind === 'expired' && endsAt !== undefined ? endsAt * 1000 : calledAt,
      mac,
      address,
      // The client's own words before what dnsmasq made of them.
      hostname: get('DNSMASQ_SUPPLIED_HOSTNAME') ?? host,
      vendorClass: get('DNSMASQ_VENDOR_CLASS'),
      clientId: get('DNSMASQ_CLIENT_ID'),
      relay: get('DNSMASQ_RELAY_ADDRESS'),
      circuitId: get('DNSMASQ_CIRCUIT_ID'),
      remoteId: get('DNSMASQ_REMOTE_ID'),
      leaseSeconds: kind === 'granted' ? leaseSecondsOf(get, endsAt) : undefined,
      endsAt,
    },
    around,
  );
}

const colon = 58;
/** A call's time is known to some hundredths of a second; dnsmasq lets a lease end on whole seconds. */
const slackMs = 1000;

/** A `del` does not say why: a lease that ends in the future was given back. One that never ends (0) can only be given back. */
function kindOfDel(endsAt: number | undefined, calledAt: number): LeaseKind {
  return endsAt === undefined || endsAt === 0 || endsAt * 1000 > calledAt + slackMs ? 'released' : 'expired';
}

/** Builds for machines without a clock (OpenWrt) tell how long a lease is instead of when it ends. */
function leaseSecondsOf(
  get: (name: DnsmasqVariable) => Uint8Array | undefined,
  endsAt: number | undefined,
): number | undefined {
  if (endsAt === 0) return infinite;
  return numberOf(get('DNSMASQ_TIME_REMAINING')) ?? numberOf(get('DNSMASQ_LEASE_LENGTH'));
}
