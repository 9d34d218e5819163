/**
 * What was seen lately of (client, transaction, something): a fixed number of places, the oldest of which is given away when all are taken. A hash table in
 * arrays of numbers, so that millions of packets leave nothing for the garbage collector.
 */
export type Recent = {
  /** The place of what was put there at most `ageMs` before (or after: captures are merged, clocks set), or -1. */
  find(mac: number, transaction: number, third: number, timeMs: number): number;
  /** Gives it a place, its own where it has one. */
  put(mac: number, transaction: number, third: number, timeMs: number): number;
};

/** @param places a power of two */
export function openRecent(places: number, ageMs: number): Recent {
  const macs = new Float64Array(places);
  const transactions = new Uint32Array(places);
  const thirds = new Uint32Array(places);
  const times = new Float64Array(places);
  /** The first place with a digest, the place after each with the same, and the digest of each; -1 is none. */
  const firsts = new Int32Array(places).fill(-1);
  const afters = new Int32Array(places).fill(-1);
  const digests = new Int32Array(places).fill(-1);
  let oldest = 0;
  const placeOf = (digest: number, mac: number, transaction: number, third: number): number => {
    let place = firsts[digest] ?? -1;
    while (place >= 0 && !(macs[place] === mac && transactions[place] === transaction && thirds[place] === third))
      place = afters[place] ?? -1;
    return place;
  };
  const empty = (place: number) => {
    const digest = digests[place] ?? -1;
    if (digest < 0) return;
    const after = afters[place] ?? -1;
    if (firsts[digest] === place) {
      firsts[digest] = after;
      return;
    }
    let before = firsts[digest] ?? -1;
    while (before >= 0 && afters[before] !== place) before = afters[before] ?? -1;
    if (before >= 0) afters[before] = after;
  };
  const fill = (digest: number, mac: number, transaction: number, third: number): number => {
    const place = oldest;
    oldest = (oldest + 1) % places;
    empty(place);
    macs[place] = mac;
    transactions[place] = transaction;
    thirds[place] = third;
    digests[place] = digest;
    afters[place] = firsts[digest] ?? -1;
    firsts[digest] = place;
    return place;
  };
  return {
    find(mac, transaction, third, timeMs) {
      const place = placeOf(digestOf(mac, transaction, third) & (places - 1), mac, transaction, third);
      return place >= 0 && Math.abs(timeMs - (times[place] ?? 0)) <= ageMs ? place : -1;
    },
    put(mac, transaction, third, timeMs) {
      const digest = digestOf(mac, transaction, third) & (places - 1);
      const own = placeOf(digest, mac, transaction, third);
      const place = own >= 0 ? own : fill(digest, mac, transaction, third);
      times[place] = timeMs;
      return place;
    },
  };
}

function digestOf(mac: number, transaction: number, third: number): number {
  const mixed = Math.imul((mac | 0) ^ Math.imul(transaction, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(third, 0xc2b2ae35);
  return mixed ^ (mixed >>> 15);
}
