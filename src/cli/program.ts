import { Command as Commander, CommanderError, Option } from 'commander';
import type { ErrorKind } from '../core/errors/errors.ts';
import { nearest } from '../core/nearest.ts';
import type { Argument } from './arguments.ts';
import type { AnyCommand } from './command.ts';
import { belowOptions, commonFlags, flagsOf, kebab, positionalsOf, positionalText } from './describe.ts';
import { groups, sections } from './groups.ts';
import { isFlagsAlone, withFlagsBehind } from './leading-flags.ts';
import { folded } from './view.ts';

/** Flags that every command has. */
export type CommonFlags = {
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
  plain: boolean;
  debug: boolean;
  timeout: number | undefined;
};

/** What was typed, read and checked, before anything is opened. */
export type Request = {
  command: AnyCommand;
  values: Record<string, unknown>;
  common: CommonFlags;
  /** Options that override settings, by the setting's name. */
  settings: Record<string, string>;
};

export type SettingFlag = { name: string; flag: string; says: string };

export type ParseOutcome =
  | { kind: 'run'; request: Request }
  | { kind: 'talk'; text: string; exit: 0 }
  | { kind: 'usage'; error: ErrorKind; text: string; next: string };

/** Reads argv. Prints nothing and exits never: help, the version and usage errors come back as text. */
export function parseArguments(
  typed: readonly string[],
  commands: readonly AnyCommand[],
  settingFlags: readonly SettingFlag[],
  version: string,
): ParseOutcome {
  const argv = withFlagsBehind(typed, settingFlags, words => wordsOf(pathTyped(words, commands)).length);
  if (typed.length > 0 && isFlagsAlone(typed)) return noCommand;
  let written = '';
  const keep = (text: string) => {
    written += text;
  };
  let request: Request | undefined;
  const word = argv.find(each => !each.startsWith('-'));
  const program = new Commander('bmtool')
    .description('Onboard bare-metal servers into NetBox')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .addHelpText('after', '\nTopics: bmtool help phases | plans | undo | settings | exit-codes | output')
    .exitOverride()
    .configureOutput({
      writeOut: keep,
      writeErr: keep,
      outputError: (text, write) => write(text),
      // Long lines are no easier to read on a wide terminal; and the one file has the text ready.
      getOutHelpWidth: () => 80,
      getErrHelpWidth: () => 80,
    })
    .configureHelp({ boxWrap: folded })
    .showSuggestionAfterError()
    .addHelpText('after', '\nbmtool explain BM-201 says more of an error[BM-201]: its causes and its cure.');
  for (const command of commands) {
    const node = groupFor(program, command.path).command(command.path.split(' ').at(-1) ?? command.path, {
      isDefault: Object.values(groups).some(group => group.alone === command.path),
      hidden: command.hidden === true,
    });
    node.summary(command.summary);
    // All have a thousand options between them; lists of commands show none.
    if (command.path.split(' ')[0] !== word) continue;
    describe(node, command, settingFlags);
    node.action((...given: unknown[]) => {
      request = readRequest(command, node, given, settingFlags);
    });
  }
  inSections(program);
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'talk', text: written, exit: 0 };
    if (error.code === 'commander.help')
      return argv.length === 0
        ? { kind: 'talk', text: written, exit: 0 }
        : { kind: 'usage', error: 'command-missing', text: written.trimEnd(), next: '' };
    return {
      kind: 'usage',
      ...(misspelled(argv, commands) ?? {
        error: usageErrors[error.code] ?? 'bad-value',
        text: written.replace(/^error: /, '').trimEnd(),
      }),
      next:
        argv[0]?.startsWith('-') && argv.length > 1
          ? `Options stand behind the command: bmtool ${word ?? 'COMMAND'} ${argv[0]}. See bmtool --help`
          : `See bmtool ${pathTyped(argv, commands)}--help`,
    };
  }
  return request ? { kind: 'run', request } : noCommand;
}

const noCommand: ParseOutcome = {
  kind: 'usage',
  error: 'command-missing',
  text: 'no command given',
  next: 'See bmtool --help',
};

/** What commander calls what was typed wrong; the rest are values. */
const usageErrors: Readonly<Record<string, ErrorKind>> = {
  'commander.unknownCommand': 'unknown-command',
  'commander.unknownOption': 'unknown-option',
  'commander.missingArgument': 'argument-missing',
  'commander.optionMissingArgument': 'argument-missing',
  'commander.excessArguments': 'too-many-arguments',
};

/** The group that a command belongs to, made with those around it where it is the first in it: `dhcp dead list` is in `dead`, which is in `dhcp`. */
function groupFor(program: Commander, path: string): Commander {
  const names = path.split(' ').slice(0, -1);
  return names.reduce((node, name, depth) => {
    const known = node.commands.find(child => child.name() === name);
    if (known !== undefined) return known;
    const whole = names.slice(0, depth + 1).join(' ');
    const { says, alone } = groups[whole] ?? { says: '', alone: '' };
    return node
      .command(name)
      .helpCommand(false)
      .description(says)
      .addHelpText('after', `\nbmtool ${whole} by itself is bmtool ${alone}.`);
  }, program);
}

