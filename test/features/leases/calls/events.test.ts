import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { HookCall } from '../../../../src/adapters/spool/record.ts';
import { parseLeaseEvent } from '../../../../src/core/lease.ts';
import { boundedCall, callerOf, mostOfCall, variablesOf } from '../../../../src/features/leases/calls/caller.ts';
import { eventsOfCall } from '../../../../src/features/leases/calls/events.ts';
import { readingText, recordedCalls } from '../../../support/hook-calls.ts';
import { tries } from '../../../support/tries.ts';
import { recorded } from './recorded.ts';

const now = 1_795_300_000_000;
const calls = new Map(recordedCalls().map(call => [call.name, call]));

describe('calls that real servers made', () => {
  it('has a reading for each of them', () => {
    expect([...calls.keys()]).toEqual(recorded.map(([name]) => name));
  });

  it.each(recorded)('%s: %s', (name, reading) => {
    const call = calls.get(name) as HookCall;
    expect(readingText(call, now)).toBe(reading);
    expect(readingText(boundedCall(call), now)).toBe(reading);
  });

  it('makes one fact of what Kea tells twice', () => {
    const idOf = (name: string) => readingText(calls.get(name) as HookCall, now).split(' ')[0];
    expect(idOf('kea22/02-lease4_renew')).toBe(idOf('kea22/03-leases4_committed'));
    expect(idOf('kea22/05-lease4_release')).toBe(idOf('kea22/04-leases4_committed'));
    expect(idOf('kea-run_script#2')).not.toBe(idOf('kea-run_script#1'));
  });
});

const mac = '94:40:c9:0:0:1';
const whose = '94:40:C9:00:00:01/192.0.2.9';
const ours = ['commit', '192.0.2.9', mac, '(none)', '(none)', '(none)', '0.0.0.0', '(none)', '(none)', '60'];
const kea = { LEASE4_ADDRESS: '192.0.2.9', LEASE4_HWADDR: mac, LEASE4_CLTT: '1795218883', LEASE4_VALID_LIFETIME: '20' };
const changed = (place: number, value: string) => ours.with(place, value);

