import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandPage, mainPage, pageName } from '../../../src/features/man/roff.ts';
import { openManual } from '../../../src/manual.ts';

const manual = openManual();
const groff = spawnSync('groff', ['--version']).status === 0;

/** As man shows it, without the marks of bold and underlined. */
function shown(pages: readonly string[]): { text: string; complaints: string } {
  const folder = mkdtempSync(join(tmpdir(), 'bmtool-man-'));
  const files = pages.map((page, i) => {
    const file = join(folder, String(i));
    writeFileSync(file, page);
    return file;
  });
  const ran = spawnSync(
    'groff',
    ['-ww', '-man', '-Tutf8', '-K', 'utf8', '-P-c', '-P-b', '-P-u', '-rLL=78n', ...files],
    { encoding: 'utf8' },
  );
  return { text: ran.stdout, complaints: ran.stderr };
}

test.skipIf(!groff)('groff has nothing to say against any page', () => {
  const pages = [mainPage(manual), ...manual.commands.map(command => commandPage(command, manual))];
  expect(shown(pages).complaints).toBe('');
});

test.skipIf(!groff)('a page says what --help says', () => {
  const command = manual.commands.find(({ path }) => path === 'state restore');
  if (command === undefined) throw new Error('no such command');
  const text = shown([commandPage(command, manual)]).text.replaceAll(/\s+/g, ' ');
  for (const { flag, says } of command.flags) {
    expect(text).toContain(flag);
    expect(text).toContain(says);
  }
  for (const { line } of command.examples) expect(text).toContain(line);
  expect(text).toContain('Events in the discovery queue are removed.');
});

test.each([
  ["a server's own", String.raw`a server\(aqs own`],
  ['--note "all quiet"', String.raw`\-\-note \(dqall quiet\(dq`],
  ['`discovered` ~/.pgpass ^C', String.raw`\(gadiscovered\(ga \(ti/.pgpass \(haC`],
  ["'tis", String.raw`\(aqtis`],
])('%j is copied as it stands', (details, roff) => {
  const [command] = manual.commands;
  if (command === undefined) throw new Error('no command');
  expect(commandPage({ ...command, details }, manual)).toContain(`.PP\n${roff}\n`);
});

test.skipIf(!groff)('no page has signs that nobody typed', () => {
  const pages = [mainPage(manual), ...manual.commands.map(command => commandPage(command, manual))];
  expect(shown(pages).text.match(/[^\n -~]/g)).toBeNull();
  expect(shown(pages).text).toContain(
    '  bmtool load-macs new.csv --serial-column "Serial No" --mac-column "iLO MAC"\n',
  );
});

test('pages have the names that man expects', () => {
  expect(pageName('dhcp dead list')).toBe('bmtool-dhcp-dead-list');
});

test('a hyphen is one that can be copied, and a line that begins with a dot is no request', () => {
  const command = manual.commands.find(({ path }) => path === 'state restore');
  if (command === undefined) throw new Error('no such command');
  expect(commandPage(command, manual)).toContain(String.raw`\-\-limit`);
  expect(commandPage({ ...command, details: '.env is read' }, manual)).toContain(String.raw`\&.env`);
});
