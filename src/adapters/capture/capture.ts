import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../../core/failure.ts';
import type { LeaseEvent } from '../../core/lease.ts';
import { type Joiner, openJoiner, type PacketCounts } from './join.ts';
import { openReader, type Reader } from './reader.ts';
import { chunksOf, openToRead } from './source.ts';
import { listenOn } from './tcpdump.ts';

/** DHCP off the wire, or off a recording of it. */
export type Capture = {
  /** A pcap or pcapng file. `Failure` (exit 2) when it is none, before anything is told of it. */
  replay(path: string): Promise<Tap>;
  /** Comes back when tcpdump listens. `Failure` when it cannot: 2 no such interface, 4 not allowed, 5 it is down, 1 anything else. */
  listen(name: string): Promise<Tap>;
  close(): Promise<void>;
};

export type Tap = {
  /** To be gone through once; ends with the recording, or when bmtool is interrupted. Throws `Failure` when tcpdump ends by itself. */
  readonly events: AsyncIterable<LeaseEvent>;
  /** How it stands. */
  counts(): TapCounts;
};

export type TapCounts = PacketCounts & {
  /** Why nothing behind this byte could be read. */
  readonly damage?: {
    /** The byte, from the beginning of the file. */
    readonly at: number;
    /** In words. */
    readonly why: string;
  };
  /** The recording ends within a packet. */
  readonly endsMidway?: true;
  /** The kernel had no room for so many packets. */
  readonly dropped?: number;
};

/** @param around the machine's name for the events' source, and where programs are looked for */
export function openCapture(around: { host: string; path: string; interrupt: AbortSignal }): Capture {
  const closers: (() => Promise<void>)[] = [];
  return {
    async replay(path) {
      const handle: FileHandle = await openToRead(path);
      closers.push(() => handle.close());
      const tap = openTap(around.host);
      const chunks = chunksOf(path, handle);
      await readBeginning(path, chunks, tap.reader);
      return { events: tap.through(chunks, around.interrupt), counts: tap.counts };
    },
    async listen(name) {
      const listening = await listenOn(name, around.path, around.interrupt);
      closers.push(listening.stop);
      const tap = openTap(around.host);
      return {
        events: tap.through(listening.chunks),
        counts() {
          const dropped = listening.dropped();
          return { ...tap.counts(), ...(dropped === undefined ? {} : { dropped }) };
        },
      };
    },
    async close() {
      for (const close of closers.toReversed()) await close();
    },
  };
}

function openTap(host: string) {
  const joiner: Joiner = openJoiner(host);
  const reader: Reader = openReader(joiner.see);
  return {
    reader,
    /** What was read of a chunk is told before the next one is read. */
    async *through(chunks: AsyncIterable<Uint8Array>, interrupt?: AbortSignal): AsyncGenerator<LeaseEvent> {
      yield* joiner.take();
      for await (const chunk of chunks) {
        if (interrupt?.aborted) return;
        reader.push(chunk);
        yield* joiner.take();
        if (reader.damage !== undefined) return;
      }
    },
    counts(): TapCounts {
      const { damage, isMidway } = reader;
      return {
        ...joiner.counts,
        ...(damage === undefined ? {} : { damage }),
        ...(damage === undefined && isMidway ? { endsMidway: true } : {}),
      };
    },
  };
}

/** Reads on until it is clear that it is a capture. */
async function readBeginning(path: string, chunks: AsyncGenerator<Uint8Array>, reader: Reader): Promise<void> {
  let isEmpty = true;
  while (reader.format === undefined && reader.damage === undefined) {
    const { value, done } = await chunks.next();
    if (done) break;
    isEmpty = false;
    reader.push(value);
  }
  if (reader.format !== undefined) return;
  const why = reader.damage?.at === 0 || reader.damage === undefined ? 'it is no capture' : reader.damage.why;
  throw new Failure('not-a-capture', isEmpty ? `${path} is empty` : `${path} cannot be read: ${why}`, {
    next: 'Give a pcap or pcapng file, as tcpdump -w and dumpcap write them, of Ethernet or raw IP; unpack it first if it is compressed.',
  });
}
