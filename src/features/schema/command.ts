import { live, rest } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { print, say, table } from '../../cli/view.ts';
import { Failure } from '../../core/failure.ts';
import { nearest } from '../../core/nearest.ts';
import { pathMeant } from '../../core/path-meant.ts';

/** A JSON Schema, as it is published. */
type Schema = Readonly<Record<string, unknown>>;

/** A schema that there is. */
type SchemaLine = {
  /** For `bmtool schema NAME`: the command, or the event with its version. */
  readonly name: string;
  /** What it is a schema of. */
  readonly of: 'command' | 'event';
  /** What that is, or what the command's result is. */
  readonly says: string;
};

export const schema = defineCommand({
  path: 'schema',
  summary: 'Print the JSON Schema of what a command prints with --json',
  details: `JSON Schema, draft 2020-12. A document is one of two: format, command, target and result; or, when
the command failed, format, command and error. Commands that run for long print one on each line.
Fields are added as bmtool grows, and never changed within format 1.

The events that travel through spool and Redis have schemas, too: dhcp-lease.v1 and
device-discovered.v1. Without a name, all are listed.`,
  examples: [
    { line: 'bmtool schema load-macs', says: 'what bmtool load-macs --json prints' },
    { line: 'bmtool schema runs list', says: 'a command of several words' },
    { line: 'bmtool schema dhcp-lease.v1', says: 'the event that tells of a lease' },
  ],
  args: { name: live('commands', rest('the command, or the event')) },
  needs: ['schemas'],
  async run({ name }, { schemas }): Promise<{ readonly schema: Schema } | { readonly lines: readonly SchemaLine[] }> {
    const all = schemas();
    if (name.length === 0)
      return { lines: all.map(({ schema: own, ...line }) => ({ ...line, says: resultText(own) })) };
    const names = all.map(one => one.name);
    const meant = pathMeant(name, names);
    const groups = names.map(one => one.split(' ').slice(0, -1).join(' '));
    const found = all.find(one => one.name === meant);
    return found === undefined ? noSchema(pathMeant(name, groups) ?? name.join(' '), names) : { schema: found.schema };
  },
  text: outcome =>
    'schema' in outcome
      ? [print(JSON.stringify(outcome.schema, undefined, 2))]
      : [
          table(
            ['schema', 'of', 'what it is'],
            outcome.lines.map(({ name, of, says }) => [name, of, says]),
          ),
          say('bmtool schema NAME prints one of them.'),
        ],
  /** One schema; or, without a name, which there are. */
  json: (outcome): Schema | readonly SchemaLine[] => ('schema' in outcome ? outcome.schema : outcome.lines),
});

/** What a command's result is; of an event, its title. */
function resultText({ oneOf, title }: { readonly oneOf?: unknown; readonly title?: unknown }): string {
  if (!Array.isArray(oneOf)) return String(title);
  const [success] = oneOf as [{ properties: { result: { description: string } } }];
  return success.properties.result.description;
}

function noSchema(typed: string, names: readonly string[]): never {
  const inGroup = names.filter(name => name.startsWith(`${typed} `));
  if (inGroup.length > 0)
    throw new Failure('no-schema', `"${typed}" is several commands, each with a schema`, {
      next: `bmtool schema ${typed}, and one of: ${inGroup.map(name => name.slice(typed.length + 1)).join(', ')}`,
    });
  const likely = nearest(typed, names);
  throw new Failure('no-schema', `There is no schema of "${typed}"`, {
    next:
      likely.length > 0
        ? `Did you mean ${likely.join(', ')}? bmtool schema lists all of them.`
        : 'bmtool schema lists all of them.',
  });
}
