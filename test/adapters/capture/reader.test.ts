import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { openReader } from '../../../src/adapters/capture/reader.ts';
import { tries } from '../../support/tries.ts';
import { joinBytes, type Order, pcapFile, pcapngBlocks } from './files.ts';
import { type Packet, pushInPieces, read, recording, recordings } from './packets.ts';

const orders: readonly Order[] = ['big', 'little'];
const kea = read(recording('kea-dora')).packets;
const pieces = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 50 });

/** As an enhanced packet block counts: microseconds. */
const micros = ({ timeMs }: Packet) => BigInt(Math.round(timeMs * 1000));

function asPcapng(packets: readonly Packet[], order: Order): Uint8Array {
  const { section, interface: describes, packet } = pcapngBlocks(order);
  return joinBytes(section(), describes(1), ...packets.map(one => packet(0, micros(one), one.bytes)));
}

describe('the same packets, however the bytes come', () => {
  const captures: readonly (readonly [string, Uint8Array])[] = [
    ...recordings.map(name => [name, recording(name)] as const),
    ...orders.map(order => [`pcapng, ${order} endian`, asPcapng(kea, order)] as const),
  ];
  it.each(captures)('%s', (_, capture) => {
    const whole = read(capture);
    expect(whole).toMatchObject({ damage: undefined, isMidway: false });
    expect(whole.packets.length).toBeGreaterThan(0);
    expect(read(capture, [1])).toEqual(whole);
    fc.assert(
      fc.property(pieces, sizes => {
        expect(read(capture, sizes)).toEqual(whole);
      }),
      { numRuns: tries(50) },
    );
  });
});

describe('pcap', () => {
  it.each(orders.flatMap(order => [true, false].map(nano => ({ order, nano }))))(
    '$order endian, nanoseconds: $nano',
    how => {
      const { packets, format } = read(pcapFile(kea, { ...how, link: 1 }));
      expect(format).toBe('pcap');
      expect(packets.map(({ bytes }) => bytes)).toEqual(kea.map(({ bytes }) => bytes));
      for (const [i, { timeMs }] of packets.entries()) expect(timeMs).toBeCloseTo(kea[i]?.timeMs ?? 0, 3);
    },
  );
  it('the upper half of the link type tells of the checksum behind a frame', () => {
    const capture = pcapFile(kea, { order: 'little', nano: false, link: 1 | (0x4000 << 16) });
    expect(read(capture).packets).toEqual(kea);
  });
  it.each([
    ['a link layer that bmtool does not read', { link: 127 }, 'its packets are of link type 127'],
    ['raw IP', { link: 101 }, undefined],
  ])('%s', (_, { link }, why) => {
    const { damage, packets } = read(pcapFile(kea, { order: 'little', nano: false, link }));
    expect(damage?.why).toBe(why);
    expect(packets.length).toBe(why ? 0 : kea.length);
  });
});