/** Help lists the sections in the order in which their first commands come. */
function inSections(program: Commander): void {
  const order = sections.flatMap(({ has }) => has);
  (program.commands as Commander[]).sort((a, b) => order.indexOf(a.name()) - order.indexOf(b.name()));
  for (const { title, has } of sections)
    for (const node of program.commands) if (has.includes(node.name())) node.helpGroup(title);
}

function describe(node: Commander, command: AnyCommand, settingFlags: readonly SettingFlag[]): void {
  node.description(command.summary);
  for (const positional of positionalsOf(command)) node.argument(positionalText(positional), positional.says);
  for (const { flag, placeholder, says } of [...flagsOf(command), ...commonFlags])
    node.addOption(new Option(placeholder ? `${flag} <${placeholder}>` : flag, says));
  for (const { flag, name, says } of settingFlags)
    node.addOption(new Option(`${flag} <value>`, `${says} (${name})`).hideHelp());
  node.addHelpText('after', () => `\n${belowOptions(command)}`);
}

function readRequest(
  command: AnyCommand,
  node: Commander,
  typed: readonly unknown[],
  settingFlags: readonly SettingFlag[],
): Request {
  const options = node.opts<Record<string, string | boolean | undefined>>();
  const positionals = [...typed];
  const values: Record<string, unknown> = {};
  for (const [name, argument] of Object.entries(command.args as Record<string, Argument>)) {
    const given = argument.place === 'option' ? options[name] : positionals.shift();
    if (Array.isArray(given)) {
      values[name] = given;
      continue;
    }
    if (given === undefined) {
      values[name] = argument.fallback;
      continue;
    }
    const reading = argument.parse(String(given));
    if (typeof reading === 'string') {
      throw new CommanderError(
        2,
        'bmtool.badValue',
        refuse(node, `${argument.place === 'option' ? `--${kebab(name)}` : name} ${reading}`),
      );
    }
    values[name] = reading.value;
  }
  const settings: Record<string, string> = {};
  for (const { name, flag } of settingFlags) {
    const value = options[camel(flag.slice(2))];
    if (typeof value === 'string') settings[name] = value;
  }
  return { command, values, settings, common: readCommon(options, node) };
}

function readCommon(options: Record<string, string | boolean | undefined>, node: Commander): CommonFlags {
  const timeout = options.timeout;
  if (timeout !== undefined && !/^\d+(\.\d+)?$/.test(String(timeout))) {
    throw new CommanderError(
      2,
      'bmtool.badValue',
      refuse(node, `--timeout must be a number of seconds, not "${timeout}"`),
    );
  }
  return {
    json: options.json === true,
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    color: options.color !== false,
    plain: options.plain === true,
    debug: options.debug === true,
    timeout: timeout === undefined ? undefined : Number(timeout),
  };
}

function refuse(node: Commander, message: string): string {
  node.configureOutput().writeErr?.(`${message}\n`);
  return message;
}

/**
 * A word that is meant to be the second of a command and is none: of a group that stands for one of its commands commander would take it for an argument.
 * Nothing where the group's command may have meant it.
 */
function misspelled(
  argv: readonly string[],
  commands: readonly AnyCommand[],
): { readonly error: ErrorKind; readonly text: string } | undefined {
  const group = pathTyped(argv, commands).trim();
  const depth = wordsOf(group).length;
  const word = argv[depth] ?? '';
  if ((group !== '' && !(group in groups)) || !/^[a-z][a-z-]*$/.test(word)) return undefined;
  const typed = [group, word].filter(Boolean).join(' ');
  const names = commands.filter(({ path, hidden }) => !hidden && path.startsWith(group)).map(({ path }) => path);
  const behind = argv[depth + 1] ?? '';
  const like = nearest(group === '' && /^[a-z][a-z-]*$/.test(behind) ? `${word} ${behind}` : typed, names, 2);
  const hint = like.length > 0 ? `\n  Did you mean ${like.map(path => `bmtool ${path}`).join(' or ')}?` : '';
  return { error: 'unknown-command', text: `unknown command '${typed}'${hint}` };
}

/** The part of what was typed that names a command or a group, with a space behind it, for "see bmtool … --help". */
function pathTyped(argv: readonly string[], commands: readonly AnyCommand[]): string {
  for (let words = 3; words > 0; words -= 1) {
    const typed = argv.slice(0, words).join(' ');
    if (commands.some(({ path }) => path === typed || path.startsWith(`${typed} `))) return `${typed} `;
  }
  return '';
}

function wordsOf(path: string): string[] {
  return path.split(' ').filter(Boolean);
}

function camel(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
