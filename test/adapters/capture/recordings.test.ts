import { describe, expect, it, test } from 'vitest';
import { u16, u32 } from '../../../src/adapters/capture/bytes.ts';
import {
  addressText,
  clientIdOf,
  field,
  hasCookie,
  hostnameOf,
  leaseSecondsOf,
  leastMessage,
  messageType,
  optionOf,
  vendorClassOf,
} from '../../../src/adapters/capture/dhcp.ts';
import { type Datagram, findDatagram } from '../../../src/adapters/capture/link.ts';
import { hexOf, textOf } from '../../../src/core/lease.ts';
import {
  expectation,
  type Packet,
  type Recording,
  read,
  recording,
  recordings,
  tell,
  tellRecording,
} from './packets.ts';

/** What the decoder in Python read of one message; `short` and `cookie: false` are all it says of what is no DHCP. */
type Expected = {
  readonly ts: number;
  readonly link: number;
  readonly caplen: number;
  readonly bootp?: Readonly<Record<string, unknown>>;
};
const expected = expectation<Record<string, Expected[]>>('expected-parse.json');

/** The same of ours. */
function decoded({ bytes, link, timeMs }: Packet): Expected {
  const found: Datagram = { at: 0, end: 0, cut: false };
  const frame = { bytes, start: 0, end: bytes.length, link, timeMs };
  const packet = { ts: Math.round(timeMs * 1000) / 1e6, link, caplen: bytes.length };
  if (findDatagram(frame, found) !== 'dhcp') return packet;
  const message = { bytes, at: found.at, end: found.end };
  const length = found.end - found.at;
  if (length < leastMessage) return { ...packet, bootp: { short: true, bootp_len: length } };
  const fixed = {
    bootp_len: length,
    op: bytes[found.at],
    xid: u32(bytes, found.at + field.xid)
      .toString(16)
      .padStart(8, '0'),
    ciaddr: addressText(u32(bytes, found.at + field.ciaddr)),
    yiaddr: addressText(u32(bytes, found.at + field.yiaddr)),
    giaddr: addressText(u32(bytes, found.at + field.giaddr)),
    htype: bytes[found.at + field.htype],
    hlen: u16(bytes, found.at + field.htype) & 255,
    chaddr: hexOf(bytes.subarray(found.at + field.chaddr, found.at + field.chaddr + 6)),
  };
  if (!hasCookie(bytes, found.at)) return { ...packet, bootp: { ...fixed, cookie: false } };
  const agent = optionOf(message, 82);
  const options = {
    msg: messageType(message),
    hostname: hostnameOf(message),
    vendor_class: vendorClassOf(message),
    client_id: clientIdOf(message),
    lease: leaseSecondsOf(message),
    opt82: agent && Buffer.from(agent).toString('hex'),
    opts: Array.from({ length: 254 }, (_, i) => i + 1).filter(code => optionOf(message, code)),
  };
  return { ...packet, bootp: { ...fixed, ...options } };
}

/** Theirs in our words: raw bytes as latin-1, an id without colons, and what ours does not look at left out. */
function inOurWords({ ts, link, caplen, bootp }: Expected): Expected {
  if (bootp === undefined) return { ts, link, caplen };
  const raw = (value: unknown) => (typeof value === 'string' ? Buffer.from(value, 'latin1') : undefined);
  const { short, cookie, bootp_len, op, xid, ciaddr, yiaddr, giaddr, htype, hlen, chaddr, msg, lease, opt82, opts } =
    bootp;
  if (short) return { ts, link, caplen, bootp: { short, bootp_len } };
  const fixed = { bootp_len, op, xid, ciaddr, yiaddr, giaddr, htype, hlen, chaddr };
  if (cookie === false) return { ts, link, caplen, bootp: { ...fixed, cookie } };
  const hostname = raw(bootp.hostname);
  const vendorClass = raw(bootp.vendor_class);
  const clientId = typeof bootp.client_id === 'string' ? Buffer.from(bootp.client_id, 'hex') : undefined;
  const options = {
    msg,
    hostname: hostname && textOf(hostname),
    vendor_class: vendorClass && textOf(vendorClass),
    client_id: clientId && hexOf(clientId),
    lease,
    opt82,
    opts,
  };
  return { ts, link, caplen, bootp: { ...fixed, ...options } };
}

