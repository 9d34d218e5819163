import { describe, expect, it, test } from 'vitest';
import { openJoiner } from '../../../src/adapters/capture/join.ts';
import { findDatagram } from '../../../src/adapters/capture/link.ts';
import { leaseEvent, parseLeaseEvent } from '../../../src/core/lease.ts';
import {
  ack,
  addressBytes,
  decline,
  discover,
  ethernet,
  type FrameWish,
  inform,
  ipv4,
  type MessageWish,
  message,
  nak,
  offer,
  packetsOf,
  release,
  request,
  tell,
} from './packets.ts';

const seconds = (value: number) => [51, [0, 0, value >> 8, value & 255]] as const;
const granted = { type: ack, yiaddr: '10.0.0.9', options: [seconds(600)] } satisfies MessageWish;
const asks = { type: request, options: [[12, 'ILO1'] as const, [60, 'CPQRIB3'] as const, [61, [1, 2, 3]] as const] };
const bare = { kind: 'granted', mac: '94:40:C9:00:00:01', address: '10.0.0.9' };
const lease = { ...bare, leaseSeconds: 600 };
const client = { hostname: 'ILO1', vendorClass: 'CPQRIB3', clientId: '01:02:03' };

/** What is heard, and what is told of it, but for source and time. */
const table: readonly [string, readonly (MessageWish & { at?: number })[], readonly object[]][] = [
  ['an ACK alone', [granted], [lease]],
  ['an ACK after its REQUEST', [asks, granted], [{ ...lease, ...client }]],
  ['an ACK after its DISCOVER, the REQUEST unheard', [{ ...asks, type: discover }, granted], [{ ...lease, ...client }]],
  [
    'a REQUEST that says less than the DISCOVER before',
    [{ ...asks, type: discover }, { type: request, options: [[12, 'ILO2']] }, granted],
    [{ ...lease, ...client, hostname: 'ILO2' }],
  ],
  ['a REQUEST of another transaction', [{ ...asks, xid: 1 }, granted], [lease]],
  ['a REQUEST of another client', [{ ...asks, mac: '94:40:c9:00:00:02' }, granted], [lease]],
  [
    'a REQUEST of a minute ago',
    [
      { ...asks, at: 0 },
      { ...granted, at: 60_001 },
    ],
    [lease],
  ],
  [
    'a REQUEST of just under a minute ago',
    [
      { ...asks, at: 0 },
      { ...granted, at: 59_999 },
    ],
    [{ ...lease, ...client }],
  ],
  [
    "the client's name wins over the server's",
    [asks, { ...granted, options: [seconds(600), [12, 'ilo1.from.server']] }],
    [{ ...lease, ...client }],
  ],
  [
    "the server's name where the client says none",
    [{ type: request }, { ...granted, options: [seconds(600), [12, 'from-server']] }],
    [{ ...lease, hostname: 'from-server' }],
  ],
  [
    'option 81, as text',
    [{ type: request, options: [[81, [0, 0, 0, ...Buffer.from('ilo1.bmc')]]] }, granted],
    [{ ...lease, hostname: 'ilo1.bmc' }],
  ],
  [
    'option 81, as DNS writes it',
    [{ type: request, options: [[81, [4, 0, 0, 4, ...Buffer.from('ilo1'), 3, ...Buffer.from('bmc'), 0]]] }, granted],
    [{ ...lease, hostname: 'ilo1.bmc' }],
  ],
  [
    'option 81, as DNS writes it, its last label past the end',
    [{ type: request, options: [[81, [4, 0, 0, 4, ...Buffer.from('ilo1'), 63, 98]]] }, granted],
    [{ ...lease, hostname: 'ilo1.b' }],
  ],
  [
    'option 12 before option 81',
    [
      {
        type: request,
        options: [
          [81, [0, 0, 0, 97]],
          [12, 'twelve'],
        ],
      },
      granted,
    ],
    [{ ...lease, hostname: 'twelve' }],
  ],
  ['an empty name', [{ type: request, options: [[12, '']] }, granted], [lease]],
  [
    'the relay, from the ACK',
    [
      {
        ...granted,
        giaddr: '10.9.0.1',
        options: [seconds(600), [82, [1, 2, 0x65, 0x31, 2, 3, 0, 1, 2, 9, 1, 1]]],
      },
    ],
    [{ ...lease, relay: '10.9.0.1', circuitId: 'e1', remoteId: '00:01:02' }],
  ],
  [
    'the relay, from the REQUEST, where the server answers the client',
    [{ type: request, giaddr: '10.9.0.1', options: [[82, [1, 2, 0x65, 0x31]]] }, granted],
    [{ ...lease, relay: '10.9.0.1', circuitId: 'e1' }],
  ],
  [
    'a sub-option that reaches past its end',
    [{ ...granted, options: [seconds(600), [82, [1, 9, 0x65, 0x31]]] }],
    [lease],
  ],
  ['the answer to an INFORM', [{ type: inform }, { ...granted, yiaddr: '0.0.0.0' }], []],
  ['no', [asks, { ...granted, type: nak }], []],
  ['an offer', [{ ...granted, type: offer }], []],
  ['the same ACK by a relay', [granted, { ...granted, giaddr: '10.9.0.1' }], [lease]],
  [
    'the same ACK two seconds later',
    [
      { ...granted, at: 0 },
      { ...granted, at: 2000 },
    ],
    [lease],
  ],
  [
    "dhclient's renewal, with the number of its first transaction",
    [
      { ...granted, at: 0 },
      { ...granted, at: 2001 },
    ],
    [lease, lease],
  ],
  ['an ACK with another number', [granted, { ...granted, xid: 2 }], [lease, lease]],
  [
    'an ACK with another address',
    [granted, { ...granted, yiaddr: '10.0.0.8' }],
    [lease, { ...lease, address: '10.0.0.8' }],
  ],
  [
    'what is told out of order, of two captures that were merged',
    [
      { ...granted, at: 500 },
      { ...granted, at: 0 },
    ],
    [lease],
  ],
  ['no lease time', [{ ...granted, options: [] }], [bare]],
  ['for ever', [{ ...granted, options: [[51, [255, 255, 255, 255]]] }], [{ ...lease, leaseSeconds: 0xffffffff }]],
  [
    'a release, with what it says of itself',
    [{ ...asks, type: release, ciaddr: '10.0.0.9' }],
    [{ ...bare, ...client, kind: 'released' }],
  ],
  [
    'a release by a relay too',
    [
      { type: release, ciaddr: '10.0.0.9' },
      { type: release, ciaddr: '10.0.0.9' },
    ],
    [{ ...bare, kind: 'released' }],
  ],
  ['a release of nothing', [{ type: release }], []],
  ['a decline', [{ type: decline, options: [[50, addressBytes('10.0.0.9')]] }], [{ ...bare, kind: 'declined' }]],
  ['a decline of nothing', [{ type: decline }], []],
  [
    'a grant and a release with one number',
    [granted, { type: release, ciaddr: '10.0.0.9' }],
    [lease, { ...bare, kind: 'released' }],
  ],
  [
    'a question that is longer than what is kept of it, beside that of another',
    [
      { ...asks, xid: 1 },
      { ...asks, xid: 2 },
      { ...asks, xid: 1, options: [[12, 'long'], ...Array.from({ length: 8 }, () => [224, 'x'.repeat(250)] as const)] },
      { ...granted, xid: 2 },
      { ...granted, xid: 1, yiaddr: '10.0.0.8' },
    ],
    [
      { ...lease, ...client },
      { ...lease, address: '10.0.0.8', hostname: 'long' },
    ],
  ],
  [
    'two clients whose addresses end alike',
    [granted, { ...granted, mac: 'd0:94:c9:00:00:01' }],
    [lease, { ...lease, mac: 'D0:94:C9:00:00:01' }],
  ],
  ['InfiniBand', [{ ...granted, htype: 32, hlen: 0 }], []],
  ['a client without an address of its own', [{ ...granted, mac: '00:00:00:00:00:00' }], []],
  ['a client with the address of a group', [{ ...granted, mac: '01:00:5e:00:00:01' }], []],
  [
    'options in the fields that option 52 names: options, then file, then sname',
    [
      {
        ...granted,
        options: [seconds(600), [52, [3]], [12, 'a']],
        file: [[12, 'b']],
        sname: [
          [12, 'c'],
          [60, 'iDRAC'],
        ],
      },
    ],
    [{ ...lease, hostname: 'abc', vendorClass: 'iDRAC' }],
  ],
  [
    'the field file alone',
    [{ ...granted, options: [seconds(600), [52, [1]]], file: [[12, 'b']] }],
    [{ ...lease, hostname: 'b' }],
  ],
  [
    'the field sname alone',
    [{ ...granted, options: [seconds(600), [52, [2]]], file: [[12, 'b']], sname: [[12, 'c']] }],
    [{ ...lease, hostname: 'c' }],
  ],
  [
    'fields that option 52 does not name',
    [{ ...granted, options: [seconds(600), [52, [1]]], sname: [[12, 'c']] }],
    [lease],
  ],
];

