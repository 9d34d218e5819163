import type { Argument } from './arguments.ts';
import type { AnyCommand, Example } from './command.ts';
import { exitsOf } from './exits.ts';
import { filled, hanging } from './view.ts';

/** A flag as it is typed and read about. */
export type Flag = {
  /** `--limit` */
  readonly flag: string;
  /** What stands behind it: `N`. Switches have none. */
  readonly placeholder?: string;
  readonly says: string;
  readonly choices?: readonly string[];
  readonly live?: Argument['live'];
};

/** Flags that every command has. */
export const commonFlags: readonly Flag[] = [
  { flag: '--json', says: 'print one JSON document' },
  { flag: '--quiet', says: 'no talk on stderr' },
  { flag: '--verbose', says: 'say more' },
  { flag: '--no-color', says: 'no colours' },
  { flag: '--plain', says: 'for screen readers: words in place of colours, tables and moving lines' },
  { flag: '--debug', says: 'print the stack of an error' },
  { flag: '--timeout', placeholder: 'seconds', says: 'how long to wait for a service that does not answer' },
];

/** What the commands are listed under, and what is in each list, in the order of `bmtool --help`. A test holds that every command is in one. */
export const sections: readonly { readonly title: string; readonly has: readonly string[] }[] = [
  { title: 'The record:', has: ['load-macs', 'state', 'verify', 'why'] },
  { title: 'Back to where it was:', has: ['undo', 'runs', 'snapshot'] },
  { title: 'Leases:', has: ['dhcp'] },
  { title: 'This machine:', has: ['start', 'init', 'doctor', 'lab', 'completion', 'man'] },
  { title: 'To read:', has: ['help', 'explain', 'schema'] },
];

/** Commands of several words: what the first ones are about, and which command they mean when they stand alone. */
export const groups: Readonly<Record<string, { readonly says: string; readonly alone: string }>> = {
  lab: { says: 'A real NetBox with a fleet of servers on this machine', alone: 'lab status' },
  state: { says: 'Put the whole record into a known state', alone: 'state show' },
  verify: { says: 'Ask NetBox whether everything is as it should be', alone: 'verify phase' },
  snapshot: { says: 'Keep the whole record as it is, and put it back at once', alone: 'snapshot list' },
  dhcp: { says: "From a BMC's first DHCP packet to `discovered` in NetBox", alone: 'dhcp spool' },
  'dhcp dead': { says: 'Lease events that could not be carried out', alone: 'dhcp dead list' },
  runs: { says: 'What bmtool has written to NetBox', alone: 'runs list' },
  completion: { says: 'Have the shell complete commands, flags and names', alone: 'completion show' },
  man: { says: 'Manual pages, made from the commands', alone: 'man show' },
};

/** The command's own flags, in the order in which they were declared. */
export function flagsOf(command: AnyCommand): Flag[] {
  return argumentsOf(command)
    .filter(([, { place }]) => place === 'option')
    .map(([name, { placeholder, summary, choices, live }]) => ({
      flag: `--${kebab(name)}`,
      says: choices?.length === 1 ? `${summary} (always the word ${choices[0]})` : summary,
      ...(placeholder && { placeholder }),
      ...(choices && { choices }),
      ...(live && { live }),
    }));
}

export type Positional = {
  readonly name: string;
  readonly says: string;
  readonly required: boolean;
  /** All words that are left. */
  readonly many: boolean;
  readonly choices?: readonly string[];
  readonly live?: Argument['live'];
};

/** What is typed bare behind the command, in its order. */
export function positionalsOf(command: AnyCommand): Positional[] {
  return argumentsOf(command)
    .filter(([, { place }]) => place !== 'option')
    .map(([name, { summary, place, required, choices, live }]) => ({
      name,
      says: choices ? `${summary} (${choices.join(', ')})` : summary,
      required,
      many: place === 'rest',
      ...(choices && { choices }),
      ...(live && { live }),
    }));
}

/** `<manifest>`, `[id]`, `[words...]` */
export function positionalText({ name, required, many }: Positional): string {
  return many ? `[${name}...]` : required ? `<${name}>` : `[${name}]`;
}

/** What stands below the options in `--help`: paragraphs, exit codes, examples. */
export function belowOptions(command: AnyCommand): string {
  const exits = exitsOf(command).map(({ code, says }) => hanging(`  ${String(code).padEnd(5)}`, says));
  const examples = (command.examples as readonly Example[]).map(
    ({ line, says }) => `  ${line}\n${hanging('      ', says)}`,
  );
  return [
    ...(command.details ? [filled(command.details)] : []),
    `Exit codes:\n${exits.join('\n')}`,
    `Examples:\n${examples.join('\n')}`,
    'Settings have flags, too (--netbox-url …): bmtool help settings',
  ].join('\n\n');
}

function argumentsOf(command: AnyCommand): [string, Argument][] {
  return Object.entries(command.args as Record<string, Argument>);
}

/** `dryRun` as a flag: `dry-run`. */
export function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
