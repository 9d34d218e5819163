import type { Entry } from './manifest.ts';

/** What the journal of a device says when its BMC MAC was written. */
export function setText(entry: Entry, bmc: string, manifest: string): string {
  return `BMC MAC address ${entry.mac} set on ${bmc}, from ${code(manifest)} line ${entry.line} (serial ${entry.serial}).`;
}

/**
 * The warning about a MAC that contradicts NetBox. `fact` is its first sentence: a warning that begins with it stands for the same
 * contradiction, whichever manifest brought it up, and is not written again.
 */
export function conflictText(
  entry: Entry,
  bmc: string,
  there: string,
  manifest: string,
): { fact: string; whole: string } {
  const fact = `BMC MAC address conflict on ${bmc}: the manifest says ${entry.mac}, NetBox has ${there}.`;
  return {
    fact,
    whole: `${fact} Nothing was changed. From ${code(manifest)} line ${entry.line} (serial ${entry.serial}).`,
  };
}

/** Comments are Markdown, and a file's name comes from outside. */
function code(name: string): string {
  return `\`${name.replaceAll(/[`\p{Cc}]/gu, '?')}\``;
}
