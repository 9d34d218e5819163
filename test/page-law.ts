import { posix } from 'node:path';
import { parseArguments } from '../src/cli/program.ts';
import { commands } from '../src/commands.ts';
import { settingFlags } from '../src/settings.ts';

/** A page: its path from the project's root, with `/`, and its text. */
export type Page = { readonly path: string; readonly text: string };

/** A fenced block: its language, and what is inside. `line` is that of its fence, counted from 1. */
export type Block = { readonly line: number; readonly language: string; readonly text: string };

/** The languages of blocks. To add one, add it here, and what has to hold of it below or in docs.test.ts; in `text` nothing is looked at. */
const languages = ['sh', 'console', 'cron', 'ini', 'json', 'jsonl', 'sql', 'python', 'mermaid', 'text'];

/** Judges one page as far as that takes no other program: a sentence for each rule that it breaks, with page and line. */
export function judgePage(page: Page, pages: readonly Page[], exists: (path: string) => boolean): string[] {
  return [...judgeBlocks(page), ...judgeLinks(page, pages, exists), ...judgeCommands(page)];
}

/** The blocks of a page. */
export function blocksOf({ text }: Page): Block[] {
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(({ index, 1: language = '', 2: inside = '' }) => ({
    line: text.slice(0, index).split('\n').length,
    language,
    text: inside,
  }));
}

/** What a shell is to run of a block: of `console` the lines behind `$ ` and what continues them, of `cron` the commands. */
export function shellOf({ language, text }: Block): string | undefined {
  if (language === 'sh') return text;
  if (language === 'console')
    return [...text.matchAll(/^\$ (.*(?:\\\n.*)*)$/gm)].map(([, typed = '']) => `${typed}\n`).join('');
  // Five fields or a word like @daily; in crontabs a % is written \%.
  const job = /^(?:@\w+|(?:[\d*/,-]+\s+){4}[\d*/,-]+)\s+(.*)$/gm;
  if (language === 'cron')
    return [...text.matchAll(job)].map(([, run = '']) => `${run.replaceAll('\\%', '%')}\n`).join('');
  return undefined;
}

function judgeBlocks(page: Page): string[] {
  return blocksOf(page).flatMap(block => {
    const says = (what: string) => [`${page.path}:${block.line} ${what}`];
    if (block.language === '') return says('a block without a language: use text where it has none');
    if (!languages.includes(block.language)) return says(`nothing is known of the language ${block.language}`);
    if (block.text.trim() === '') return says('an empty block');
    const documents =
      block.language === 'json' ? [block.text] : block.language === 'jsonl' ? block.text.trim().split('\n') : [];
    return documents.flatMap(document => {
      try {
        JSON.parse(document);
        return [];
      } catch (error) {
        return says(`no JSON: ${error}`);
      }
    });
  });
}

function judgeLinks(page: Page, pages: readonly Page[], exists: (path: string) => boolean): string[] {
  return [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(({ index, 1: link = '' }) => {
    if (/^[a-z]+:/.test(link)) return [];
    const says = (what: string) => [`${page.path}:${lineAt(page, index)} ${what}`];
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page.path : posix.join(posix.dirname(page.path), file);
    if (!exists(target)) return says(`links to ${link}, which is not there`);
    if (anchor === undefined) return [];
    const linked = pages.find(({ path }) => path === target);
    if (linked === undefined) return says(`links to a heading of ${target}, which is no page that is looked at`);
    return anchorsOf(linked).has(anchor) ? [] : says(`links to ${link}, and ${target} has no such heading`);
  });
}

/** GitHub's: lower case, letters, digits, `_` and `-`; a heading that comes again has a number. */
export function anchorsOf(page: Page): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutBlocks(page).matchAll(/^#{1,6} +(.*)$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{M}\p{N}_\- ]/gu, '').replaceAll(' ', '-');
    let free = anchor;
    for (let again = 1; anchors.has(free); again += 1) free = `${anchor}-${again}`;
    anchors.add(free);
  }
  return anchors;
}

