/** Whether everything is tried that there is time for: in CI. */
export const isThorough = process.env.THOROUGH === '1';

/** How often a property is tried, or a program started: as often as is said where there is time (THOROUGH=1), a fifth of that where somebody waits. */
export function tries(all: number): number {
  return isThorough ? all : Math.ceil(all / 5);
}

/** All of these where there is time, otherwise every fifth. */
export function someOf<T>(all: readonly T[]): readonly T[] {
  return isThorough ? all : all.filter((_, i) => i % 5 === 0);
}
