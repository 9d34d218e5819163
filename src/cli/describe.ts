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
    'Settings have flags, too (--netbox-url URL): bmtool help settings',
  ].join('\n\n');
}

function argumentsOf(command: AnyCommand): [string, Argument][] {
  return Object.entries(command.args as Record<string, Argument>);
}

/** `dryRun` as a flag: `dry-run`. */
export function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