describe('what is told of what is heard', () => {
  it.each(table)('%s', (_, messages, wanted) => {
    const { events, leases } = tell(packetsOf(messages));
    const told = leases.map(({ source, time, ...words }) => words);
    expect(told).toStrictEqual(wanted);
    for (const { source, time } of leases) {
      expect(source).toEqual({ way: 'tap', host: 'here' });
      expect(new Date(time).toISOString()).toBe(time);
    }
    for (const event of events) {
      expect(parseLeaseEvent(JSON.stringify(event))).toEqual(event);
      expect(event).toEqual(leaseEvent(event.data));
    }
  });
});

test('nothing of option 43 is told, whoever sends it', () => {
  const secret = 'CONFIG=root:calvin@10.0.0.3';
  const options = [[12, 'ILO1'] as const, [43, secret] as const, [60, 'iDRAC'] as const];
  const { events } = tell(
    packetsOf([
      { type: discover, options },
      { ...granted, type: offer, options },
      { type: request, options },
      { ...granted, options: [...options, [82, [1, 1, 65]]] },
      { type: release, ciaddr: '10.0.0.9', options },
      { type: decline, options: [...options, [50, addressBytes('10.0.0.9')]] },
    ]),
  );
  expect(events).toHaveLength(3);
  expect(JSON.stringify(events)).not.toContain('calvin');
  expect(JSON.stringify(events)).not.toContain(
    Buffer.from('calvin')
      .toString('hex')
      .replaceAll(/..(?=.)/g, '$&:'),
  );
});

