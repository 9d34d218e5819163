/** Makers of servers, with the words by which NetBox manufacturers and IEEE organisations are recognised as them. */
const makers: readonly { readonly name: string; readonly words: RegExp }[] = [
  { name: 'Dell', words: /\bdell\b/i },
  { name: 'HPE', words: /\bhpe?\b|hewlett.?packard/i },
  { name: 'Lenovo', words: /\blenovo\b/i },
  { name: 'Supermicro', words: /super ?micro/i },
  { name: 'Cisco', words: /\bcisco\b/i },
  { name: 'Fujitsu', words: /\bfujitsu\b|\bfsas\b/i },
  { name: 'Huawei', words: /\bhuawei\b|\bxfusion\b/i },
  { name: 'Inspur', words: /\binspur\b|\bieit\b/i },
  { name: 'Gigabyte', words: /giga-?byte/i },
  { name: 'ASUS', words: /\basus/i },
  { name: 'ASRock', words: /asrock/i },
  { name: 'IBM', words: /\bibm\b/i },
  { name: 'Quanta', words: /\bquanta\b|\bqct\b/i },
  { name: 'NVIDIA', words: /\bnvidia\b|\bmellanox\b/i },
  { name: 'Intel', words: /\bintel\b/i },
];

/**
 * Says that an address block belongs to somebody else than the device's maker, or nothing. A hint for a person, never a reason to refuse:
 * a BMC made by an ODM carries the ODM's block (Lenovo's XCC comes with Compal's).
 */
export function vendorMismatch(
  oui: string,
  organisation: string | undefined,
  manufacturer: string,
): string | undefined {
  if (organisation === undefined || manufacturer === '') return undefined;
  const maker = makerOf(manufacturer);
  if (maker === makerOf(organisation)) return undefined;
  const colons = oui.match(/../g)?.join(':');
  return `OUI ${colons} belongs to ${organisation}, but the device is made by ${manufacturer}`;
}

/** One name for a maker, whichever of its own it is called by; the first word of a name that is not known. */
export function makerOf(text: string): string {
  return makers.find(({ words }) => words.test(text))?.name ?? text.toLowerCase().split(/[\s,.]+/)[0] ?? '';
}
