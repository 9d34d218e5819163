import { invertedTag } from '../../core/tag.ts';
import type { Entry, Inversion } from './entry.ts';
import type { Nic, ServerFacts } from './facts.ts';

/** What can be said of a server's production cabling, from NetBox alone. */
export type Cabling =
  /** Both cables of the pair are known, with the ports in which they belong; they may be there, swapped, or half way. */
  | {
      readonly known: true;
      readonly pair: Pair;
      readonly actual: 'designed' | 'inverted' | 'between';
      /** The entry that says where the cables belong; others of the server's entries say nothing true any more. */
      readonly entry: Entry | undefined;
    }
  /** Nothing marks it as inverted, and it cannot be inverted: fewer than two cables, several ends, somebody's half-done swap. */
  | { readonly known: false; readonly marked: false; readonly reason: string }
  /** Something marks it as inverted, and it does not add up: somebody else is at work on it. */
  | { readonly known: false; readonly marked: true; readonly reason: string };

/** Two NICs, each with the id of the switch port in which its cable belongs. */
export type Pair = readonly [Belonging, Belonging];
export type Belonging = { readonly nic: Nic; readonly portId: number };

/** Reads the cabling of a server. Which cables are inverted is told by the tag and bmtool's entry in NetBox, and by nothing else. */
export function judgeCabling(server: Pick<ServerFacts, 'nics' | 'entries'>): Cabling {
  const entry = server.entries.at(-1);
  const tagged = server.nics.filter(nic => nic.cable.tagged);
  const marked = entry !== undefined || tagged.length > 0;
  const refuse = (reason: string): Cabling => ({ known: false, marked, reason });

  const nics = chooseNics(server.nics, tagged, entry);
  if (typeof nics === 'string') return refuse(nics);
  const odd = nics.map(oddity).find(reason => reason !== undefined);
  if (odd !== undefined) return refuse(odd);
  const [a, b] = nics;
  const [atA, atB] = [portOf(a), portOf(b)];
  if (a.cable.id === b.cable.id || (atA !== undefined && atA === atB))
    return refuse(`${a.name} and ${b.name} end in the same switch port`);

  const told = entry && belongings(nics, entry.inversion);
  if (told && [atA, atB].every(port => port === undefined || told.some(({ portId }) => portId === port))) {
    return { known: true, pair: told, actual: actualOf(told), entry };
  }
  if (atA === undefined || atB === undefined) {
    const loose = atA === undefined ? a : b;
    return refuse(`the cable of ${loose.name} is plugged in at one end only`);
  }
  // Somebody plugged both in anew and took the tags off: that is the design now.
  if (tagged.length === 0) return { known: true, pair: pairOf(a, atA, b, atB), actual: 'designed', entry: undefined };
  if (told) return refuse(`${told[0].nic.name} or ${told[1].nic.name} is in neither of the ports that its entry names`);
  if (tagged.length === 1) return refuse(`only one of its cables has the tag ${invertedTag}`);
  return { known: true, pair: pairOf(a, atB, b, atA), actual: 'inverted', entry: undefined };
}

/** One cable of the pair moved: its far end taken out, or put into a port. */
export type Move = { readonly nic: Nic; readonly from: number | undefined; readonly to: number | undefined };

/**
 * The moves from where the cables are to where they should be. A port takes one cable, so a swap is three: one out, the other over, the first
 * in. That is the least that NetBox can do it in: every PATCH of a list sees what the ones before it left.
 */
export function movesTo(pair: Pair, wanted: 'designed' | 'inverted'): Move[] {
  const [a, b] = pair;
  const goals = wanted === 'designed' ? [a.portId, b.portId] : [b.portId, a.portId];
  const at = [portOf(a.nic), portOf(b.nic)];
  const moves: Move[] = [];
  const move = (which: 0 | 1, to: number | undefined) => {
    moves.push({ nic: pair[which].nic, from: at[which], to });
    at[which] = to;
  };
  if (at[0] === goals[1] && at[1] === goals[0]) move(0, undefined);
  for (const which of [1, 0, 1] as const) {
    const other = at[1 - which];
    if (at[which] !== goals[which] && other !== goals[which]) move(which, goals[which]);
  }
  return moves;
}

/** The switch port in which a NIC's cable is, or nothing. */
export function portOf(nic: Nic): number | undefined {
  return nic.cable.far[0]?.id;
}

function chooseNics(
  nics: readonly Nic[],
  tagged: readonly Nic[],
  entry: Entry | undefined,
): readonly [Nic, Nic] | string {
  if (entry !== undefined) {
    const [a, b] = entry.inversion.map(({ nic }) => nics.find(({ id }) => id === nic.id));
    if (a && b) return [a, b];
    const gone = entry.inversion[a ? 1 : 0].nic.name;
    return `${gone}, which its entry names, has no cable any more`;
  }
  if (tagged.length > 2) return `${tagged.length} of its cables have the tag ${invertedTag}`;
  const [a, b] = tagged.length === 2 ? tagged : nics;
  if (a && b) return [a, b];
  return nics.length === 0 ? 'none of its production NICs is cabled' : `only ${nics[0]?.name} is cabled`;
}

/** Why a cable is none that can be swapped. */
function oddity({ name, cable }: Nic): string | undefined {
  const [far] = cable.far;
  if (cable.near.length > 1 || cable.far.length > 1) return `the cable of ${name} has several ends`;
  if (far !== undefined && far.type !== 'dcim.interface')
    return `the cable of ${name} does not end in a switch port but in a ${far.type.split('.')[1]}`;
  return undefined;
}

function belongings(nics: readonly [Nic, Nic], inversion: Inversion): Pair {
  const [a, b] = nics.map(nic => ({ nic, portId: inversion.find(one => one.nic.id === nic.id)?.port.id ?? 0 }));
  return [a, b] as Pair;
}

function pairOf(a: Nic, portOfA: number, b: Nic, portOfB: number): Pair {
  return [
    { nic: a, portId: portOfA },
    { nic: b, portId: portOfB },
  ];
}

function actualOf(pair: Pair): 'designed' | 'inverted' | 'between' {
  if (movesTo(pair, 'designed').length === 0) return 'designed';
  return movesTo(pair, 'inverted').length === 0 ? 'inverted' : 'between';
}
