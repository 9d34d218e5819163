import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeFile, type SourceFile } from './import-law.ts';

const root = join(import.meta.dirname, '..');

function sourcesUnder(folder: string): SourceFile[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => {
      const path = join(entry.parentPath, entry.name);
      return { path: relative(root, path), text: readFileSync(path, 'utf8') };
    });
}

describe('the house', () => {
  const sources = [...sourcesUnder('src'), ...sourcesUnder('bin')];

  it('finds its files', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.map(({ path }) => path)).toContain('src/main.ts');
  });

  it.each(sources.map(source => [source.path, source] as const))('%s keeps the law', (_, source) => {
    expect(judgeFile(source)).toEqual([]);
  });
});

/** Each row breaks one rule: `says` is part of the sentence that must explain it. */
const violations: readonly { name: string; path: string; text: string; says: string }[] = [
  {
    name: 'core reads a file',
    path: 'src/core/mac.ts',
    text: "import { readFileSync } from 'node:fs';",
    says: 'node:fs',
  },
  { name: 'core takes a package', path: 'src/core/mac.ts', text: "import { z } from 'zod';", says: 'zod' },
  { name: 'core looks at the clock', path: 'src/core/plan.ts', text: 'const now = Date.now();', says: 'the clock' },
  { name: 'core makes a date of now', path: 'src/core/plan.ts', text: 'const now = new Date();', says: 'the clock' },
  { name: 'core throws dice', path: 'src/core/plan.ts', text: 'const id = Math.random();', says: 'randomness' },
  { name: 'core asks the process', path: 'src/core/plan.ts', text: 'const dir = process.cwd();', says: 'process' },
  {
    name: 'a feature takes an adapter’s code',
    path: 'src/features/macs/plan.ts',
    text: "import { kinds } from '../../adapters/netbox/kinds.ts';",
    says: 'as types only',
  },
  {
    name: 'a type among values',
    path: 'src/features/macs/plan.ts',
    text: "import { kinds, type KindSpec } from '../../adapters/netbox/kinds.ts';",
    says: 'as types only',
  },
  {
    name: 'an import() in a feature',
    path: 'src/features/macs/plan.ts',
    text: "await import('../../adapters/netbox/kinds.ts');",
    says: 'as types only',
  },
  {
    name: 'a side-effect import in a feature',
    path: 'src/features/macs/plan.ts',
    text: "import '../../adapters/netbox/kinds.ts';",
    says: 'as types only',
  },
  {
    name: 'a re-export in a feature',
    path: 'src/features/macs/plan.ts',
    text: "export { kinds } from '../../adapters/netbox/kinds.ts';",
    says: 'as types only',
  },
  {
    name: 'a feature takes another',
    path: 'src/features/macs/plan.ts',
    text: "import { planUndo } from '../undo/plan.ts';",
    says: 'another feature',
  },
  {
    name: 'also as a type',
    path: 'src/features/macs/plan.ts',
    text: "import type { UndoPlan } from '../undo/plan.ts';",
    says: 'another feature',
  },
  {
    name: 'a feature paints',
    path: 'src/features/macs/text.ts',
    text: "import { Chalk } from 'chalk';",
    says: 'chalk',
  },
  {
    name: 'a feature opens a file',
    path: 'src/features/macs/text.ts',
    text: "import { open } from 'node:fs/promises';",
    says: 'node:fs/promises',
  },
  {
    name: 'a feature opens the settings itself',
    path: 'src/features/macs/text.ts',
    text: "import { readSettings } from '../../settings.ts';",
    says: 'as types only',
  },
  {
    name: 'an adapter takes another',
    path: 'src/adapters/netbox/read.ts',
    text: "import { parseRun } from '../runs/run.ts';",
    says: 'another adapter',
  },
  {
    name: 'an adapter takes a feature',
    path: 'src/adapters/netbox/read.ts',
    text: "import type { Facts } from '../../features/macs/facts.ts';",
    says: 'features',
  },
  {
    name: 'an adapter prints a table',
    path: 'src/adapters/netbox/read.ts',
    text: "import { tableText } from '../../cli/table.ts';",
    says: 'cli',
  },
  {
    name: 'an adapter takes another’s driver',
    path: 'src/adapters/netbox/read.ts',
    text: "import { Client } from 'pg';",
    says: 'pg',
  },
  {
    name: 'the engine takes an adapter’s code',
    path: 'src/engine/carry-out.ts',
    text: "import { applyChanges } from '../adapters/netbox/apply.ts';",
    says: 'as types only',
  },
  { name: 'the lab prints', path: 'src/lab/lab.ts', text: "import { tableText } from '../cli/table.ts';", says: 'cli' },
  {
    name: 'cli takes a feature',
    path: 'src/cli/program.ts',
    text: "import { loadMacs } from '../features/macs/command.ts';",
    says: 'features',
  },
  {
    name: 'cli takes an adapter',
    path: 'src/cli/program.ts',
    text: "import type { NetBox } from '../adapters/netbox/netbox.ts';",
    says: 'adapters',
  },
  {
    name: 'the toolbox runs something',
    path: 'src/toolbox.ts',
    text: "import { openNetBox } from './adapters/netbox/netbox.ts';",
    says: 'as types only',
  },
  {
    name: 'somebody imports main',
    path: 'src/cli/print.ts',
    text: "import { main } from '../main.ts';",
    says: 'main.ts',
  },
  { name: 'a room without a row', path: 'src/attic/trunk.ts', text: 'export const a = 1;', says: 'no row' },
  { name: 'default export', path: 'src/core/mac.ts', text: 'export default function mac() {}', says: 'default export' },
  {
    name: 'default export by name',
    path: 'src/core/mac.ts',
    text: 'export { mac as default };',
    says: 'default export',
  },
  { name: 'enum', path: 'src/core/mac.ts', text: 'export const enum Colour { red }', says: 'enum' },
  { name: 'console', path: 'src/core/mac.ts', text: "console.log('here');", says: 'console' },
  { name: 'too long', path: 'src/core/mac.ts', text: 'const a = 1;\n'.repeat(301), says: '301 lines' },
];

describe('the law', () => {
  it.each(violations)('notices: $name', ({ path, text, says }) => {
    const found = judgeFile({ path, text });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(says);
    expect(found[0]).toContain(path);
  });

  it.each([
    [
      'features take types of adapters',
      'src/features/macs/plan.ts',
      "import type { MacRecord } from '../../adapters/netbox/fleet.ts';",
    ],
    [
      'an import of types alone',
      'src/features/macs/plan.ts',
      "import { type MacRecord, type Mac } from '../../adapters/netbox/fleet.ts';",
    ],
    [
      'over several lines',
      'src/features/macs/plan.ts',
      "import type {\n  MacRecord,\n} from '../../adapters/netbox/fleet.ts';",
    ],
    [
      'import(…) as a type',
      'src/features/macs/plan.ts',
      "type T = import('../../adapters/netbox/fleet.ts').MacRecord;",
    ],
    ['an import in a comment', 'src/core/mac.ts', "// import { readFileSync } from 'node:fs'\n/* import 'zod'; */"],
    ['an import in text', 'src/core/mac.ts', "const says = `never import 'zod'`;"],
    ['a feature’s own files', 'src/features/macs/plan.ts', "import { setText } from './journal.ts';"],
    ['a known moment', 'src/core/plan.ts', "const at = new Date('2026-01-01');"],
  ])('lets pass: %s', (_, path, text) => {
    expect(judgeFile({ path, text })).toEqual([]);
  });
});
