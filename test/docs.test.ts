import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { referencePage } from '../scripts/reference-docs.ts';
import { openManual } from '../src/manual.ts';
import {
  anchorsOf,
  type Block,
  blocksOf,
  commandLinesOf,
  expandSynopsis,
  judgePage,
  type Page,
  shellOf,
} from './page-law.ts';

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'bmtool-pages-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const pagePaths = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs')).map(name => `docs/${name}`),
  ...readdirSync(join(root, 'fixtures'), { recursive: true, encoding: 'utf8' }).map(path => `fixtures/${path}`),
].filter(path => path.endsWith('.md'));
const pages: readonly Page[] = pagePaths.map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const exists = (path: string) => existsSync(join(root, path));
const has = (program: string) => spawnSync(program, ['--version']).error === undefined;
const [hasPython, hasSystemd] = [has('python3'), has('systemd-analyze')];

describe.each(pages.map(page => [page.path, page] as const))('%s', (_, page) => {
  it('has links that lead somewhere, blocks of a language and command lines that bmtool takes', () => {
    expect(judgePage(page, pages, exists)).toEqual([]);
  });

  it('has shell that bash reads', () => {
    expect(shellErrors(page, blocksOf(page))).toEqual([]);
  });

  it('has Python that compiles', ({ skip }) => {
    skip(!hasPython, 'python3 is not on this machine');
    expect(blocksOf(page).flatMap(block => pythonErrors(page, block))).toEqual([]);
  });

  it('has units that systemd takes', ({ skip }) => {
    skip(!hasSystemd, 'systemd-analyze is not on this machine');
    expect(unitErrors(blocksOf(page))).toEqual([]);
  });
});

test('docs/reference.md is as the commands are', () => {
  expect(readFileSync(join(root, 'docs/reference.md'), 'utf8'), 'run: node scripts/reference-docs.ts').toBe(
    referencePage(openManual()),
  );
});

test('docs/README.md leads to every page', () => {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
  const linked = [...index.matchAll(/\]\(([\w.-]+\.md)\)/g)].map(([, name]) => `docs/${name}`);
  expect(pagePaths.filter(path => path.startsWith('docs/') && path !== 'docs/README.md').sort()).toEqual(
    [...new Set(linked)].sort(),
  );
});

/** Each row breaks one rule: `says` is part of the sentence that must tell of it. */
const violations: readonly { name: string; text: string; says: string }[] = [
  { name: 'a link to nothing', text: 'See [it](gone.md).', says: 'gone.md' },
  { name: 'a link to a heading that is not there', text: '# One\n\n[two](#two)', says: 'no such heading' },
  { name: 'a block of no language', text: '```\nls\n```', says: 'without a language' },
  { name: 'a block of an unknown language', text: '```toml\na = 1\n```', says: 'toml' },
  { name: 'an empty block', text: '```sql\n\n```', says: 'empty' },
  { name: 'JSON with a comma too many', text: '```json\n{ "a": 1, }\n```', says: 'no JSON' },
  { name: 'one bad line of JSON', text: '```jsonl\n{}\n{\n```', says: 'no JSON' },
  { name: 'an unknown command', text: '```sh\nbmtool restore 1\n```', says: 'unknown command' },
  { name: 'an unknown option', text: '```sh\nsudo bmtool doctor --fix\n```', says: 'unknown option' },
  { name: 'an argument left out', text: '```sh\nls && bmtool load-macs\n```', says: 'missing required argument' },
  { name: 'a value that cannot be', text: '```console\n$ bmtool state restore 3\n```', says: 'phase' },
  { name: 'in cron', text: '```cron\n0 6 * * * /usr/local/bin/bmtool verfy 1\n```', says: 'verfy' },
  { name: 'in a unit', text: '```ini\n[Service]\nExecStart=/usr/local/bin/bmtool dhcp work\n```', says: 'work' },
  { name: 'in prose', text: 'Type `bmtool snapshots save` first.', says: 'snapshots' },
  { name: 'in a synopsis', text: '`bmtool snapshot list \\| shew`', says: 'shew' },
  { name: 'without fences', text: 'Type\n\n    bmtool doctor\n', says: 'without fences' },
];

test.each(violations)('seen: $name', ({ text, says }) => {
  const page = { path: 'docs/bad.md', text };
  expect(judgePage(page, [page], path => path === page.path)).toEqual([expect.stringContaining(says)]);
});

