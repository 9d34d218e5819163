import { writeFileSync } from 'node:fs';
import { partsOf } from '../src/core/errors/entry.ts';
import { type ErrorKind, errorKinds, errors, hundreds } from '../src/core/errors/errors.ts';

/** Writes docs/errors.md from the table of errors; a test holds that it is as the code has it. */
const path = new URL('../docs/errors.md', import.meta.url);

export function errorPage(): string {
  return `# Errors

Made by \`node scripts/error-docs.ts\` from the tables in \`src/core/errors/\`: change those.

An error of bmtool is one to three lines on stderr: \`error[BM-201]:\`, what happened to which thing, and what to do next. The code stays what it is in
every later version. \`bmtool explain BM-201\` prints what is below, without a network; with \`--json\` the code is in the document, as \`error.code\`.

${hundreds.map(({ digit, about }) => tableOf(about, inHundred(digit))).join('\n\n')}

${errorKinds.map(sectionOf).join('\n\n')}
`;
}

function inHundred(digit: string): ErrorKind[] {
  return errorKinds.filter(kind => errors[kind].code.startsWith(`BM-${digit}`));
}

function tableOf(about: string, kinds: readonly ErrorKind[]): string {
  const rows = kinds.map(kind => {
    const { code, title, exit } = errors[kind];
    return `| [${code}](#${code.toLowerCase()}) | ${title} | ${exit} |`;
  });
  return `## ${about}\n\n| code | what | exit code |\n|---|---|---|\n${rows.join('\n')}`;
}

/** The heading is the code alone, so that its anchor never changes. */
function sectionOf(kind: ErrorKind): string {
  const { code, title, exit, says } = errors[kind];
  const parts = partsOf(says).map(part =>
    'commands' in part ? `\`\`\`sh\n${part.commands.join('\n')}\n\`\`\`` : part.paragraph.replaceAll(/[*<]/g, '\\$&'),
  );
  return [`### ${code}`, `**${title}** · exit code ${exit} · \`${kind}\``, ...parts].join('\n\n');
}

if (import.meta.main) writeFileSync(path, errorPage());