const judged = recordings.filter(name => `${name}.pcap` in expected);
test('another decoder has judged all recordings but one', () => {
  expect(judged).toHaveLength(recordings.length - 1);
  expect(Object.keys(expected)).toHaveLength(judged.length);
});

describe.each(judged)('%s', name => {
  const packets = read(recording(name)).packets;
  it('has the packets that the other decoder sees', () => {
    expect(packets).toHaveLength(expected[`${name}.pcap`]?.length ?? -1);
  });
  it.each(packets.map((packet, n) => [n, packet] as const))('frame %i', (n, packet) => {
    const theirs = expected[`${name}.pcap`]?.[n];
    expect(decoded(packet)).toEqual(theirs && inOurWords(withFqdn(name, n, theirs)));
  });
});

/** The one thing that the other decoder does not read: the name in option 81. */
function withFqdn(name: Recording, n: number, theirs: Expected): Expected {
  if (name !== 'synthetic-edge-cases' || n !== 18) return theirs;
  return { ...theirs, bootp: { ...theirs.bootp, hostname: 'ilo1.bmc.test' } };
}

describe('the frames that were made by hand, each told alone', () => {
  type Edge = { readonly index: number; readonly name: string; readonly expect: Readonly<Record<string, unknown>> };
  const frames = read(recording('synthetic-edge-cases')).packets;
  const edges = expectation<Edge[]>('synthetic-edge-cases.expect.json');
  it('are all expected', () => {
    expect(edges.map(({ index }) => index)).toEqual(frames.map((_, i) => i));
  });
  it.each(edges.map(edge => [edge.name, edge] as const))('%s', (_, { index, expect: wanted }) => {
    const { leases } = tell(frames.slice(index, index + 1));
    const isIgnored = 'ignore' in wanted || 'ignore-or-reassemble' in wanted || index === 25;
    expect(leases).toHaveLength(isIgnored ? 0 : 1);
    if (isIgnored) return;
    const { ip, mac, hostname, fqdn, giaddr, circuit, vendor_class: vendorClass } = wanted;
    const inOurs = {
      kind: 'granted',
      leaseSeconds: 600,
      ...(ip === undefined ? {} : { address: ip }),
      ...(typeof mac === 'string' ? { mac: mac.toUpperCase() } : {}),
      ...(hostname === undefined ? {} : { hostname }),
      ...(fqdn === undefined ? {} : { hostname: fqdn }),
      ...(giaddr === undefined ? {} : { relay: giaddr }),
      ...(circuit === undefined ? {} : { circuitId: circuit }),
      ...(vendorClass === undefined ? {} : { vendorClass }),
    };
    expect(leases[0]).toMatchObject(inOurs);
  });
  it('a length that reaches past the end takes its option away, and nothing else', () => {
    expect(tell(frames.slice(14, 15)).leases[0]).not.toHaveProperty('hostname');
  });
});

