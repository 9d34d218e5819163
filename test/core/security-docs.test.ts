import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withRights } from '../../scripts/security-docs.ts';

test('docs/security.md has the table of rights and what follows from it as they are in the code', () => {
  const text = readFileSync('docs/security.md', 'utf8');
  expect(text, 'run: node scripts/security-docs.ts').toBe(withRights(text));
  expect(text).toContain('| load-macs | `dcim.view_device`');
  expect(text).toContain("    'change': ");
});
