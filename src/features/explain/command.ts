import { live, optionalWord } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { partsOf } from '../../core/errors/entry.ts';
import { type ErrorKind, errorKinds, errors } from '../../core/errors/errors.ts';
import { type ExitCode, Failure } from '../../core/failure.ts';
import { findError, likeError } from './find.ts';
import { errorText, listText } from './text.ts';

export const explain = defineCommand({
  path: 'explain',
  summary: 'Tell what an error code means, its usual causes, and what to do',
  details: 'Works without a network, and with settings that are wrong.',
  examples: [
    { line: 'bmtool explain BM-201', says: '201 and netbox-unreachable do as well' },
    { line: 'bmtool explain', says: 'all codes' },
  ],
  args: { code: live('errors', optionalWord('as in error[BM-201]; all of them if left out', 'code')) },
  needs: [],
  run: async ({ code }) => ({ kind: code === undefined ? undefined : kindOf(code) }),
  text: ({ kind }, view) => (kind === undefined ? listText() : errorText(kind, view)),
  /** One error; or, without a code, all of them. */
  json: ({ kind }): ErrorDocument | readonly ErrorDocument[] =>
    kind === undefined ? errorKinds.map(documentOf) : documentOf(kind),
});

function kindOf(typed: string): ErrorKind {
  const kind = findError(typed);
  if (kind !== undefined) return kind;
  const like = likeError(typed).map(one => `${errors[one].code} (${one})`);
  throw new Failure('no-such-code', `There is no error code ${typed}`, {
    next: `${like.length > 0 ? `Near it: ${like.join(', ')}. ` : ''}bmtool explain lists all of them.`,
  });
}

/** One error. */
type ErrorDocument = {
  /** As in error[BM-201]. */
  readonly code: string;
  /** The same in words: netbox-unreachable. */
  readonly kind: ErrorKind;
  /** The exit code of a command that ends with it. */
  readonly exit: ExitCode;
  /** What it is, in a few words. */
  readonly title: string;
  /** What it means, its usual causes, and what to do; commands are set in. */
  readonly says: string;
};

function documentOf(kind: ErrorKind): ErrorDocument {
  const { code, exit, title, says } = errors[kind];
  const paragraphs = partsOf(says).map(part =>
    'commands' in part ? part.commands.map(line => `  ${line}`).join('\n') : part.paragraph,
  );
  return { code, kind, exit, title, says: paragraphs.join('\n\n') };
}
