import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseArguments } from '../src/cli/program.ts';
import { commands } from '../src/commands.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the README names every command', () => {
  for (const { path } of commands.filter(({ hidden }) => !hidden)) {
    const [group = '', leaf] = path.split(' ');
    expect(readme, path).toMatch(new RegExp(`\`bmtool ${group}\\b[^\`]*${leaf ?? ''}`));
  }
});

test.for(commands.map(command => command.path))(
  '%s --help fits a terminal of 80 columns and names its options',
  path => {
    const parsed = parseArguments([...path.split(' '), '--help'], commands, [], '0');
    if (parsed.kind !== 'talk') throw new Error(parsed.kind);
    expect(parsed.exit).toBe(0);
    expect(parsed.text).toContain('--json');
    for (const line of parsed.text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  },
);

test('nothing typed shows all commands', () => {
  const parsed = parseArguments([], commands, [], '0');
  expect(parsed.kind).toBe('talk');
  for (const { path } of commands) expect(parsed.kind === 'talk' && parsed.text).toContain(path.split(' ')[0]);
});

test.for([...new Set(commands.map(({ path }) => path.split(' ')).flatMap(([group, leaf]) => (leaf ? [group] : [])))])(
  '%s by itself is one of its commands, and is said to be',
  group => {
    const parsed = parseArguments([group ?? '', '--help'], commands, [], '0');
    const said = parsed.kind === 'talk' && /by itself is bmtool (.+)\.$/m.exec(parsed.text)?.[1];
    expect(commands.map(({ path }) => path)).toContain(said);
    const alone = parseArguments([group ?? ''], commands, [], '0');
    expect(alone.kind === 'run' && alone.request.command.path).toBe(said);
  },
);
