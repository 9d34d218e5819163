import type { CommandPage, Manual } from '../../manual.ts';

/** A page's name, as man and the file have it: `bmtool-snapshot-restore`. */
export function pageName(path: string): string {
  return path === '' ? 'bmtool' : `bmtool-${path.replaceAll(' ', '-')}`;
}

/** The page of one command, in the macros that every man knows (man(7)). */
export function commandPage(command: CommandPage, manual: Manual): string {
  const typed = [
    `.B bmtool ${text(command.path)}`,
    ...command.positionals.map(({ name, required, many }) => {
      const word = `\\fI${text(name)}\\fR`;
      return many ? `[${word}...]` : required ? word : `[${word}]`;
    }),
    '[\\fIoptions\\fR]',
  ].join('\n');
  return page(pageName(command.path), command.summary, manual.version, [
    section('SYNOPSIS', typed),
    ...(command.details ? [section('DESCRIPTION', paragraphs(command.details))] : []),
    ...(command.positionals.length > 0
      ? [
          section(
            'ARGUMENTS',
            command.positionals.map(({ name, says }) => item(`\\fI${text(name)}\\fR`, says)).join('\n'),
          ),
        ]
      : []),
    section(
      'OPTIONS',
      [...command.flags, ...manual.commonFlags].map(flag => item(flagText(flag), flag.says)).join('\n'),
    ),
    section('EXIT STATUS', exitText(command.exits)),
    section(
      'EXAMPLES',
      command.examples.map(({ line, says }) => `.PP\n.nf\n.B ${text(line)}\n.fi\n.RS\n${text(says)}\n.RE`).join('\n'),
    ),
    section('SEE ALSO', seeAlso(command.path, manual)),
  ]);
}

/** The page of bmtool itself: all commands, settings and exit codes. */
export function mainPage(manual: Manual): string {
  const summary = 'onboard bare-metal servers into NetBox';
  const topics = manual.topics.filter(({ name }) => !['settings', 'exit-codes'].includes(name));
  return page('bmtool', summary, manual.version, [
    section('SYNOPSIS', '.B bmtool\n\\fIcommand\\fR [\\fIoptions\\fR]'),
    section(
      'COMMANDS',
      manual.commands.map(({ path, summary: says }) => item(`\\fBbmtool ${text(path)}\\fR`, says)).join('\n'),
    ),
    section('OPTIONS', manual.commonFlags.map(flag => item(flagText(flag), flag.says)).join('\n')),
    section(
      'ENVIRONMENT',
      manual.settings
        .map(({ name, says, flag, fallback }) =>
          item(
            `\\fB${text(name)}\\fR`,
            `${says}${flag ? `; also ${flag}` : ''}${fallback ? `. Default: ${fallback}` : ''}`,
          ),
        )
        .join('\n'),
    ),
    ...topics.map(topic => section(topic.name.toUpperCase(), literal(topic.text))),
    section('EXIT STATUS', exitText(Object.entries(manual.exitCodes).map(([code, says]) => ({ code, says })))),
    section(
      'SEE ALSO',
      manual.commands.map(({ path }) => `.BR ${pageName(path).replaceAll('-', '\\-')} (1)`).join(',\n'),
    ),
  ]);
}

function page(name: string, summary: string, version: string, sections: readonly string[]): string {
  const title = `.TH ${name.toUpperCase().replaceAll('-', '\\-')} 1 "" "bmtool ${version}" "bmtool"`;
  // Neither hyphens nor blanks that nobody typed: what is in a sentence can be copied, too.
  return `${[title, '.nh\n.ad l', section('NAME', `${text(name)} \\- ${text(summary)}`), ...sections].join('\n')}\n`;
}

function section(title: string, body: string): string {
  return `.SH ${title}\n${body}`;
}

function item(what: string, says: string): string {
  return `.TP\n${what}\n${text(says)}`;
}

function flagText({ flag, placeholder }: { flag: string; placeholder?: string }): string {
  return `\\fB${text(flag)}\\fR${placeholder ? ` \\fI${text(placeholder)}\\fR` : ''}`;
}

function exitText(exits: readonly { readonly code: string | number; readonly says: string }[]): string {
  return exits.map(({ code, says }) => item(`\\fB${code}\\fR`, says)).join('\n');
}

/** Paragraphs as they were broken; lines that are set in are kept as they stand. */
function paragraphs(words: string): string {
  return words
    .split('\n\n')
    .map(one => (/^ /m.test(one) ? literal(one) : `.PP\n${text(one)}`))
    .join('\n');
}

function literal(words: string): string {
  return `.PP\n.nf\n${text(words)}\n.fi`;
}

/** Signs that roff prints as others, curly quotes for instance (groff_char(7)), or takes for its own, as those around an argument. */
const ascii: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '"': '\\(dq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
};

/** Text that roff prints as it is, to be copied. At the beginning of a line `.` has a meaning of its own, too. */
function text(words: string): string {
  return words.replaceAll(/[\\\-'"`^~]/g, sign => ascii[sign] ?? sign).replaceAll(/^(?=\.)/gm, '\\&');
}

function seeAlso(path: string, { commands }: Manual): string {
  const [group = ''] = path.split(' ');
  const near = commands.filter(one => one.path !== path && one.path.split(' ')[0] === group);
  return ['', ...near.map(one => one.path)].map(one => `.BR ${pageName(one).replaceAll('-', '\\-')} (1)`).join(',\n');
}
