import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parseArguments } from '../../src/cli/program.ts';
import { commands } from '../../src/commands.ts';
import { partsOf } from '../../src/core/errors/entry.ts';
import { errorKinds, errors, hundreds } from '../../src/core/errors/errors.ts';
import { Failure } from '../../src/core/failure.ts';
import { flagOf, settingNames } from '../../src/settings.ts';

const root = join(import.meta.dirname, '../..');
const sources = ['src', 'scripts'].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !path.startsWith('core/errors/'))
    .map(path => readFileSync(join(root, folder, path), 'utf8')),
);

/** Kinds that are in a table, whose rows become failures elsewhere. */
const inTables: Readonly<Record<string, string>> = {
  'src/cli/program.ts': 'unknown-command unknown-option argument-missing too-many-arguments bad-value command-missing',
  'src/cli/print.ts': 'bug',
  'src/adapters/capture/tcpdump-failure.ts':
    'tcpdump-missing tap-as-root tap-not-allowed no-such-interface interface-down',
  'src/adapters/postgres/dump/verdict.ts': 'pg-dump-not-allowed pg-dump-locked-out pg-dump-failed',
};
/** bin/bmtool.js says it before anything of bmtool is loaded. */
const saidByCode = ['node-unsupported'];

describe('codes', () => {
  it('are of one kind each', () => {
    const codes = errorKinds.map(kind => errors[kind].code);
    expect(codes.filter((code, i) => codes.indexOf(code) !== i)).toEqual([]);
  });

  it('go up, so that the next free one is seen', () => {
    const numbers = errorKinds.map(kind => Number(errors[kind].code.slice(3)));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  // What was promised: a row here is never changed. Kinds may be named anew, codes may not.
  it.each([
    ['BM-101', 2],
    ['BM-201', 5],
    ['BM-210', 4],
    ['BM-301', 5],
    ['BM-401', 5],
    ['BM-501', 2],
    ['BM-701', 2],
    ['BM-802', 5],
    ['BM-901', 130],
    ['BM-999', 1],
  ])('%s keeps its exit code', (code, exit) => {
    expect(errorKinds.filter(kind => errors[kind].code === code).map(kind => errors[kind].exit)).toEqual([exit]);
  });

  it('have three digits, and a hundred that is about something', () => {
    const digits = hundreds.map(({ digit }) => digit).join('');
    for (const kind of errorKinds) expect(errors[kind].code).toMatch(new RegExp(`^BM-[${digits}]\\d\\d$`));
  });
});

test.each(errorKinds)('%s has a title and says more than its title', kind => {
  const { title, says, exit } = errors[kind];
  expect(kind).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect(title).toMatch(/^[A-Z].{5,60}[^.:!?]$|^pg_|^tcpdump/);
  expect([1, 2, 4, 5, 130]).toContain(exit);
  const parts = partsOf(says);
  expect(parts[0]).toHaveProperty('paragraph');
  const paragraphs = parts.flatMap(part => ('paragraph' in part ? [part.paragraph] : []));
  for (const paragraph of paragraphs) expect(paragraph).toMatch(/^\S.*[.:]$/);
  expect(paragraphs.join(' ').length).toBeGreaterThan(60);
  expect(parts.length).toBeLessThanOrEqual(6);
});

describe('commands in the texts', () => {
  const flags = settingNames.flatMap(name => {
    const flag = flagOf(name);
    return flag ? [{ name, flag, says: '' }] : [];
  });
  const lines = errorKinds.flatMap(kind =>
    partsOf(errors[kind].says).flatMap(part =>
      'commands' in part ? part.commands.map(line => [kind, line] as const) : [],
    ),
  );
  const own = lines.filter(([, line]) => /^(sudo (-u \S+ )?)?bmtool /.test(line));

  it.each(own)('%s: %s', (_, line) => {
    const words = line.replace(/\s+#.*$/, '').replace(/^(sudo (-u \S+ )?)?bmtool /, '');
    const argv = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
    expect(parseArguments(argv, commands, flags, '0').kind).not.toBe('usage');
  });

  it('stand on lines of their own', () => {
    const first = new Set(commands.map(({ path }) => path.split(' ')[0]));
    for (const kind of errorKinds)
      for (const part of partsOf(errors[kind].says))
        if ('paragraph' in part)
          for (const [, word] of part.paragraph.matchAll(/\bbmtool ([a-z-]+)/g))
            expect(first, kind).not.toContain(word);
  });
});

describe('kinds', () => {
  it('are all used', () => {
    const used = new Set<string>(saidByCode);
    for (const text of sources)
      for (const [, first] of text.matchAll(/new Failure\(\s*([^,]+),/g))
        for (const [, kind] of (first ?? '').matchAll(/'([a-z-]+)'/g)) used.add(kind ?? '');
    for (const [path, kinds] of Object.entries(inTables)) {
      const text = readFileSync(join(root, path), 'utf8');
      for (const kind of kinds.split(' ')) {
        expect(text, path).toMatch(new RegExp(`'${kind}'|errors\\.${kind}\\b`));
        used.add(kind);
      }
    }
    expect(errorKinds.filter(kind => !used.has(kind))).toEqual([]);
  });

  it('that bin/bmtool.js tells of have the code that it says', () => {
    const text = readFileSync(join(root, 'bin/bmtool.js'), 'utf8');
    for (const kind of ['node-unsupported', 'output-refused'] as const)
      expect(text).toContain(`error[${errors[kind].code}]: `);
  });

  it('give a failure its code and exit code', () => {
    const failure = new Failure('netbox-unreachable', 'Cannot reach NetBox', { next: 'Look.' });
    expect(failure).toMatchObject({ kind: 'netbox-unreachable', code: 'BM-201', exit: 5, next: 'Look.' });
  });
});

test('a text becomes paragraphs and commands', () => {
  const says = `
      One
      line.

        bmtool doctor   # look
        ls -l

      Two.`;
  expect(partsOf(says)).toEqual([
    { paragraph: 'One line.' },
    { commands: ['bmtool doctor   # look', 'ls -l'] },
    { paragraph: 'Two.' },
  ]);
});