/** kind, last byte of the MAC, address, seconds, and what the client and the relay say of it */
const told: readonly [Recording, readonly string[]][] = [
  [
    'isc-dora-renew-release',
    [
      'granted 0A 192.0.2.100 20 ILOMXQ1111111 CPQRIB3 01:94:40:c9:01:02:0a',
      'granted 0A 192.0.2.100 20 ILOMXQ1111111 CPQRIB3 01:94:40:c9:01:02:0a',
      'released 0A 192.0.2.100 - ILOMXQ1111111 CPQRIB3 01:94:40:c9:01:02:0a',
    ],
  ],
  [
    'isc-relayed-server-side',
    [
      'granted 0C 198.51.100.100 20 idrac-ABC1234 iDRAC 01:d0:94:66:0a:0b:0c 198.51.100.1 rk0',
      'granted 0C 198.51.100.100 20 idrac-ABC1234 iDRAC 01:d0:94:66:0a:0b:0c 198.51.100.1 rk0',
    ],
  ],
  [
    'isc-relayed-client-side',
    [
      'granted 0C 198.51.100.100 20 idrac-ABC1234 iDRAC 01:d0:94:66:0a:0b:0c 198.51.100.1',
      'granted 0C 198.51.100.100 20 idrac-ABC1234 iDRAC 01:d0:94:66:0a:0b:0c',
    ],
  ],
  [
    'isc-slow-hook',
    ['granted 21 192.0.2.100 20 - - 01:94:40:c9:01:02:21', 'granted 22 192.0.2.101 20 second - 01:94:40:c9:01:02:22'],
  ],
  [
    'kea-dora',
    [
      'granted 0A 192.0.2.100 20 ILOMXQ1111111 CPQRIB3 01:94:40:c9:01:02:0a',
      'granted 0A 192.0.2.100 20 ILOMXQ1111111 CPQRIB3 01:94:40:c9:01:02:0a',
      'released 0A 192.0.2.100 - ILOMXQ1111111 CPQRIB3 01:94:40:c9:01:02:0a',
      'granted 0C 192.0.2.101 20',
      'granted 0D 192.0.2.102 20 idrac-ABC1234 iDRAC 01:d0:94:66:01:02:0d',
      'granted 0E 192.0.2.103 20 a;$(touch /tmp/pwn) "q" \\b - 01:94:40:c9:01:02:0e',
      'granted 0F 192.0.2.104 20 ILO\ufffd\ufffd\ufffd\ufffd\u00e9 - 01:94:40:c9:01:02:0f',
    ],
  ],
  [
    'dnsmasq-dora-renew-release-relay',
    [
      'granted 01 192.0.2.111 120 ILOMXQ1111111 CPQRIB3 01:94:40:c9:00:00:01',
      'granted 01 192.0.2.111 120 ILOMXQ1111111 CPQRIB3 01:94:40:c9:00:00:01',
      'released 01 192.0.2.111 - - - 01:94:40:c9:00:00:01',
      'granted 02 192.0.2.112 120 idrac-F54P1G3 iDRAC',
      'granted 03 198.51.100.113 120 XCC-7Z23-J101RZ43 PXEClient 01:94:40:c9:00:00:03 198.51.100.1 dn0',
    ],
  ],
  [
    'vlan100-dora',
    [
      'granted 0B 192.0.2.100 20 smc-node1 - 01:3c:ec:ef:00:0a:0b',
      'granted 0C 192.0.2.101 20 - - 01:3c:ec:ef:00:0a:0c',
    ],
  ],
  ['snaplen100-truncated', []],
];

describe('what a tap tells of a whole recording', () => {
  it.each(told)('%s', (name, wanted) => {
    const lines = tellRecording(name).leases.map(lease => {
      const { kind, mac, address, leaseSeconds = '-', hostname = '-', vendorClass = '-', clientId = '-' } = lease;
      const words = [kind, mac.slice(-2), address, leaseSeconds, hostname, vendorClass, clientId];
      return [...words, lease.relay ?? '', lease.circuitId ?? ''].join(' ').replace(/[ -]+$/, '');
    });
    expect(lines).toEqual(wanted);
  });
  it('counts what it could not use', () => {
    expect(tellRecording('synthetic-edge-cases').counts).toMatchObject({
      packets: 29,
      dhcp: 26,
      truncated: 1,
      notUnderstood: 3,
    });
    expect(tellRecording('snaplen100-truncated').counts).toMatchObject({
      packets: 4,
      dhcp: 4,
      truncated: 4,
      notUnderstood: 0,
    });
    expect(tellRecording('vlan100-dora').counts).toMatchObject({
      packets: 16,
      dhcp: 8,
      truncated: 0,
      notUnderstood: 0,
    });
    expect(tellRecording('isc-relayed-server-side').counts.repeated).toBe(1);
  });
});
