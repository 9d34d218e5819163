import { option, optionalWord, rest, word } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { print, say } from '../../cli/view.ts';
import { Failure } from '../../core/failure.ts';
import { complete, startingWith } from './complete.ts';
import { type Installed, install } from './install.ts';
import { type Shell, scripts, shells } from './scripts.ts';
import { handedBy } from './words.ts';

/** The completion of one shell. */
type ShellScript = {
  /** Whose it is. */
  readonly shell: Shell;
  /** What that shell is to read. */
  readonly script: string;
};

export const completionShow = defineCommand({
  path: 'completion show',
  summary: 'Print the completion of a shell, to be sourced or put where the shell looks',
  examples: [{ line: 'bmtool completion bash', says: 'for this session: source <(bmtool completion bash)' }],
  args: { shell: optionalWord('another shell than $SHELL names', 'shell', shells) },
  needs: ['machine'],
  async run({ shell }, { machine }): Promise<ShellScript> {
    const found = shellOf(shell, machine.env.SHELL);
    return { shell: found, script: scripts[found] };
  },
  text: ({ script }) => [print(script.trimEnd())],
});

export const completionInstall = defineCommand({
  path: 'completion install',
  summary: 'Put the completion where your shell finds it, and say what else that shell wants',
  details: `Commands, flags and choices come from bmtool itself; names of snapshots, runs and servers are
looked up when the key is pressed, and kept for moments. The shell is the one that $SHELL names.`,
  examples: [
    { line: 'bmtool completion install', says: 'for the shell that you use' },
    { line: 'bmtool completion install --shell fish', says: 'for another' },
  ],
  exits: { 1: 'the file could not be written' },
  args: { shell: option('another shell than $SHELL names', 'shell', shells) },
  needs: ['machine'],
  run: async ({ shell }, { machine }): Promise<Installed> => install(machine, shellOf(shell, machine.env.SHELL)),
  text: ({ shell, file, changed, next }) => [
    say(changed ? `Completion for ${shell} is in ${file}` : `It is there already: ${file}`),
    ...next.map(line => say(line)),
  ],
});

/** What the scripts call. Hidden, and never an error: a shell would draw it into the line that somebody types. */
export const completeWords = defineCommand({
  path: 'complete',
  summary: 'Answer a shell that completes',
  hidden: true,
  examples: [{ line: 'bmtool complete fish -- state r', says: 'restore' }],
  args: { shell: word('the shell', 'shell', shells), words: rest('what was typed') },
  needs: ['manual', 'liveValues'],
  async run({ shell, words }, { manual, liveValues }) {
    const handed = handedBy(shell as Shell, words);
    const { words: offers, live } = complete(handed.words, manual);
    const names = live === undefined ? [] : await liveValues(live);
    const found = startingWith(names, handed.words.at(-1) ?? '').words;
    return { shell, files: live === 'files' && offers.length === 0, offers: [...offers, ...found], has: handed.has };
  },
  text({ shell, files, offers, has }) {
    if (files) return [print(':files')];
    // bash shows no words about them.
    return offers.map(({ value, says }) => print(shell === 'bash' ? value.slice(has) : `${value}\t${says}`));
  },
});

function shellOf(named: string | undefined, path = ''): Shell {
  const name = named ?? path.split('/').at(-1) ?? '';
  const shell = shells.find(one => one === name);
  if (shell) return shell;
  throw new Failure('unknown-shell', name === '' ? '$SHELL names no shell' : `bmtool has no completion for ${name}`, {
    next: `Name one: ${shells.join(', ')}`,
  });
}
