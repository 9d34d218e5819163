import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { cut } from '../../src/cli/cut.ts';
import { spoken } from '../../src/cli/spoken.ts';

test.each([
  ['✓ run x', 'ok: run x'],
  ['a line\n  ✗ NetBox does not answer', 'a line\n  failed: NetBox does not answer'],
  ['! srv-1: look', 'warning: srv-1: look'],
  ['not this! or this', 'not this! or this'],
  ['✓', 'ok'],
  ['–', 'none'],
  ['-', 'none'],
  ['10.0.0.1-10.0.0.9', '10.0.0.1-10.0.0.9'],
  ['offline → failed, null→new', 'offline to failed, null to new'],
  ['srv-1 eth0 – tor-1 Ethernet1', 'srv-1 eth0 to tor-1 Ethernet1'],
  ['a · b, … and 3 more…', 'a, b, ... and 3 more...'],
])('%j is said as %j', (text, said) => {
  expect(spoken(text)).toBe(said);
});

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 5, 'abcd…'],
  ['服务器服务器', 6, '服务…'],
  ['👩‍🔧👩‍🔧👩‍🔧', 5, '👩‍🔧👩‍🔧…'],
  ['abc', 1, '…'],
  ['abc', 0, ''],
])('%j in %i columns: %j', (text, columns, fitting) => {
  expect(cut(text, columns)).toBe(fitting);
  expect(stringWidth(cut(text, columns))).toBeLessThanOrEqual(columns);
});
