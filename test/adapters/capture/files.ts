import type { Packet } from './packets.ts';

export type Order = 'big' | 'little';
type Numbers = readonly (readonly [bits: 16 | 32, value: number])[];

function numbers(order: Order, values: Numbers): Buffer {
  return Buffer.concat(
    values.map(([bits, value]) => {
      const bytes = Buffer.alloc(bits / 8);
      if (bits === 16) order === 'big' ? bytes.writeUInt16BE(value) : bytes.writeUInt16LE(value);
      else order === 'big' ? bytes.writeUInt32BE(value >>> 0) : bytes.writeUInt32LE(value >>> 0);
      return bytes;
    }),
  );
}

/** A pcap file, as tcpdump writes it on a machine of that order. */
export function pcapFile(
  packets: readonly Packet[],
  { order, nano, link }: { order: Order; nano: boolean; link: number },
): Uint8Array {
  const header = numbers(order, [
    [32, nano ? 0xa1b23c4d : 0xa1b2c3d4],
    [16, 2],
    [16, 4],
    [32, 0],
    [32, 0],
    [32, 262144],
    [32, link],
  ]);
  const records = packets.map(({ timeMs, bytes }) => {
    const seconds = Math.floor(timeMs / 1000);
    const fraction = Math.round((timeMs - seconds * 1000) * (nano ? 1_000_000 : 1000));
    return Buffer.concat([
      numbers(order, [
        [32, seconds],
        [32, fraction],
        [32, bytes.length],
        [32, bytes.length],
      ]),
      bytes,
    ]);
  });
  return new Uint8Array(Buffer.concat([header, ...records]));
}

/** How an interface of a pcapng file tells time: `resolution` is if_tsresol as it stands in the file. */
export type Clock = { readonly resolution?: number; readonly offsetSeconds?: number };

/** Writes pcapng, block by block, after the specification and not after the reader. */
export function pcapngBlocks(order: Order) {
  const block = (type: number, body: Uint8Array): Uint8Array => {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    const length = numbers(order, [[32, padded.length + 12]]);
    return new Uint8Array(Buffer.concat([numbers(order, [[32, type]]), length, padded, length]));
  };
  const option = (code: number, value: Uint8Array): Buffer =>
    Buffer.concat([
      numbers(order, [
        [16, code],
        [16, value.length],
      ]),
      value,
      Buffer.alloc((4 - (value.length % 4)) % 4),
    ]);
  return {
    block,
    section: () =>
      block(
        0x0a0d0d0a,
        numbers(order, [
          [32, 0x1a2b3c4d],
          [16, 1],
          [16, 0],
          [32, 0xffffffff],
          [32, 0xffffffff],
        ]),
      ),
    interface(link: number, { resolution, offsetSeconds }: Clock = {}) {
      const head = numbers(order, [
        [16, link],
        [16, 0],
        [32, 262144],
      ]);
      const offset = Buffer.alloc(8);
      if (order === 'big') offset.writeBigInt64BE(BigInt(offsetSeconds ?? 0));
      else offset.writeBigInt64LE(BigInt(offsetSeconds ?? 0));
      const options = [
        option(2, Buffer.from('ens3')),
        ...(resolution === undefined ? [] : [option(9, Uint8Array.of(resolution))]),
        ...(offsetSeconds === undefined ? [] : [option(14, offset)]),
        option(0, Buffer.alloc(0)),
      ];
      return block(1, Buffer.concat([head, ...options]));
    },
    /** An enhanced packet block, with options behind the packet. */
    packet(number: number, ticks: bigint, bytes: Uint8Array) {
      const head = numbers(order, [
        [32, number],
        [32, Number(ticks >> 32n)],
        [32, Number(ticks & 0xffffffffn)],
        [32, bytes.length],
        [32, bytes.length],
      ]);
      const padding = Buffer.alloc((4 - (bytes.length % 4)) % 4);
      return block(
        6,
        Buffer.concat([head, bytes, padding, option(1, Buffer.from('a comment')), option(0, Buffer.alloc(0))]),
      );
    },
    /** The obsolete packet block: the interface has 16 bits, and so have the drops. */
    oldPacket(number: number, ticks: bigint, bytes: Uint8Array) {
      const head = numbers(order, [
        [16, number],
        [16, 0xffff],
        [32, Number(ticks >> 32n)],
        [32, Number(ticks & 0xffffffffn)],
        [32, bytes.length],
        [32, bytes.length],
      ]);
      return block(2, Buffer.concat([head, bytes]));
    },
    simplePacket: (bytes: Uint8Array) => block(3, Buffer.concat([numbers(order, [[32, bytes.length]]), bytes])),
  };
}

export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