/** Each row: what, arguments, variables, reading. Made at 1795299999.5, unless the row says otherwise. */
const rows: readonly (readonly [string, readonly string[], Record<string, string>, string])[] = [
  ['nothing but what must be there', ours, {}, `granted/${whose}/1795300059 at 1795299999.5 isc leaseSeconds=60`],
  [
    'a hardware type before the MAC',
    changed(2, `1:${mac}`),
    {},
    `granted/${whose}/1795300059 at 1795299999.5 isc leaseSeconds=60`,
  ],
  ['InfiniBand', changed(2, `20:${mac}`), {}, 'ignored: not Ethernet'],
  ['too long for Ethernet', changed(2, '94:40:c9:0:0:1:2:3'), {}, 'ignored: not Ethernet'],
  ['a MAC that is none', changed(2, 'bmc'), {}, 'unreadable: "bmc" is no MAC address'],
  ['no MAC', changed(2, '(none)'), {}, 'unreadable: "" is no MAC address'],
  ['broadcast', changed(2, 'ff:ff:ff:ff:ff:ff'), {}, 'ignored: FF:FF:FF:FF:FF:FF is a broadcast address'],
  ['no address', changed(1, '(none)'), {}, 'unreadable: "" is no IPv4 address'],
  ['an address with a mask', changed(1, '192.0.2.9/24'), {}, 'unreadable: "192.0.2.9/24" is no IPv4 address'],
  [
    'control characters in a hostname',
    changed(3, 'a\x1b[2Jb'),
    {},
    `granted/${whose}/1795300059 at 1795299999.5 isc hostname=a\ufffd[2Jb leaseSeconds=60`,
  ],
  [
    'a circuit in bytes',
    changed(7, '0:4:0:1'),
    {},
    `granted/${whose}/1795300059 at 1795299999.5 isc circuitId=00:04:00:01 leaseSeconds=60`,
  ],
  [
    'circuit and remote id in text',
    changed(7, '64:6e:30').with(8, '72:31'),
    {},
    `granted/${whose}/1795300059 at 1795299999.5 isc circuitId=dn0 remoteId=r1 leaseSeconds=60`,
  ],
  [
    'a lease that never ends',
    changed(9, '4294967295'),
    {},
    `granted/${whose}/0 at 1795299999.5 isc leaseSeconds=4294967295`,
  ],
  ['seconds that are none', changed(9, '-1'), {}, `granted/${whose}/1795299999 at 1795299999.5 isc`],
  [
    'the order of an older fragment',
    ['commit', '192.0.2.9', mac, 'h', 'v', '1:2', '192.0.2.1', 'dn0', '60'],
    {},
    `granted/${whose}/1795300059 at 1795299999.5 isc hostname=h vendorClass=v clientId=01:02 relay=192.0.2.1 circuitId=dn0 leaseSeconds=60`,
  ],
  [
    'a fragment of one’s own',
    ['commit', '192.0.2.9', mac, 'h'],
    {},
    `granted/${whose}/1795299999 at 1795299999.5 isc hostname=h`,
  ],
  [
    'an order that nobody knows',
    ['commit', '192.0.2.9', mac, 'h', 'x'],
    {},
    'unreadable: a commit with 4 arguments in an order that bmtool does not know',
  ],
  [
    'MAAS',
    [
      'notify',
      '--action',
      'commit',
      '--mac',
      mac,
      '--ip-family',
      'ipv4',
      '--ip',
      '192.0.2.9',
      '--lease-time',
      '600',
      '--hostname',
      '(none)',
      '--socket',
      '/s',
    ],
    {},
    `granted/${whose}/1795300599 at 1795299999.5 isc leaseSeconds=600`,
  ],
  [
    'MAAS, expiry',
    ['notify', '--action', 'expiry', '--mac', mac, '--ip-family', 'ipv4', '--ip', '192.0.2.9', '--socket', '/s'],
    {},
    `expired/${whose}/1795299999 at 1795299999.5 isc`,
  ],
  ['MAAS, cut off', ['notify', '--action', 'commit', '--mac'], {}, 'unreadable: "" is no MAC address'],
  ['Kea: declined', ['lease4_decline'], kea, `declined/${whose}/1795218903 at 1795299999.5 kea`],
  [
    'Kea: declined, by the other hook point',
    ['leases4_committed'],
    {
      DELETED_LEASES4_SIZE: '1',
      DELETED_LEASES4_AT0_ADDRESS: '192.0.2.9',
      DELETED_LEASES4_AT0_HWADDR: mac,
      DELETED_LEASES4_AT0_CLTT: '1795218883',
      DELETED_LEASES4_AT0_VALID_LIFETIME: '20',
      QUERY4_TYPE: 'DHCPDECLINE',
    },
    `declined/${whose}/1795218903 at 1795299999.5 kea`,
  ],
  ['Kea: recovered', ['lease4_recover'], kea, 'ignored: no event of an IPv4 lease'],
  ['Kea: IPv6', ['leases6_committed'], {}, 'ignored: no event of an IPv4 lease'],
  [
    'Kea: nothing committed',
    ['leases4_committed'],
    { LEASES4_SIZE: '0', DELETED_LEASES4_SIZE: '0' },
    'ignored: no lease was committed or deleted',
  ],
  [
    'Kea: a size without leases',
    ['leases4_committed'],
    { LEASES4_SIZE: '4294967295' },
    'unreadable: "" is no MAC address',
  ],
  ['Kea: no variables', ['lease4_renew'], {}, 'unreadable: "" is no MAC address'],
  [
    'Kea: another address in place of the old one',
    ['leases4_committed'],
    {
      LEASES4_SIZE: '1',
      LEASES4_AT0_ADDRESS: '192.0.2.9',
      LEASES4_AT0_HWADDR: mac,
      LEASES4_AT0_CLTT: '1795218883',
      LEASES4_AT0_VALID_LIFETIME: '20',
      DELETED_LEASES4_SIZE: '1',
      DELETED_LEASES4_AT0_ADDRESS: '192.0.2.8',
      DELETED_LEASES4_AT0_HWADDR: mac,
      DELETED_LEASES4_AT0_CLTT: '1795218880',
      DELETED_LEASES4_AT0_VALID_LIFETIME: '20',
    },
    `released/94:40:C9:00:00:01/192.0.2.8/1795218900 at 1795299999.5 kea + granted/${whose}/1795218903 at 1795218883 kea leaseSeconds=20`,
  ],
  [
    'Kea: the renewal hook, called for a question to which nothing was granted yet',
    ['lease4_renew'],
    { ...kea, QUERY4_TYPE: 'DHCPDISCOVER' },
    'ignored: an offer, no lease yet',
  ],
  ['Kea: InfiniBand', ['lease4_renew'], { ...kea, LEASE4_HWADDR_TYPE: '32' }, 'ignored: not Ethernet'],
  [
    'Kea: option 82 in bytes',
    ['lease4_renew'],
    { ...kea, QUERY4_OPTION_82_SUB_OPTION_1: '0x00040001', QUERY4_OPTION_82_SUB_OPTION_2: '0x7231' },
    `granted/${whose}/1795218903 at 1795218883 kea circuitId=00:04:00:01 remoteId=r1 leaseSeconds=20`,
  ],
  [
    'Kea: without CLTT',
    ['lease4_renew'],
    { ...kea, LEASE4_CLTT: 'x' },
    `granted/${whose}/1795300019 at 1795299999.5 kea leaseSeconds=20`,
  ],
  [
    'dnsmasq: a lease that never ends',
    ['add', mac, '192.0.2.9'],
    { DNSMASQ_LEASE_EXPIRES: '0', DNSMASQ_TIME_REMAINING: '0' },
    `granted/${whose}/0 at 1795299999.5 dnsmasq leaseSeconds=4294967295`,
  ],
  [
    'dnsmasq: given back though it never ends',
    ['del', mac, '192.0.2.9'],
    { DNSMASQ_LEASE_EXPIRES: '0' },
    `released/${whose}/0 at 1795299999.5 dnsmasq`,
  ],
  [
    'dnsmasq: given back in time',
    ['del', mac, '192.0.2.9'],
    { DNSMASQ_LEASE_EXPIRES: '1795300001' },
    `released/${whose}/1795300001 at 1795299999.5 dnsmasq`,
  ],
  [
    'dnsmasq: at its end, by a clock that is a little late',
    ['del', mac, '192.0.2.9'],
    { DNSMASQ_LEASE_EXPIRES: '1795300000' },
    `expired/${whose}/1795300000 at 1795300000 dnsmasq`,
  ],
  [
    'dnsmasq: over',
    ['del', mac, '192.0.2.9'],
    { DNSMASQ_LEASE_EXPIRES: '1795299999' },
    `expired/${whose}/1795299999 at 1795299999 dnsmasq`,
  ],
  [
    'dnsmasq without a clock',
    ['add', mac, '192.0.2.9'],
    { DNSMASQ_LEASE_LENGTH: '120' },
    `granted/${whose}/1795300119 at 1795299999.5 dnsmasq leaseSeconds=120`,
  ],
  [
    'dnsmasq: the client’s own name before dnsmasq’s',
    ['add', mac, '192.0.2.9', 'b'],
    { DNSMASQ_SUPPLIED_HOSTNAME: 'a!', DNSMASQ_LEASE_EXPIRES: '1795300000' },
    `granted/${whose}/1795300000 at 1795299999.5 dnsmasq hostname=a!`,
  ],
  ['dnsmasq: token ring', ['add', `06-${mac}`, '192.0.2.9'], {}, 'ignored: not Ethernet'],
  ['dnsmasq: IPv6', ['add', '00:01:00:01:2a:3b:4c:5d:94:40:c9:01:02:13', '2001:db8::5'], {}, 'ignored: IPv6'],
  ['dnsmasq: no lease', ['tftp', '12', '192.0.2.9', '/f'], {}, 'ignored: no event of a lease'],
  ['no arguments', [], {}, 'unreadable: it has no arguments'],
  [
    'a name that every object has',
    ['constructor', '192.0.2.9', mac],
    {},
    'unreadable: no DHCP server begins a call with "constructor"',
  ],
  ['a word to wipe the screen with', ['\x1b[2J'], {}, 'unreadable: no DHCP server begins a call with "\ufffd[2J"'],
];

