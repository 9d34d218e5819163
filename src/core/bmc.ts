/** An interface is a BMC's when its name contains one of the parts, in any case. */
export function isBmcInterface(name: string, parts: readonly string[]): boolean {
  return parts.some(part => name.toLowerCase().includes(part.toLowerCase()));
}
