/**
 * A packet as it lies in the capture: `bytes` from `start` to `end`. One object is used for all of them, so that a gigabyte of packets makes
 * no garbage: it says something only until whoever was handed it returns, and so do the bytes.
 */
export type Frame = {
  bytes: Uint8Array;
  start: number;
  end: number;
  /** As tcpdump.org/linktypes.html numbers them. */
  link: number;
  /** Milliseconds since 1970; NaN when the capture does not tell. */
  timeMs: number;
};

export function emptyFrame(): Frame {
  // A number with a fraction from the start: V8 keeps the field as a double, and never makes an object of it.
  return { bytes: new Uint8Array(0), start: 0, end: 0, link: 0, timeMs: 0.5 };
}

/**
 * Reads the one thing (a header, a packet) that begins at `at`. Tells how many bytes it takes: more than there are when nobody has to see the rest;
 * minus as many as must be seen to go on; or 0 when nothing can begin like that.
 */
export type Step = (bytes: Uint8Array, at: number, end: number) => number;

/** No packet is longer: tcpdump's largest snapshot length. A longer one is damage, and would fill the memory. */
export const longestPacket = 262_144;
