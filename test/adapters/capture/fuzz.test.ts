import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openJoiner } from '../../../src/adapters/capture/join.ts';
import { openReader } from '../../../src/adapters/capture/reader.ts';
import { parseLeaseEvent } from '../../../src/core/lease.ts';
import { tries } from '../../support/tries.ts';
import { joinBytes, pcapngBlocks } from './files.ts';
import { ack, ethernet, message, pushInPieces, read, recording, recordings, request, tell } from './packets.ts';

const { section, interface: describes, packet } = pcapngBlocks('little');
const captures: readonly Uint8Array[] = [
  ...recordings.map(recording),
  joinBytes(
    section(),
    describes(1, { resolution: 9, offsetSeconds: 1 }),
    ...read(recording('kea-dora')).packets.map(({ bytes }, i) => packet(0, BigInt(i) * 1_000_000_000n, bytes)),
  ),
];

type Mutation = { readonly at: number; readonly how: 'flip' | 'cut' | 'insert'; readonly bytes: Uint8Array };

const mutations = fc.array(
  fc.record<Mutation>({
    at: fc.nat(10_000),
    how: fc.constantFrom('flip', 'cut', 'insert'),
    bytes: fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.constant(Uint8Array.of(255, 255, 255, 255))),
  }),
  { minLength: 1, maxLength: 6 },
);

function mutated(capture: Uint8Array, all: readonly Mutation[]): Uint8Array {
  return all.reduce((bytes, { at: anywhere, how, bytes: others }) => {
    const at = anywhere % (bytes.length + 1);
    const after = { flip: at + others.length, cut: at + others.length, insert: at }[how];
    return joinBytes(bytes.subarray(0, at), how === 'cut' ? new Uint8Array(0) : others, bytes.subarray(after));
  }, capture);
}

/** What a tap tells of bytes that lie among others, as chunks of a buffer do. */
function tellAmong(others: number, capture: Uint8Array) {
  const among = new Uint8Array(capture.length + 4096).fill(others);
  among.set(capture, 2048);
  const joiner = openJoiner('here');
  const reader = openReader(joiner.see);
  reader.push(among.subarray(2048, 2048 + capture.length));
  return { events: joiner.take(), counts: joiner.counts, damage: reader.damage };
}

/** More of them by hand: FUZZ_RUNS=40000. */
test('whatever is in a capture: nothing is thrown, nothing is read that is not of the packet, and what is told can be read back', () => {
  fc.assert(
    fc.property(fc.constantFrom(...captures), mutations, fc.integer({ min: 1, max: 600 }), (capture, all, size) => {
      const bytes = mutated(capture, all);
      const told = tellAmong(0, bytes);
      expect(tellAmong(0x35, bytes)).toEqual(told);
      const apart = read(bytes, [size]);
      const { events, counts } = tell(apart.packets);
      expect({ events, counts, damage: apart.damage }).toEqual(told);
      for (const event of events) expect(parseLeaseEvent(JSON.stringify(event))).toEqual(event);
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? tries(250)) },
  );
}, 600_000);

test('bytes that are no capture at all', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.constantFrom(0, 24, 300), (bytes, kept) => {
      tellAmong(0, joinBytes(recording('kea-dora').subarray(0, kept), bytes));
    }),
    { numRuns: tries(500) },
  );
});

test('memory stays flat, whoever speaks', () => {
  const mac = (i: number) =>
    `94:40:c9:${[(i >> 16) & 255, (i >> 8) & 255, i & 255].map(byte => byte.toString(16).padStart(2, '0')).join(':')}`;
  const template = [request, ack].map(type => ethernet(message({ type, yiaddr: '10.0.0.9', options: [[12, 'ILO1']] })));
  const joiner = openJoiner('here');
  const speak = (from: number, to: number) => {
    for (let i = from; i < to; i += 1)
      for (const bytes of template) {
        bytes.set(Buffer.from(mac(i).replaceAll(':', ''), 'hex'), 14 + 28 + 28);
        joiner.see({ bytes, start: 0, end: bytes.length, link: 1, timeMs: 1.7e12 + i });
        joiner.take();
      }
  };
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return (heapUsed + arrayBuffers) / 1e6;
  };
  const more = tries(150_000);
  speak(0, 70_000);
  const before = used();
  speak(70_000, 70_000 + more);
  expect(joiner.counts.packets).toBe(2 * (70_000 + more));
  expect(used() - before).toBeLessThan(10);
}, 60_000);

test('a packet that lies across chunks is kept in one buffer, whatever its header promises', () => {
  const capture = recording('isc-dora-dhclient').slice(0, 40);
  new DataView(capture.buffer).setUint32(24 + 8, 262_144, true);
  const before = process.memoryUsage().arrayBuffers;
  const reader = openReader(() => {});
  pushInPieces(reader, joinBytes(capture, new Uint8Array(262_143)), [1000]);
  expect(reader).toMatchObject({ damage: undefined, isMidway: true });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3_000_000);
});
