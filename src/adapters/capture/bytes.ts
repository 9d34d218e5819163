/** Two bytes as the network orders them. What lies behind the end counts as 0: nobody is to trust it, but nothing throws. */
export function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function u32(bytes: Uint8Array, at: number): number {
  return ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0;
}

/** Captures are in the order of the machine that wrote them. */
export type Order = 'big' | 'little';

export function u16In(order: Order, bytes: Uint8Array, at: number): number {
  return order === 'big' ? u16(bytes, at) : (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

export function u32In(order: Order, bytes: Uint8Array, at: number): number {
  return order === 'big' ? u32(bytes, at) : (u16In(order, bytes, at) | (u16In(order, bytes, at + 2) << 16)) >>> 0;
}