function judgeCommands(page: Page): string[] {
  const inBlocks = blocksOf(page).flatMap(block => {
    const shell = block.language === 'ini' ? startsOf(block) : shellOf(block);
    return commandLinesOf(shell ?? '').map(words => ({ line: block.line, words, isWhole: true }));
  });
  const inline = [...withoutBlocks(page).matchAll(/`((?:[^`\n]* )?bmtool [^`\n]*)`/g)].flatMap(
    ({ index, 1: code = '' }) =>
      expandSynopsis(code)
        .flatMap(commandLinesOf)
        .map(words => ({ line: lineAt(page, index), words, isWhole: false })),
  );
  const setIn = [...withoutBlocks(page).matchAll(/^(?: {4}|\t)bmtool /gm)].map(
    ({ index }) => `${page.path}:${lineAt(page, index)} a command line without fences, which nobody checks`,
  );
  return [
    ...setIn,
    ...[...inBlocks, ...inline].flatMap(({ line, words, isWhole }) => {
      const wrong = usageError(words, isWhole);
      return wrong === undefined ? [] : [`${page.path}:${line} bmtool ${words.join(' ')}: ${wrong}`];
    }),
  ];
}

/** What bmtool has against words that are typed. In prose `bmtool dhcp install` names a command: there the rest may be left out. */
function usageError(words: readonly string[], isWhole: boolean): string | undefined {
  const parsed = parseArguments(words, commands, settingFlags(), '0');
  if (parsed.kind !== 'usage') return undefined;
  const isName = parsed.error === 'argument-missing' || parsed.error === 'command-missing';
  return isName && !isWhole ? undefined : parsed.text;
}

/**
 * The command lines that a synopsis in prose stands for. Ways to write one: `a | b` and `a|b` either word, `[…]` may be left out, `<…>` has to be there,
 * words in them as they are; `COMMAND` any command, `…` at the end whatever follows. In a table a `|` is `\|`.
 */
export function expandSynopsis(code: string): string[] {
  const text = code
    .replaceAll('\\|', '|')
    .replaceAll(/ *\| */g, '|')
    .replace(/ …$/, '')
    .replace('COMMAND', 'doctor');
  const group = /\[([^[\]<>]*)\]|<([^[\]<>]*)>/.exec(text);
  if (group) {
    const choices = group[1] === undefined ? (group[2] ?? '').split('|') : ['', ...group[1].split('|')];
    return choices.flatMap(choice => expandSynopsis(text.replace(group[0], () => choice)));
  }
  return text
    .split(' ')
    .reduce<string[]>(
      (lines, word) =>
        lines.flatMap(line => word.split('|').map(choice => (line === '' ? choice : `${line} ${choice}`))),
      [''],
    );
}

const place =
  /(?:^|[|;&(!{]|\b(?:then|do|else|if|while|until|exec|npx)\s|\bsudo(?: -u \S+)?\s|\b[A-Z_]+=\S*\s)\s*(?:[\w./-]*\/)?bmtool(?=\s|$)((?:[ \t]+(?:"[^"]*"|'[^']*'|[^\s|;&<>()"'#][^\s|;&<>()"']*)+)*)/gm;

/** The words behind each `bmtool` that stands where a shell looks for a command. */
export function commandLinesOf(shell: string): string[][] {
  const plain = shell
    .replaceAll(/\\\n\s*/g, ' ')
    .replaceAll(/(^|\s)#.*$/gm, '$1')
    .replaceAll(/\s\d?>&?\s*\S+/g, ' ');
  return [...plain.matchAll(place)].map(([, typed = '']) =>
    [...typed.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"']+)+/g)].map(([word]) => word.replaceAll(/["']/g, '')),
  );
}

/** What a unit runs. */
function startsOf({ text }: Block): string {
  return [...text.matchAll(/^Exec\w+=-?(.*)$/gm)].map(([, run = '']) => `${run}\n`).join('');
}

/** The page with the insides of its blocks blank, so that places stay. */
function withoutBlocks({ text }: Page): string {
  return text.replaceAll(/^```.*\n[\s\S]*?^```$/gm, block => block.replaceAll(/[^\n]/g, ' '));
}

/** The same without code. */
function proseOf(page: Page): string {
  return withoutBlocks(page).replaceAll(/`[^`\n]*`/g, code => ' '.repeat(code.length));
}

function lineAt({ text }: Page, index: number): number {
  return text.slice(0, index).split('\n').length;
}
