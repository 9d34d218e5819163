import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withRights } from '../../scripts/security-docs.ts';

test('docs/security.md has the table of rights and what follows from it as they are in the code', () => {
  const text = readFileSync('docs/security.md', 'utf8');
  expect(text, 'run: node scripts/security-docs.ts').toBe(withRights(text));
  expect(text).toContain('| load-macs | `dcim.view_device`');
  expect(text).toContain("    'change': ");
});

/** What Redis's driver calls otherwise than Redis, and what it sends by itself when it connects. */
const driverWords: Readonly<Record<string, string>> = { scaniterator: 'scan', zrangewithscores: 'zrange' };
const onConnecting = ['auth', 'hello', 'select', 'client|setname', 'client|setinfo', 'multi', 'exec', 'info'];
const noCommand = new Set([
  'connect',
  'destroy',
  'on',
  'multi',
  'withtypemapping',
  'exec',
  'execaspipeline',
  'map',
  'slice',
]);

test("the Redis user may do what the adapter's sources do, and nothing else", () => {
  const folder = 'src/adapters/redis';
  const sources = readdirSync(folder).map(name => readFileSync(`${folder}/${name}`, 'utf8'));
  const called = sources.flatMap(text =>
    [...text.matchAll(/(?:\b(?:client|all)\.|bytes\.(?=h)|\bcall\(["']|")'?([a-zA-Z]+)(?:\(|', )/g)].map(
      ([, word = '']) => word.toLowerCase(),
    ),
  );
  const used = called.filter(word => !noCommand.has(word)).map(word => driverWords[word] ?? word);
  const allowed = /<!-- redis -->([\s\S]*)<!-- \/redis -->/.exec(readFileSync('docs/security.md', 'utf8'))?.[1] ?? '';
  const words = [...allowed.matchAll(/ \+([a-z|]+)/g)].map(([, word]) => word);
  expect(new Set(words)).toEqual(new Set([...used, ...onConnecting]));
});