test('more clients than are remembered push the oldest out, and every ACK is told', () => {
  const macs = Array.from(
    { length: 5000 },
    (_, i) => `94:40:c9:00:${[i >> 8, i & 255].map(byte => byte.toString(16).padStart(2, '0')).join(':')}`,
  );
  const { leases } = tell(
    packetsOf([
      ...macs.map(mac => ({ type: request, mac, at: 0, options: [[12, mac] as const] })),
      ...macs.map(mac => ({ ...granted, mac, at: 1 })),
    ]),
  );
  expect(leases).toHaveLength(5000);
  expect(leases.filter(({ hostname }) => hostname !== undefined)).toHaveLength(4096);
  expect(leases.every(({ hostname, mac }) => hostname === undefined || hostname.toUpperCase() === mac)).toBe(true);
  expect(leases.at(-1)?.hostname).toBeDefined();
});

describe('through the layers below', () => {
  const whole = message(granted);
  const cooked = (header: number, protocolAt: number, rest: Uint8Array) => {
    const bytes = Buffer.alloc(header + rest.length);
    bytes.writeUInt16BE(0x0800, protocolAt);
    bytes.set(rest, header);
    return new Uint8Array(bytes);
  };
  const taggedCooked = Uint8Array.from([...Array<number>(14).fill(0), 0x81, 0, 0, 100, 8, 0, ...ipv4(whole)]);
  const frames: readonly (readonly [string, number, Uint8Array, number])[] = [
    ['Ethernet', 1, ethernet(whole), 1],
    ...(
      [
        ['a tag', [0x8100]],
        ['two tags, 802.1ad', [0x88a8, 0x8100]],
        ['two tags, 0x9100', [0x9100, 0x8100]],
      ] as const
    ).map(([name, tags]) => [name, 1, ethernet(whole, { tags }), 1] as const),
    ['three tags', 1, ethernet(whole, { tags: [0x88a8, 0x8100, 0x8100] }), 0],
    ['IPv6', 1, ethernet(whole).with(12, 0x86).with(13, 0xdd), 0],
    ['cooked, version 1', 113, cooked(16, 14, ipv4(whole)), 1],
    ['cooked, version 1, tagged', 113, taggedCooked, 1],
    ['cooked, version 2', 276, cooked(20, 0, ipv4(whole)), 1],
    ...[12, 14, 101, 228].map(link => [`raw IP, ${link}`, link, ipv4(whole), 1] as const),
    ['a link layer that is not known', 127, ipv4(whole), 0],
    ['from 67 to 67, as relays do', 1, ethernet(whole, { ports: [67, 67] }), 1],
    ['from anywhere to 68', 1, ethernet(whole, { ports: [40000, 68] }), 1],
    ['from 67 to anywhere', 1, ethernet(whole, { ports: [67, 40000] }), 1],
    ['other ports', 1, ethernet(whole, { ports: [546, 547] }), 0],
    ['a later fragment', 1, ethernet(whole, { fragment: 1 }), 0],
    ['a first fragment', 1, ethernet(whole, { fragment: 0x2000 }), 1],
    ['with a trailer', 1, ethernet(whole, { trailer: 40 }), 1],
  ];
  it.each(frames)('%s', (_, link, bytes, told) => {
    expect(tell([{ link, bytes, timeMs: 0 }]).leases).toHaveLength(told);
  });
  it('whatever a packet is cut to, what lies behind it in memory is of another', () => {
    const bytes = ethernet(message({ ...granted, options: [...granted.options, [12, 'ILO1']] }), {
      tags: [0x88a8, 0x8100],
    });
    const heard = (among: Uint8Array, end: number) => {
      const joiner = openJoiner('here');
      joiner.see({ bytes: among, start: 0, end, link: 1, timeMs: 0 });
      return { events: joiner.take(), counts: joiner.counts };
    };
    for (let end = 0; end <= bytes.length; end += 1) expect(heard(bytes, end)).toEqual(heard(bytes.slice(0, end), end));
    expect(heard(bytes, bytes.length).events).toHaveLength(1);
  });
  it('a trailer is no option', () => {
    const wish: FrameWish = { trailer: 40 };
    const found = { at: 0, end: 0, cut: false };
    const bytes = ethernet(whole, wish);
    expect(findDatagram({ bytes, start: 0, end: bytes.length, link: 1, timeMs: 0 }, found)).toBe('dhcp');
    expect(bytes.slice(found.at, found.end)).toEqual(whole);
    expect(found.cut).toBe(false);
  });
  it.each([Number.NaN, -1, 1e16, Number.POSITIVE_INFINITY])('at no time: %d', timeMs => {
    const { leases, counts } = tell([{ link: 1, bytes: ethernet(whole), timeMs }]);
    expect(leases).toEqual([]);
    expect(counts.notUnderstood).toBe(1);
  });
});
