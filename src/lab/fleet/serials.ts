import type { Random } from './random.ts';

const digits = '0123456789';
/** Dell's service tags have no vowels, so that no words appear. */
const consonants = '0123456789BCDFGHJKLMNPQRSTVWXYZ';
/** Letters that cannot be taken for digits on a label. */
const clear = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** How each maker's serial numbers look, by manufacturer slug. */
const shapes: Record<string, (random: Random) => string> = {
  dell: random => `${random.text(6, consonants)}${random.pick(['3', '4'])}`, // service tag, e.g. 5XK7ZN3
  hpe: random => `${random.pick(['MXQ', 'CZJ'])}${yearWeek(random)}${random.text(4, clear)}`, // e.g. CZJ3120QWE
  lenovo: random => `J${random.pick(['1', '3', '9'])}0${random.text(5, clear)}`, // e.g. J303DPZL
  supermicro: random => `S${random.text(6, digits)}X${random.text(7, digits)}`, // e.g. S268305X1A12345
  arista: random => `JPE2${yearWeek(random)}${random.text(4, digits)}`, // e.g. JPE23150834
};

/** Hands out serial numbers in the shape of a manufacturer, never the same twice. */
export function serialSource(random: Random): (manufacturer: string) => string {
  const given = new Set<string>();
  return manufacturer => {
    const shape = shapes[manufacturer];
    if (shape === undefined) throw new Error(`serials.ts has no shape for the manufacturer "${manufacturer}"`);
    for (;;) {
      const serial = shape(random);
      if (given.has(serial)) continue;
      given.add(serial);
      return serial;
    }
  };
}

/** The last digit of the year and the week of manufacture, as on HPE and Arista labels: 312 is week 12 of 2023. */
function yearWeek(random: Random): string {
  return `${random.pick(['3', '4', '5'])}${String(1 + random.below(52)).padStart(2, '0')}`;
}
