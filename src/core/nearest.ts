/** The names that are most like what was typed, best first; those that have nothing in common with it are none. */
export function nearest(typed: string, names: readonly string[], most = 3): string[] {
  return names
    .map(name => ({ name, likeness: likenessOf(typed, name) }))
    .filter(({ likeness }) => likeness > 0.3)
    .sort((a, b) => b.likeness - a.likeness || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

/** From 0 to 1: the share of pairs of neighbouring letters that both have (Dice's coefficient). */
function likenessOf(a: string, b: string): number {
  const [here, there] = [pairsOf(a), pairsOf(b)];
  const common = [...here].filter(pair => there.has(pair)).length;
  return (2 * common) / (here.size + there.size);
}

function pairsOf(text: string): Set<string> {
  const padded = ` ${text.toLowerCase().replaceAll(/[\s-]+/g, ' ')} `;
  return new Set(Array.from({ length: padded.length - 1 }, (_, i) => padded.slice(i, i + 2)));
}
