import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openScreen, paintFor, plain, type ScreenWishes } from '../../src/cli/screen.ts';
import { captureScreen } from './screens.ts';

const sized = (columns: number) => Object.assign(new PassThrough(), { isTTY: true, columns });

describe('colour', () => {
  it.each<[string, boolean, boolean, NodeJS.ProcessEnv, boolean]>([
    ['a terminal', true, true, {}, true],
    ['a pipe', false, true, {}, false],
    ['--no-color', true, false, {}, false],
    ['NO_COLOR', true, true, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR', true, true, { NO_COLOR: '' }, true],
    ['a dumb terminal', true, true, { TERM: 'dumb' }, false],
    ['FORCE_COLOR on a pipe', false, true, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR=false', true, true, { FORCE_COLOR: 'false' }, false],
    ['NO_COLOR against FORCE_COLOR', true, true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['CLICOLOR=0', true, true, { CLICOLOR: '0' }, false],
    ['CLICOLOR=1 on a pipe', false, true, { CLICOLOR: '1' }, false],
    ['CLICOLOR_FORCE on a pipe', false, true, { CLICOLOR_FORCE: '1' }, true],
    ['CLICOLOR_FORCE=0 on a pipe', false, true, { CLICOLOR_FORCE: '0' }, false],
    ['BMTOOL_PLAIN', true, true, { BMTOOL_PLAIN: 'on' }, false],
    ['BMTOOL_PLAIN against FORCE_COLOR', true, true, { BMTOOL_PLAIN: 'on', FORCE_COLOR: '1' }, false],
    ['BMTOOL_PLAIN=off', true, true, { BMTOOL_PLAIN: 'off' }, true],
    ['FORCE_COLOR=0', true, true, { FORCE_COLOR: '0' }, false],
    ['--no-color against FORCE_COLOR', true, false, { FORCE_COLOR: '1' }, false],
  ])('%s', (_, terminal, color, env, painted) => {
    const { screen } = captureScreen({ terminal }, { color }, env);
    expect(screen.paintOut.bad('x') !== 'x').toBe(painted);
  });
});

it.each<[string, boolean, Partial<ScreenWishes>, NodeJS.ProcessEnv, boolean]>([
  ['a terminal', true, {}, {}, true],
  ['a pipe', false, {}, {}, false],
  ['--no-color', true, { color: false }, {}, true],
  ['--plain', true, { plain: true }, {}, false],
  ['BMTOOL_PLAIN', true, {}, { BMTOOL_PLAIN: 'on' }, false],
  ['a dumb terminal', true, {}, { TERM: 'dumb' }, false],
])('lines move: %s', async (_, terminal, wishes, env, moves) => {
  const { screen } = captureScreen({ terminal }, wishes, env);
  expect((await screen.openBottom()) !== undefined).toBe(moves);
});

it('every colour is one of the sixteen, and none is yellow, which cannot be seen on white', () => {
  const painted = Object.values(paintFor(true)).map(paint => paint('x'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes are what is looked at
  for (const text of painted) expect(text).toMatch(/^\u001b\[(1|2|3[1245])mx\u001b\[(22|39)m$/);
});

it('a screen without a width is 80 columns wide', () => {
  expect(captureScreen({ terminal: false }).screen.columns).toBe(80);
  expect(captureScreen({ terminal: true, columns: 132 }).screen.columns).toBe(132);
  // As a terminal says that nobody told how wide it is.
  expect(openScreen(sized(0), sized(0), {}, { color: false, quiet: false, verbose: false }).columns).toBe(80);
});

it('the width is the one that the screen has now', () => {
  const out = sized(80);
  const screen = openScreen(out, sized(80), {}, { color: false, quiet: false, verbose: false });
  out.columns = 60;
  expect(screen.columns).toBe(60);
});

it('plain text keeps letters, tabs and line ends, and nothing that a terminal obeys', () => {
  expect(plain('Zürich 服务器 🖥\t\n')).toBe('Zürich 服务器 🖥\t\n');
  expect(plain('\u0000\u0007\r\u001b[31m\u007f\u009b\u2028\u202e\u2066')).toBe('????[31m?????');
});
