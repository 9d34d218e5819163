import { describe, expect, it } from 'vitest';
import { printBlocks, printFailure, printJson } from '../../src/cli/print.ts';
import type { ScreenWishes } from '../../src/cli/screen.ts';
import { print, row, say, table } from '../../src/cli/view.ts';
import { Failure } from '../../src/core/failure.ts';
import { captureScreen } from './screens.ts';

const blocks = [table(['a', 'b'], [['1', '2']]), print('result'), say('talk')];
const esc = '\u001b';

describe('blocks', () => {
  it('all go to a terminal', async () => {
    const { screen, out, err } = captureScreen({ terminal: true }, { color: false });
    await printBlocks(blocks, screen);
    expect([out(), err()]).toEqual(['a  b\n1  2\nresult\ntalk\n', '']);
  });

  it('part on a pipe: the result on stdout, the talk on stderr', async () => {
    const { screen, out, err } = captureScreen({ terminal: false });
    await printBlocks(blocks, screen);
    expect([out(), err()]).toEqual(['1\t2\nresult\n', 'talk\n']);
  });

  it('do not talk when told to be quiet', async () => {
    const { screen, out, err } = captureScreen({ terminal: false }, { quiet: true });
    await printBlocks(blocks, screen);
    expect([out(), err()]).toEqual(['1\t2\nresult\n', '']);
  });

  it('break long talk between words on a terminal, and nothing that is to be copied or piped', async () => {
    const long = `${'word '.repeat(20)}https://netbox.example.com/${'x'.repeat(80)}`;
    const wide = captureScreen({ terminal: true }, { color: false });
    await printBlocks([say(`  ${long}`)], wide.screen);
    const lines = wide.out().trimEnd().split('\n');
    expect(lines[0]).toBe(`  ${'word '.repeat(15)}`.trimEnd());
    expect(lines.at(-1)).toBe(`  https://netbox.example.com/${'x'.repeat(80)}`);
    await printBlocks([print(long)], wide.screen);
    expect(wide.out()).toContain(`${long}\n`);
    const piped = captureScreen({ terminal: false });
    await printBlocks([say(long)], piped.screen);
    expect(piped.err()).toBe(`${long}\n`);
  });

  it('have what is broken off a line as far in as the line', async () => {
    const { screen, out } = captureScreen({ terminal: true, columns: 20 });
    const { bold } = screen.paintOut;
    await printBlocks([say(`one two three four five\n  ${bold('six seven eight nine ten')}`)], screen);
    expect(out()).toBe(`one two three four\nfive\n  ${bold('six seven eight')}\n  ${bold('nine ten')}\n`);
  });

  it('let nothing from outside move the cursor', async () => {
    const { screen, out } = captureScreen({ terminal: true });
    await printBlocks([say(`${screen.paintOut.bold('run')} ${esc}[2Jx`)], screen);
    expect(out()).toBe(`${screen.paintOut.bold('run')} ?[2Jx\n`);
  });
});

describe('a row of what comes little by little', () => {
  const cells = (paint: (text: string) => string) => row(['09:00', [paint('warn'), 8], ['-', 6], 'a\tb']);

  it('that is too long for a terminal goes on below, a little farther in', async () => {
    const { screen, out } = captureScreen({ terminal: true, columns: 30 }, { color: false });
    await printBlocks([row(['09:00', ['warn', 8], 'a device in this state should not be asking'])], screen);
    expect(out()).toBe('09:00  warn      a device in\n  this state should not be\n  asking\n');
  });

  it.each<[string, boolean, Partial<ScreenWishes>, string]>([
    ['on a terminal', true, {}, '09:00  \u001b[31mwarn\u001b[39m      -       a\tb\n'],
    ['piped', false, {}, '09:00\twarn\t-\ta b\n'],
    ['read aloud', true, { plain: true }, '09:00, warn, none, a b\n'],
    ['piped with --plain', false, { plain: true }, '09:00\twarn\tnone\ta b\n'],
  ])('%s', async (_, terminal, wishes, text) => {
    const { screen, out } = captureScreen({ terminal }, wishes);
    await printBlocks([cells(screen.paintOut.bad)], screen);
    expect(out()).toBe(text);
  });
});