function callOf(args: readonly string[], env: Record<string, string>, more: Partial<HookCall> = {}): HookCall {
  const bytes = (text: string) => Buffer.from(text);
  return {
    from: undefined,
    args: args.map(bytes),
    env: new Map(Object.entries(env).map(([name, value]) => [name, bytes(value)])),
    at: now - 500,
    ...more,
  };
}

describe('the reading of a call', () => {
  it.each(rows)('%s', (_, args, env, reading) => {
    expect(readingText(callOf(args, env), now)).toBe(reading);
  });

  it.each([undefined, Number.NaN, -1, 1e300, Number.POSITIVE_INFINITY])(
    'takes now where the call’s moment is %s',
    at => {
      expect(readingText(callOf(ours, {}, { at }), now)).toContain('at 1795300000 ');
    },
  );

  it('is by whoever is named, whatever the first word', () => {
    expect(readingText(callOf(['constructor', '192.0.2.9', mac], {}, { from: 'isc' }), now)).toBe(
      'ignored: no event of a lease',
    );
    expect(readingText(callOf(['future'], {}, { from: 'dnsmasq' }), now)).toBe('ignored: no event of a lease');
    expect(readingText(callOf(['toString'], {}, { from: 'kea' }), now)).toBe('ignored: no event of an IPv4 lease');
  });
});

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 1100 }),
  fc.constantFrom(...ours, '0x', '0x1', '0', '99999999999', '1:2:3:4:5:6').map(text => Buffer.from(text)),
);
const words = [...new Set(rows.map(([, [word = '']]) => word))];
const anyCall: fc.Arbitrary<HookCall> = fc.record({
  from: fc.constantFrom(undefined, 'isc', 'kea', 'dnsmasq'),
  args: fc
    .tuple(fc.constantFrom(...words), fc.array(bytes, { maxLength: 30 }))
    .map(([word, args]) => [Buffer.from(word), ...args]),
  env: fc
    .array(fc.tuple(fc.constantFrom(...variablesOf.kea, ...variablesOf.dnsmasq, 'SECRET'), bytes))
    .map(pairs => new Map(pairs)),
  at: fc.oneof(fc.constant(undefined), fc.double()),
});

test('any bytes are read, and never throw; what is an event is one for others, too', () => {
  fc.assert(
    fc.property(anyCall, call => {
      const reading = eventsOfCall(call, { host: 'dhcp1', now });
      for (const event of 'events' in reading ? reading.events : [])
        expect(parseLeaseEvent(JSON.stringify(event))).toEqual(event);
    }),
    { numRuns: tries(2000) },
  );
});

test('what a hook keeps of a call is bounded, in its place, and nobody’s secret', () => {
  fc.assert(
    fc.property(anyCall, call => {
      const { args, env } = boundedCall(call);
      expect(args.length).toBe(Math.min(call.args.length, mostOfCall.arguments));
      for (const [i, arg] of args.entries()) expect(arg.length === 0 || arg === call.args[i]).toBe(true);
      expect(env.has('SECRET')).toBe(false);
      const server = callerOf(call);
      expect([...env.keys()].every(name => server !== undefined && variablesOf[server].includes(name))).toBe(true);
      const kept = [...args, ...env.values()].reduce((sum, value) => sum + value.length, 0);
      expect(kept).toBeLessThanOrEqual(mostOfCall.fieldBytes);
    }),
  );
});
