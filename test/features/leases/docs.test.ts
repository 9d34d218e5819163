import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withTables } from '../../../scripts/lease-docs.ts';

test('docs/leases.md has the decision table and its diagram as they are in the code', () => {
  const text = readFileSync('docs/leases.md', 'utf8');
  expect(text, 'run: node scripts/lease-docs.ts').toBe(withTables(text));
  expect(text).toContain('```mermaid\nflowchart TD');
});
