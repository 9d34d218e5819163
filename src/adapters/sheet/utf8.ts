import { isUtf8 } from 'node:buffer';

/** A byte that is not of UTF-8, and the line on which it stands, as an editor counts. */
export type ForeignByte = { readonly line: number; readonly byte: number };

/**
 * The first byte that is not of UTF-8. Whoever decodes all the same puts U+FFFD in its place, and what stood there is lost to
 * whatever is written from it. `chunks` reads from the beginning each time; lines are counted only when there is something to tell.
 */
export async function findForeignByte(chunks: () => AsyncIterable<Buffer>): Promise<ForeignByte | undefined> {
  const at = await firstForeign(chunks());
  return at === undefined ? undefined : placeOf(at, chunks());
}

async function firstForeign(chunks: AsyncIterable<Buffer>): Promise<number | undefined> {
  let before = 0;
  let begun: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = begun.length === 0 ? chunk : Buffer.concat([begun, chunk]);
    const whole = bytes.subarray(0, bytes.length - begunAtEnd(bytes));
    if (!isUtf8(whole)) return before + foreignIn(whole);
    before += whole.length;
    begun = bytes.subarray(whole.length);
  }
  return begun.length === 0 ? undefined : before;
}

/** How many bytes at the end belong to a character that goes on in the next chunk. */
function begunAtEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) !== 0x80) return sizeOf(byte) > back ? back : 0;
  }
  return 0;
}

function foreignIn(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const size = sizeOf(bytes[at] ?? 0);
    if (!isUtf8(bytes.subarray(at, at + size))) break;
    at += size;
  }
  return at;
}

/** How long a character is that begins with this byte (RFC 3629, 3). */
function sizeOf(lead: number): number {
  return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

async function placeOf(foreign: number, chunks: AsyncIterable<Buffer>): Promise<ForeignByte> {
  const [lf, cr] = [0x0a, 0x0d];
  let [at, line, last] = [0, 1, 0];
  for await (const chunk of chunks) {
    for (const byte of chunk) {
      if (at === foreign) return { line, byte };
      if (byte === cr || (byte === lf && last !== cr)) line += 1;
      last = byte;
      at += 1;
    }
  }
  return { line, byte: last };
}
