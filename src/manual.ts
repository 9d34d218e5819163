import type { Flag, Positional } from './cli/describe.ts';
import { commonFlags, flagsOf, positionalsOf } from './cli/describe.ts';
import { exitCodes, exitsOf } from './cli/exits.ts';
import { groups, sections } from './cli/groups.ts';
import { parseArguments } from './cli/program.ts';
import { commands } from './commands.ts';
import { errors } from './core/errors/errors.ts';
import type { ExitCode } from './core/failure.ts';
import { type Topic, topicsOf } from './features/help/topics.ts';
import { fallbackOf, flagOf, isSecret, type SettingName, settingFlags, settingNames, settingText } from './settings.ts';
import { version } from './version.ts';

/** A command as it is read about: what `--help`, man pages, the reference and a shell's completion are made from. */
export type CommandPage = {
  /** As typed after `bmtool`. */
  readonly path: string;
  readonly summary: string;
  readonly details: string | undefined;
  readonly positionals: readonly Positional[];
  readonly flags: readonly Flag[];
  readonly exits: readonly { readonly code: ExitCode; readonly says: string }[];
  readonly examples: readonly { readonly line: string; readonly says: string }[];
};

export type SettingPage = {
  readonly name: SettingName;
  readonly fallback: string;
  readonly says: string;
  /** Secrets have none. */
  readonly flag: string | undefined;
  readonly secret: boolean;
};

/** All that bmtool says about itself. */
export type Manual = {
  readonly version: string;
  readonly commands: readonly CommandPage[];
  readonly sections: typeof sections;
  readonly groups: typeof groups;
  readonly commonFlags: readonly Flag[];
  readonly settings: readonly SettingPage[];
  readonly exitCodes: typeof exitCodes;
  readonly topics: readonly Topic[];
  readonly errors: readonly { readonly code: string; readonly title: string }[];
  /** What `bmtool WORDS --help` prints; nothing where there is no such command or group. */
  helpOf(words: readonly string[]): string | undefined;
};

export function openManual(): Manual {
  const shown = commands.filter(({ hidden }) => hidden !== true);
  const settings = settingNames.map(name => ({
    name,
    fallback: fallbackOf(name),
    says: settingText(name),
    flag: flagOf(name),
    secret: isSecret(name),
  }));
  return {
    version,
    commands: shown.map(command => ({
      path: command.path,
      summary: command.summary,
      details: command.details,
      positionals: positionalsOf(command),
      flags: flagsOf(command),
      exits: exitsOf(command),
      examples: command.examples,
    })),
    sections,
    groups,
    commonFlags,
    settings,
    exitCodes,
    errors: Object.values(errors).map(({ code, title }) => ({ code, title })),
    topics: topicsOf({ settings, exitCodes }),
    helpOf(words) {
      const known = words.length === 0 || shown.some(({ path }) => `${path} `.startsWith(`${words.join(' ')} `));
      const parsed = known ? parseArguments([...words, '--help'], commands, settingFlags(), version) : undefined;
      return parsed?.kind === 'talk' ? parsed.text : undefined;
    },
  };
}
