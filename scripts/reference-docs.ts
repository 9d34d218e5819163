import { writeFileSync } from 'node:fs';
import { positionalText } from '../src/cli/describe.ts';
import { type CommandPage, type Manual, openManual } from '../src/manual.ts';

/** Writes docs/reference.md from the commands and settings themselves; a test holds that it is as the code has it. */
const path = new URL('../docs/reference.md', import.meta.url);

export function referencePage(manual: Manual): string {
  return `${[
    `# Reference

Made by \`node scripts/reference-docs.ts\` from the commands themselves: change those. It is what \`bmtool COMMAND --help\` and \`bmtool help settings\` print.
What each command prints with \`--json\`: \`bmtool schema COMMAND\`, and [output.md](output.md).

[Flags of every command](#flags-of-every-command) · [Settings](#settings) · [Exit codes](#exit-codes) · [Errors](errors.md)`,
    ...manual.sections.map(({ title, has }) => contentsOf(title.replace(/:$/, ''), within(manual, has))),
    ...inOrder(manual).map(sectionOf),
    `## Flags of every command\n\n${flagRows(manual.commonFlags)}`,
    settingsText(manual),
    exitCodesText(manual),
  ].join('\n\n')}\n`;
}

function inOrder(manual: Manual): CommandPage[] {
  return manual.sections.flatMap(({ has }) => within(manual, has));
}

/** The commands of one list of \`bmtool --help\`, in the order of that list. */
function within({ commands }: Manual, has: readonly string[]): CommandPage[] {
  return has.flatMap(first => commands.filter(({ path }) => path.split(' ')[0] === first));
}

function contentsOf(title: string, commands: readonly CommandPage[]): string {
  const rows = commands.map(
    ({ path, summary }) => `| [bmtool ${path}](#bmtool-${path.replaceAll(' ', '-')}) | ${cell(summary)} |`,
  );
  return `**${title}**\n\n| command | what it does |\n|---|---|\n${rows.join('\n')}`;
}

function sectionOf({ path, summary, details, positionals, flags, exits, examples }: CommandPage): string {
  const synopsis = ['bmtool', path, ...positionals.map(positionalText), '[options]'].join(' ');
  const positionalRows = positionals.map(one => `| \`${cell(positionalText(one))}\` | ${cell(one.says)} |`);
  return [
    `## bmtool ${path}`,
    `${summary}.`,
    `\`\`\`text\n${synopsis}\n\`\`\``,
    ...(details ? [paragraphs(details)] : []),
    ...(positionals.length > 0 ? [`| argument | meaning |\n|---|---|\n${positionalRows.join('\n')}`] : []),
    ...(flags.length > 0 ? [flagRows(flags)] : []),
    `| exit code | when |\n|---|---|\n${exits.map(({ code, says }) => `| ${code} | ${cell(says)} |`).join('\n')}`,
    `\`\`\`sh\n${examples.map(({ line, says }) => `# ${says}\n${line}`).join('\n')}\n\`\`\``,
  ].join('\n\n');
}

function flagRows(flags: Manual['commonFlags']): string {
  const rows = flags.map(({ flag, placeholder, says, choices }) => {
    const typed = placeholder ? `${flag} <${placeholder}>` : flag;
    return `| \`${cell(typed)}\` | ${cell(says)}${choices ? ` (${choices.join(', ')})` : ''} |`;
  });
  return `| flag | meaning |\n|---|---|\n${rows.join('\n')}`;
}

function settingsText({ settings }: Manual): string {
  const rows = settings.map(({ name, flag, fallback, says, secret }) => {
    const typed = flag ? `\`${flag}\`` : secret ? 'none: a secret' : '';
    return `| \`${name}\` | ${typed} | ${fallback ? `\`${fallback}\`` : ''} | ${cell(says)} |`;
  });
  return `## Settings

From a flag, the environment, \`.env\` in the current folder, a lab that runs on this machine, or the default: the first that has it. \`bmtool doctor\` shows each with the place
it came from. Secrets have no flag: arguments can be seen by every user of a machine.

| name | flag | default | meaning |
|---|---|---|---|
${rows.join('\n')}`;
}

function exitCodesText(manual: Manual): string {
  const { exitCodes } = manual;
  const codes = Object.keys(exitCodes);
  const rows = inOrder(manual).map(({ path, exits }) => {
    const marks = codes.map(code => (exits.some(exit => String(exit.code) === code) ? '×' : ''));
    return `| [${path}](#bmtool-${path.replaceAll(' ', '-')}) | ${marks.join(' | ')} |`;
  });
  return `## Exit codes

| code | when |
|---|---|
${Object.entries(exitCodes)
  .map(([code, says]) => `| ${code} | ${says} |`)
  .join('\n')}

Which command can end with which:

| command | ${codes.join(' | ')} |
|---|${codes.map(() => ':-:|').join('')}
${rows.join('\n')}`;
}

/** Paragraphs on one line each; those with lines that are set in as they stand. */
function paragraphs(words: string): string {
  return words
    .split('\n\n')
    .map(one => (/^ /m.test(one) ? `\`\`\`text\n${one}\n\`\`\`` : plain(one.replaceAll('\n', ' '))))
    .join('\n\n');
}

function plain(words: string): string {
  return words.replaceAll(/[*<]/g, '\\$&');
}

/** In code too, a table's cell ends at `|`. */
function cell(words: string): string {
  const safe = /^[-<[]/.test(words) ? words : plain(words);
  return safe.replaceAll('|', '\\|');
}

if (import.meta.main) writeFileSync(path, referencePage(openManual()));
