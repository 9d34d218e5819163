import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry } from '../../../src/adapters/redis/queue.ts';

describe('an entry of the queue', () => {
  it('gives back any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
        expect(decodeEntry(encodeEntry(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('is text as it is, and gives it back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        fc.pre(!text.startsWith('base64:'));
        expect(encodeEntry(Buffer.from(text))).toBe(text);
      }),
    );
  });

  it.each([
    ['{"mac":"94:40:c9:00:00:01"}', '{"mac":"94:40:c9:00:00:01"}'],
    ['', ''],
    ['Grüße\0', 'Grüße\0'],
    ['\uFEFF{}', '\uFEFF{}'],
    [Buffer.from([0xff, 0x00]), 'base64:/wA='],
    [Buffer.from([0xed, 0xa0, 0x80]), 'base64:7aCA'],
    ['base64:/wA=', 'base64:YmFzZTY0Oi93QT0='],
    ['base64', 'base64'],
  ])('%j is %j', (bytes, entry) => {
    expect(encodeEntry(Buffer.from(bytes as string))).toBe(entry);
    expect(decodeEntry(entry)).toEqual(Buffer.from(bytes as string));
  });

  it.each(['base64:/w', 'base64:no base64', 'half \ud800 a character'])('cannot be %j', entry => {
    expect(() => decodeEntry(entry)).toThrow(expect.objectContaining({ exit: 2 }));
  });
});