describe('pcapng', () => {
  const [first, second, third] = kea as [Packet, Packet, Packet];
  it.each(orders)('interfaces have a link layer and a clock of their own (%s endian)', order => {
    const { section, interface: describes, packet, oldPacket } = pcapngBlocks(order);
    const capture = joinBytes(
      section(),
      describes(1, { resolution: 9 }),
      describes(113, { resolution: 3, offsetSeconds: -10 }),
      packet(1, 5000n, first.bytes),
      packet(0, 1_700_000_000_123_456_789n, second.bytes),
      describes(101, { resolution: 0x80 | 10, offsetSeconds: 2 ** 33 }),
      oldPacket(2, 2048n, third.bytes),
    );
    const seen = read(capture).packets;
    expect(seen.map(({ link, bytes }) => ({ link, bytes }))).toEqual([
      { link: 113, bytes: first.bytes },
      { link: 1, bytes: second.bytes },
      { link: 101, bytes: third.bytes },
    ]);
    expect(seen[0]?.timeMs).toBe(-5000);
    expect(seen[1]?.timeMs).toBeCloseTo(1_700_000_000_123.4568, 2);
    expect(seen[2]?.timeMs).toBe((2 ** 33 + 2) * 1000);
  });
  it('sections may have orders of their own, and forget the interfaces before', () => {
    const [big, little] = [pcapngBlocks('big'), pcapngBlocks('little')];
    const capture = joinBytes(
      big.section(),
      big.interface(1),
      big.packet(0, micros(first), first.bytes),
      little.section(),
      little.interface(113),
      little.packet(0, micros(second), second.bytes),
      big.section(),
      big.packet(0, micros(third), third.bytes),
    );
    expect(read(capture).packets.map(({ link }) => link)).toEqual([1, 113, -1]);
  });
  it('skips what it does not know, also when it is larger than anything it would keep', () => {
    const { section, interface: describes, packet, block } = pcapngBlocks('little');
    const capture = joinBytes(
      section(),
      block(0x0bad, new Uint8Array(3_000_000)),
      describes(1),
      block(4, new Uint8Array(33)),
      packet(0, micros(first), first.bytes),
      block(5, new Uint8Array(8)),
    );
    expect(read(capture, [65_536])).toMatchObject({ packets: [first], damage: undefined, isMidway: false });
  });
  it('a simple packet block has no time', () => {
    const { section, interface: describes, simplePacket } = pcapngBlocks('little');
    const { packets } = read(joinBytes(section(), describes(1), simplePacket(first.bytes)));
    expect(packets.map(({ timeMs }) => timeMs)).toEqual([Number.NaN]);
  });
});

describe('damage', () => {
  const good = recording('isc-dora-dhclient');
  const withLength = (length: number) => {
    const capture = good.slice();
    new DataView(capture.buffer).setUint32(24 + 8, length, true);
    return capture;
  };
  it.each([
    ['no capture', Uint8Array.from(Buffer.from('server_serial,server_bmc_mac\n')), 0],
    ['a version of pcap that nobody writes', Uint8Array.from(good.with(4, 3)), 0],
    ['a packet longer than there are', withLength(262_145), 24],
    ['a packet of four gigabytes', withLength(0xffffffff), 24],
    ['a section of neither order', asPcapng(kea, 'big').with(8, 0), 0],
    ['a block of no length', joinBytes(asPcapng(kea, 'big'), new Uint8Array(12)), asPcapng(kea, 'big').length],
  ])('%s', (_, capture, at) => {
    expect(read(capture).damage?.at).toBe(at);
    expect(read(capture, [1]).damage?.at).toBe(at);
  });
  it('what comes before it is told', () => {
    const { packets, damage } = read(joinBytes(good, withLength(0xffffffff).subarray(24)));
    expect(packets).toHaveLength(4);
    expect(damage?.at).toBe(good.length);
  });
  it('a capture that ends within a packet is not damaged', () => {
    expect(read(good.subarray(0, -1))).toMatchObject({ damage: undefined, isMidway: true });
    expect(read(good.subarray(0, -1)).packets).toHaveLength(3);
  });
  it('a packet that is longer than its block', () => {
    const { section, interface: describes, packet } = pcapngBlocks('little');
    const before = joinBytes(section(), describes(1));
    const block = packet(0, 0n, new Uint8Array(64));
    new DataView(block.buffer, block.byteOffset).setUint32(20, block.length - 28 - 3, true);
    expect(read(joinBytes(before, block)).damage?.at).toBe(before.length);
  });
  it('too many interfaces are damage, not memory', () => {
    const { section, interface: describes } = pcapngBlocks('little');
    const many = joinBytes(section(), ...Array.from({ length: 4097 }, () => describes(1)));
    expect(read(many).damage).toBeDefined();
  });
});

test('packets of a chunk are not copied', () => {
  const capture = recording('kea-dora');
  const within: boolean[] = [];
  const reader = openReader(({ bytes }) => within.push(bytes.buffer === capture.buffer));
  pushInPieces({ ...reader, push: () => reader.push(capture) }, capture, [capture.length]);
  expect(within).toEqual(kea.map(() => true));
});
