/** `1 server`, `601 servers`, `2 BMC addresses` */
export function counted(count: number, one: string, many?: string): string {
  return `${count} ${agreeing(count, one, many)}`;
}

/** The word alone, where its number stands elsewhere or is written otherwise. */
export function agreeing(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many;
}
