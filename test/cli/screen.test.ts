import { describe, expect, it } from 'vitest';
import { plain } from '../../src/cli/screen.ts';
import { captureScreen } from './screens.ts';

describe('colour', () => {
  it.each<[string, boolean, boolean, NodeJS.ProcessEnv, boolean]>([
    ['a terminal', true, true, {}, true],
    ['a pipe', false, true, {}, false],
    ['--no-color', true, false, {}, false],
    ['NO_COLOR', true, true, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR', true, true, { NO_COLOR: '' }, true],
    ['a dumb terminal', true, true, { TERM: 'dumb' }, false],
    ['FORCE_COLOR on a pipe', false, true, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR=0', true, true, { FORCE_COLOR: '0' }, false],
    ['--no-color against FORCE_COLOR', true, false, { FORCE_COLOR: '1' }, false],
  ])('%s', (_, terminal, color, env, painted) => {
    const { screen } = captureScreen({ terminal }, { color }, env);
    expect(screen.paintOut.bad('x') !== 'x').toBe(painted);
  });
});

it('a screen without a width is 80 columns wide', () => {
  expect(captureScreen({ terminal: false }).screen.columns).toBe(80);
  expect(captureScreen({ terminal: true, columns: 132 }).screen.columns).toBe(132);
});

it('plain text keeps letters, tabs and line ends, and nothing that a terminal obeys', () => {
  expect(plain('Zürich 服务器 🖥\t\n')).toBe('Zürich 服务器 🖥\t\n');
  expect(plain('\u0000\u0007\r\u001b[31m\u007f\u009b\u2028\u202e\u2066')).toBe('????[31m?????');
});
