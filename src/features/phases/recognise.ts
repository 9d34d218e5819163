import { type Aspect, aspects, type Decided, differences } from './decide.ts';
import { type PhaseNumber, phaseNumbers } from './phase.ts';

/** How far the fleet is from one phase. */
export type Distance = {
  /** The phase. */
  readonly phase: PhaseNumber;
  /** Servers that are in it in every aspect. */
  readonly there: number;
  /** Servers that are not. */
  readonly away: number;
  /** Servers that differ, by what they differ in. */
  readonly differ: Readonly<Record<Aspect, number>>;
  /** Servers that bmtool cannot bring there. */
  readonly stuck: number;
};

export type Recognised = {
  /** The phase in which all servers are. */
  readonly phase: PhaseNumber | undefined;
  /** Nearest first. */
  readonly distances: readonly Distance[];
};

/** Which phase the fleet is in: the one from which nothing differs. */
export function recognise(decided: ReadonlyMap<PhaseNumber, Decided>): Recognised {
  const distances = phaseNumbers
    .map(phase => distanceOf(phase, decided.get(phase)?.decisions ?? []))
    .sort((a, b) => a.away - b.away || total(a) - total(b) || a.phase - b.phase);
  const [nearest] = distances;
  return { phase: nearest && nearest.away === 0 && nearest.there > 0 ? nearest.phase : undefined, distances };
}

function distanceOf(phase: PhaseNumber, decisions: Decided['decisions']): Distance {
  const differ: Record<Aspect, number> = { status: 0, address: 0, cabling: 0, entry: 0 };
  let away = 0;
  let stuck = 0;
  for (const decision of decisions) {
    const found = differences(decision);
    if (decision.problem !== undefined) stuck += 1;
    if (decision.problem !== undefined || found.length > 0) away += 1;
    for (const aspect of found) differ[aspect] += 1;
  }
  return { phase, there: decisions.length - away, away, differ, stuck };
}

function total({ differ }: Distance): number {
  return aspects.reduce((sum, aspect) => sum + differ[aspect], 0);
}
