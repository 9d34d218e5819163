import { live, rest } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { print } from '../../cli/view.ts';
import { Failure } from '../../core/failure.ts';
import { pathMeant } from '../../core/path-meant.ts';
import type { Manual } from '../../manual.ts';

/** A page to read. */
type HelpPage = {
  /** The topic, or the words of the command. */
  readonly about: string;
  /** Lines of at most 80 columns. */
  readonly text: string;
};

export const help = defineCommand({
  path: 'help',
  summary: 'Show how a command is used, or read about a topic',
  details: `Topics: phases, plans, undo, settings, exit-codes, output. Without a word: all commands.`,
  examples: [
    { line: 'bmtool help phases', says: 'what phase 0, 1 and 2 are' },
    { line: 'bmtool help snapshot restore', says: 'the same as bmtool snapshot restore --help' },
  ],
  args: { about: live('topics', rest('a topic, or the words of a command')) },
  needs: ['manual'],
  async run({ about }, { manual }): Promise<HelpPage> {
    const topic = about.length === 1 ? manual.topics.find(({ name }) => name === about[0]) : undefined;
    const path = pathMeant(about, [...manual.commands.map(one => one.path), ...Object.keys(manual.groups)]);
    const text = topic?.text ?? manual.helpOf(path?.split(' ') ?? about);
    if (text === undefined) throw unknown(about, manual);
    return { about: about.join(' '), text: text.trimEnd() };
  },
  text: ({ text }) => [print(text)],
});

function unknown(about: readonly string[], { topics }: Manual): Failure {
  return new Failure('no-help', `There is no help about "${about.join(' ')}"`, {
    next: `Topics: ${topics.map(({ name }) => name).join(', ')}. All commands: bmtool --help`,
  });
}
