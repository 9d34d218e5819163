import { describe, expect, it } from 'vitest';
import {
  type Ability,
  abilities,
  can,
  isUntried,
  parseVersion,
  refusal,
  type Version,
} from '../../../src/adapters/netbox/versions.ts';

function version(text: string): Version {
  const found = parseVersion(text);
  if (found === undefined) throw new Error(`no version: ${text}`);
  return found;
}

/** What each release can, from its source (see the table's own comment): one row a release, one column an ability. */
const columns: readonly Ability[] = [
  'v2Tokens',
  'authenticationCheck',
  'cursorPages',
  'ifMatch',
  'changelogMessage',
  'namesBadRows',
  'configContextOnRead',
  'taggedObjects',
];
const rows: readonly [release: string, ...abilities: number[]][] = [
  ['4.2.9', 0, 0, 0, 0, 0, 0, 1, 0],
  ['4.3.7', 0, 0, 0, 0, 0, 0, 1, 1],
  ['4.4.10', 0, 0, 0, 0, 1, 0, 1, 1],
  ['4.5.10', 1, 1, 0, 0, 1, 0, 1, 1],
  ['4.6.8', 1, 1, 1, 1, 1, 0, 1, 1],
  ['4.7.3', 1, 1, 1, 1, 1, 1, 0, 1],
  ['4.8.0', 1, 1, 1, 1, 1, 1, 0, 1],
  ['5.0.0', 1, 1, 1, 1, 1, 1, 0, 1],
];

describe.each(rows)('NetBox %s', (release, ...marks) => {
  it.each(columns.map((ability, i) => [ability, marks[i] === 1] as const))('%s: %s', (ability, expected) => {
    expect(can(version(release), ability)).toBe(expected);
  });
});

it('has a column for every ability', () => {
  expect(columns.toSorted()).toEqual(Object.keys(abilities).sort());
});

it.each([
  ['4.7.3', 4, 7, '4.7.3'],
  ['4.1.11-Docker-3.0.2', 4, 1, '4.1.11-Docker-3.0.2'],
  ['4.7.0-beta1', 4, 7, '4.7.0-beta1'],
  ['v4.6.8', 4, 6, '4.6.8'],
  [' 4.7 ', 4, 7, '4.7'],
  ['4.10.1', 4, 10, '4.10.1'],
])('reads %j', (text, major, minor, shown) => {
  expect(parseVersion(text)).toEqual({ major, minor, text: shown });
});

it.each(['', 'nginx', '4', 'four.seven'])('does not read %j', text => {
  expect(parseVersion(text)).toBeUndefined();
});

it.each([
  ['3.7.8', true],
  ['4.1.11', true],
  ['4.2.0', false],
  ['4.7.3', false],
  ['5.0.0', false],
])('refuses %s: %s', (text, refused) => {
  const why = refusal(version(text));
  expect(why !== undefined).toBe(refused);
  if (refused) expect(why).toContain(`NetBox ${text} is too old: bmtool needs 4.2`);
});

it.each([
  ['4.7.9', false],
  ['4.8.0', true],
  ['4.10.0', true],
  ['5.0.0', true],
])('%s is newer than any tried: %s', (text, untried) => {
  expect(isUntried(version(text))).toBe(untried);
});
