import { join } from 'node:path';
import { live, rest, text } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { print, say } from '../../cli/view.ts';
import { Failure } from '../../core/failure.ts';
import { pathMeant } from '../../core/path-meant.ts';
import type { Manual } from '../../manual.ts';
import { commandPage, mainPage, pageName } from './roff.ts';

/** A manual page. */
type ManPage = {
  /** As man and its file are named: bmtool-load-macs. */
  readonly name: string;
  /** In the macros of man(7). */
  readonly page: string;
};

/** Manual pages that are in their place. */
type ManPages = {
  /** Where they are. */
  readonly folder: string;
  /** Their names. */
  readonly pages: readonly string[];
};

export const manShow = defineCommand({
  path: 'man show',
  summary: 'Print the manual page of a command, for man to show',
  examples: [
    { line: 'bmtool man snapshot restore | man -l -', says: 'read it' },
    { line: 'bmtool man > bmtool.1', says: 'the page of bmtool itself' },
  ],
  args: { command: live('commands', rest('the words of a command, or the name of its page; none: bmtool itself')) },
  needs: ['manual'],
  async run({ command: words }, { manual }): Promise<ManPage> {
    const path = pathMeant(words, ['', ...manual.commands.map(one => one.path), ...Object.keys(manual.groups)]);
    if (path === '') return { name: pageName(''), page: mainPage(manual) };
    const command = manual.commands.find(one => one.path === (manual.groups[path ?? '']?.alone ?? path));
    if (command === undefined) {
      throw new Failure('unknown-command', `There is no command "${words.join(' ')}"`, {
        next: 'bmtool help shows all of them.',
      });
    }
    return { name: pageName(command.path), page: commandPage(command, manual) };
  },
  text: ({ page }) => [print(page.trimEnd())],
});

export const manInstall = defineCommand({
  path: 'man install',
  summary: 'Write all manual pages to where man finds them',
  examples: [
    { line: 'bmtool man install', says: 'for you: man bmtool, man bmtool-load-macs' },
    { line: 'bmtool man install --dir /usr/local/share/man', says: 'for everybody, as root' },
  ],
  exits: { 1: 'a page could not be written' },
  args: { dir: text('another folder; the pages go into man1 in it', 'dir') },
  needs: ['manual', 'machine'],
  async run({ dir }, { manual, machine }): Promise<ManPages> {
    const { HOME, XDG_DATA_HOME } = machine.env;
    const data = XDG_DATA_HOME || (HOME && join(HOME, '.local', 'share'));
    const folder = dir ?? (data && join(data, 'man'));
    if (!folder)
      throw new Failure('home-missing', 'There is no home folder: HOME is not set', { next: 'Name one: --dir DIR' });
    const pages = pagesOf(manual);
    for (const [name, page] of pages) machine.write(join(folder, 'man1', `${name}.1`), { text: page, mode: 0o644 });
    return { folder: join(folder, 'man1'), pages: pages.map(([name]) => name) };
  },
  text: ({ folder, pages }) => [
    say(`${pages.length} pages in ${folder}. Read one: man bmtool`),
    say(
      'If man does not find it, that folder\'s parent is not in its path: export MANPATH="' +
        folder.replace(/\/man1$/, '') +
        ':"',
    ),
  ],
});

function pagesOf(manual: Manual): [string, string][] {
  return [
    [pageName(''), mainPage(manual)],
    ...manual.commands.map((one): [string, string] => [pageName(one.path), commandPage(one, manual)]),
  ];
}