test('seen: shell, Python and a unit that are wrong', () => {
  const page = { path: 'docs/bad.md', text: '' };
  expect(shellErrors(page, [{ line: 1, language: 'sh', text: 'if true; then\n' }])).toHaveLength(1);
  expect(shellErrors(page, [{ line: 1, language: 'console', text: '$ echo "\nhello\n' }])).toHaveLength(1);
  if (hasPython) expect(pythonErrors(page, { line: 1, language: 'python', text: 'print(\n' })).toHaveLength(1);
  if (!hasSystemd) return;
  const unit = (text: string): Block => ({ line: 1, language: 'ini', text });
  expect(unitErrors([unit('[Service]\nExecStart=/bin/true\n')])).toEqual([expect.stringContaining('no name')]);
  expect(unitErrors([unit('# /etc/systemd/system/a.service\n[Service]\nExecStrat=/bin/true\n')])).not.toEqual([]);
  expect(unitErrors([unit('# /etc/systemd/system/a.timer\n[Timer]\nOnCalendar=noon-ish\n')])).not.toEqual([]);
});

test.each([
  ['## Where is the record?', 'where-is-the-record'],
  ['### `state restore` & co.', 'state-restore--co'],
  ['## [Undo](undo.md), Größe', 'undo-größe'],
])('%s has the anchor %s', (text, anchor) => {
  expect([...anchorsOf({ path: 'a.md', text })]).toEqual([anchor]);
  expect(anchorsOf({ path: 'a.md', text: `${text}\n\n${text}` })).toContain(`${anchor}-1`);
});

test('a synopsis stands for command lines', () => {
  expect(expandSynopsis('bmtool dhcp dead [list \\| show <id>]')).toEqual([
    'bmtool dhcp dead ',
    'bmtool dhcp dead list',
    'bmtool dhcp dead show id',
  ]);
  expect(expandSynopsis('bmtool state restore 0|1')).toEqual(['bmtool state restore 0', 'bmtool state restore 1']);
  expect(expandSynopsis('bmtool COMMAND --help')).toEqual(['bmtool doctor --help']);
});

test('command lines are found where a shell looks for commands', () => {
  const shell = `# bmtool is here
NETBOX_URL=http://a bmtool doctor --quiet > out.txt 2>&1 || exit 1
eval "$(bmtool lab env)"; if bmtool verify 1; then sudo -u bmtool bmtool runs --limit \\
  5; fi
chown bmtool file && ./bmtool snapshot save 1 --note "all quiet" # done`;
  expect(commandLinesOf(shell)).toEqual([
    ['doctor', '--quiet'],
    ['lab', 'env'],
    ['verify', '1'],
    ['runs', '--limit', '5'],
    ['snapshot', 'save', '1', '--note', 'all quiet'],
  ]);
});

/** One bash starts those that read, which is quicker than to start each from here. */
function shellErrors(page: Page, blocks: readonly Block[]): string[] {
  const shells = blocks.flatMap(block => {
    const shell = shellOf(block);
    return shell === undefined ? [] : [{ line: block.line, shell }];
  });
  const readEach = 'for shell; do bash -n <<< "$shell" 2>&1 && echo; printf "\\0"; done';
  const { stdout } = spawnSync('bash', ['-c', readEach, 'bash', ...shells.map(({ shell }) => shell)], {
    encoding: 'utf8',
  });
  const said = stdout.split('\0');
  return shells.flatMap(({ line }, i) => (said[i] === '\n' ? [] : [`${page.path}:${line} ${said[i]}`]));
}

function pythonErrors(page: Page, { line, language, text }: Block): string[] {
  if (language !== 'python') return [];
  const path = join(scratch, 'block.py');
  writeFileSync(path, text);
  const { status, stderr } = spawnSync('python3', ['-m', 'py_compile', path], { encoding: 'utf8' });
  return status === 0 ? [] : [`${page.path}:${line} ${stderr}`];
}

/** Units name themselves in their first line, `# /etc/systemd/system/NAME`. Those of a page know each other. */
function unitErrors(blocks: readonly Block[]): string[] {
  const units = blocks.filter(({ language, text }) => language === 'ini' && /^\[(Unit|Service|Timer)\]$/m.test(text));
  if (units.length === 0) return [];
  const folder = mkdtempSync(join(scratch, 'units-'));
  const named = units.map(({ line, text }) => ({ line, text, name: /^# \/\S*\/(\S+)\n/.exec(text)?.[1] }));
  const paths = named.flatMap(({ name, text }) => {
    if (name === undefined) return [];
    const path = join(folder, name);
    // Where bmtool is not installed its path would be all that is complained of.
    writeFileSync(path, text.replaceAll('/usr/local/bin/bmtool', '/bin/true'));
    return [path];
  });
  const nameless = named.flatMap(({ line, name }) =>
    name === undefined ? [`line ${line}: a unit that has no name`] : [],
  );
  if (paths.length === 0) return nameless;
  const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...paths], { encoding: 'utf8' });
  // It also complains of the machine's own units.
  const ours = `${stdout}${stderr}`.split('\n').filter(said => named.some(({ name }) => name && said.includes(name)));
  return [...nameless, ...ours];
}
