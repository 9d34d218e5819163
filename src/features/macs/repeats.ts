/** Values that stand on several lines of a file, found without keeping the values: 16 bytes each, at most half the table full. */
export type Repeats = {
  /** Says that this value stands on this line. Lines are told in rising order. Gives whether it stood on an earlier one. */
  saw(value: Fingerprint, line: number): boolean;
  /** Another line with this value: the first one that has it, or for that one the second. */
  otherLine(value: Fingerprint, line: number): number | undefined;
};

/** Two numbers below 2^32 that stand for a value. */
export type Fingerprint = readonly [high: number, low: number];

/** A million rows in a Map cost 100 MB and more; typed arrays outside the heap cost 32. */
export function openRepeats(): Repeats {
  let capacity = 1024;
  let used = 0;
  let table = openTable(capacity);

  function grow(): void {
    const old = table;
    capacity *= 2;
    table = openTable(capacity);
    for (let at = 0; at < old.first.length; at++) {
      if (old.first[at] === 0) continue;
      const to = table.slotOf(old.high[at] ?? 0, old.low[at] ?? 0);
      table.high[to] = old.high[at] ?? 0;
      table.low[to] = old.low[at] ?? 0;
      table.first[to] = old.first[at] ?? 0;
      table.second[to] = old.second[at] ?? 0;
    }
  }

  return {
    saw([high, low], line) {
      const at = table.slotOf(high, low);
      if (table.first[at] !== 0) {
        if (table.second[at] === 0) table.second[at] = line;
        return true;
      }
      table.high[at] = high;
      table.low[at] = low;
      table.first[at] = line;
      used += 1;
      if (used * 2 > capacity) grow();
      return false;
    },
    otherLine([high, low], line) {
      const at = table.slotOf(high, low);
      const other = table.first[at] === line ? table.second[at] : table.first[at];
      return other === 0 ? undefined : other;
    },
  };
}

/** Open addressing; line 0 marks an empty slot. `capacity` is a power of two. */
function openTable(capacity: number) {
  const [high, low, first, second] = [0, 1, 2, 3].map(() => new Uint32Array(capacity)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  return {
    high,
    low,
    first,
    second,
    slotOf(wantedHigh: number, wantedLow: number): number {
      let at = Math.imul(wantedHigh ^ Math.imul(wantedLow, 0x9e3779b1), 0x85ebca6b);
      at = (at ^ (at >>> 15)) & (capacity - 1);
      while (first[at] !== 0 && (high[at] !== wantedHigh || low[at] !== wantedLow)) at = (at + 1) & (capacity - 1);
      return at;
    },
  };
}

/** A number below 2^53, whole: two equal fingerprints are two equal numbers. */
export function fingerprintOfNumber(value: number): Fingerprint {
  return [Math.floor(value / 2 ** 32), value >>> 0];
}

/** 64 bits of hash (cyrb53's mixing, both halves kept): among a million texts two share one by chance once in 40 million manifests. */
export function fingerprintOfText(text: string): Fingerprint {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return [high >>> 0, low >>> 0];
}
