import data from 'oui-data' with { type: 'json' };
import { expect, test } from 'vitest';
import { openOuiRegistry } from '../../../src/adapters/oui/registry.ts';

const registry = openOuiRegistry();

test('finds every block that the package has, first, last and in between', () => {
  const all = Object.entries(data as Record<string, string>);
  for (const i of [0, 1, 1000, 20_000, all.length - 2, all.length - 1]) {
    const [oui, text] = all[i] ?? ['', ''];
    expect(registry.organisation(oui)).toBe(text.split('\n')[0]);
  }
});

test('an unregistered block, and text that is none', () => {
  expect(registry.organisation('FFFFFF')).toBeUndefined();
  expect(registry.organisation('Dell')).toBeUndefined();
});