describe('read aloud', () => {
  const all = [
    say('! a → b … and more'),
    table(
      ['', 'checked', 'found'],
      [
        ['✓', 'NetBox', '4.7'],
        ['✗', 'Redis', ''],
      ],
    ),
    table(
      ['what', 'found'],
      [
        ['servers', '96'],
        ['swapped', '–'],
      ],
    ),
    print('a file: a → b  c…'),
  ];

  it('is words, a thing at a time; what is to be copied stays as it is', async () => {
    const { screen, out, err } = captureScreen({ terminal: true }, { plain: true });
    await printBlocks(all, screen);
    expect(out()).toBe(
      'warning: a to b ... and more\nok\nchecked: NetBox\nfound: 4.7\n\nfailed\nchecked: Redis\n\nservers: 96\nswapped: none\na file: a → b  c…\n',
    );
    expect(err()).toBe('');
  });

  it('piped, is rows of the same words', async () => {
    const { screen, out, err } = captureScreen({ terminal: false }, { plain: true });
    await printBlocks(all, screen);
    expect(out()).toBe('ok\tNetBox\t4.7\nfailed\tRedis\t\nservers\t96\nswapped\tnone\na file: a → b  c…\n');
    expect(err()).toBe('warning: a to b ... and more\n');
  });
});

describe('JSON', () => {
  async function* numbers() {
    yield 1;
    yield { two: 2 };
  }

  it.each<[string, unknown, unknown]>([
    ['a value', { a: 1, b: undefined, c: null, d: [1, undefined] }, { a: 1, c: null, d: [1, null] }],
    ['a list that is made on the way', { rows: numbers(), after: 'x' }, { rows: [1, { two: 2 }], after: 'x' }],
    ['only such a list', numbers(), [1, { two: 2 }]],
    ['an empty one', { rows: (async function* () {})() }, { rows: [] }],
    ['nothing', undefined, undefined],
    ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['text that needs care', { 'a"b': 'c\n\u2028d' }, { 'a"b': 'c\n\u2028d' }],
  ])('%s', async (_, result, expected) => {
    const { screen, out, err } = captureScreen({ terminal: false });
    await printJson({ command: 'undo', target: { netbox: 'http://nb' }, result }, screen);
    expect(JSON.parse(out())).toEqual({
      format: 1,
      command: 'undo',
      target: { netbox: 'http://nb' },
      ...(expected === undefined ? {} : { result: expected }),
    });
    expect(out().split('\n')).toHaveLength(2);
    expect(err()).toBe('');
  });
});

describe('a failure', () => {
  const wishes = { json: false, debug: false, command: 'undo' };

  it('is what happened and what to do next, on stderr', async () => {
    const { screen, out, err } = captureScreen({ terminal: false });
    expect(
      await printFailure(
        new Failure('no-such-run', 'No such run', { next: 'Look again.\nAnd again.' }),
        screen,
        wishes,
      ),
    ).toBe(2);
    expect([out(), err()]).toEqual(['', 'error[BM-701]: No such run\n  Look again.\n  And again.\n']);
  });

  it('is said in words with --plain', async () => {
    const { screen, err } = captureScreen({ terminal: false }, { plain: true });
    await printFailure(new Failure('no-such-run', 'No → yes', { next: '✗ one\n… and more' }), screen, wishes);
    expect(err()).toBe('error[BM-701]: No to yes\n  failed: one\n  ... and more\n');
  });

  it('is also a document with --json', async () => {
    const { screen, out } = captureScreen({ terminal: false });
    await printFailure(new Failure('token-may-not-write', 'No', { next: 'Ask.' }), screen, { ...wishes, json: true });
    expect(JSON.parse(out())).toEqual({
      format: 1,
      command: 'undo',
      error: { code: 'BM-212', message: 'No', next: 'Ask.', exit: 4 },
    });
  });

  it('that nobody thought of is called a bug, and its stack is for --debug', async () => {
    const { screen, err } = captureScreen({ terminal: false });
    expect(await printFailure(new TypeError('x is not a function'), screen, wishes)).toBe(1);
    expect(err()).toMatch(/^error\[BM-999\]: bmtool failed: x is not a function\n {2}This is a bug in bmtool/);
    expect(err()).not.toContain('print.test.ts');
    await printFailure(new Failure('run-unwritable', 'outer', { cause: new Error('inner') }), screen, {
      ...wishes,
      debug: true,
    });
    expect(err()).toContain('caused by: Error: inner');
    expect(err()).toContain('print.test.ts');
  });

  it('lets nothing from outside move the cursor', async () => {
    const { screen, err } = captureScreen({ terminal: true }, { color: false });
    await printFailure(
      new Failure('netbox-refuses', `NetBox says ${esc}[2J`, { next: `Try ${esc}]0;x\u0007` }),
      screen,
      wishes,
    );
    expect(err()).toBe('error[BM-205]: NetBox says ?[2J\n  Try ?]0;x?\n');
  });
});
