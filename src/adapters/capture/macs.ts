import { type Mac, parseMac } from '../../core/mac.ts';

const mostNames = 65_536;

/** The names of MAC addresses given as numbers; each is made once, since the same clients speak again and again. Nothing for what no client can have. */
export function openMacNames(): (mac: number) => Mac | undefined {
  // By the lower 32 bits, which are a small number to V8: looking up a large one takes several times as long.
  const names = new Map<number, { readonly mac: number; readonly name: Mac }>();
  return mac => {
    const known = names.get(mac | 0);
    if (known?.mac === mac) return known.name;
    const reading = parseMac(mac.toString(16).padStart(12, '0'));
    if (!reading.ok) return undefined;
    if (names.size >= mostNames) names.clear();
    names.set(mac | 0, { mac, name: reading.mac });
    return reading.mac;
  };
}
