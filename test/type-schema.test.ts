import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTypeAliasDeclaration } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import { expect, test } from 'vitest';
import { schemaOfType } from '../scripts/type-schema.ts';

/** A type, and what is printed of it; a text is why it is refused. */
const types = {
  'string | null': { type: ['null', 'string'] },
  'boolean | "live"': { anyOf: [{ const: 'live' }, { type: 'boolean' }] },
  '"a" | "b" | undefined': 'it may be undefined',
  '{ a?: "x" | 1; b: number | undefined; c: unknown }': {
    type: 'object',
    required: ['c'],
    properties: { a: { enum: ['x', 1] }, b: { type: 'number' }, c: {} },
  },
  '{\n/** How\n * many. */\nn: number }': {
    type: 'object',
    required: ['n'],
    properties: { n: { description: 'How many.', type: 'number' } },
  },
  'readonly string[]': { type: 'array', items: { type: 'string' } },
  '[string, number]': {
    type: 'array',
    prefixItems: [{ type: 'string' }, { type: 'number' }],
    items: false,
    minItems: 2,
  },
  'Readonly<Record<string, number>>': { type: 'object', additionalProperties: { type: 'number' } },
  'Record<"a" | "b", number>': {
    type: 'object',
    required: ['a', 'b'],
    properties: { a: { type: 'number' }, b: { type: 'number' } },
  },
  '{ [K in "a" | "b"]: K }': {
    type: 'object',
    required: ['a', 'b'],
    properties: { a: { const: 'a' }, b: { const: 'b' } },
  },
  'Omit<{\n/** Kept. */\na: string; b: Map<string, string> }, "b">': {
    type: 'object',
    required: ['a'],
    properties: { a: { description: 'Kept.', type: 'string' } },
  },
  '{ a: string } & { b: string }': {
    type: 'object',
    required: ['a', 'b'],
    properties: { a: { type: 'string' }, b: { type: 'string' } },
  },
  'string & { readonly __brand: true }': { type: 'string' },
  '{ rows: AsyncIterable<string> }': {
    type: 'object',
    required: ['rows'],
    properties: { rows: { type: 'array', items: { type: 'string' } } },
  },
  'AsyncIterable<string>[]': 'is nothing that JSON can print',
  '{ at: Date }': 'is nothing that JSON can print',
  '{ by: ReadonlyMap<string, string> }': '.by: "ReadonlyMap<string, string>" is nothing that JSON can print',
  '{ bytes: Uint8Array }': 'is nothing that JSON can print',
  '{ size(): number }': 'is nothing that JSON can print',
  '{ size: bigint }': 'is nothing that JSON can print',
  '(string | undefined)[]': 'it may be undefined',
  any: 'is nothing that JSON can print',
} as const;

const folder = mkdtempSync(join(tmpdir(), 'bmtool-types-'));
const config = join(folder, 'tsconfig.json');
writeFileSync(
  config,
  JSON.stringify({ compilerOptions: { strict: true, target: 'esnext', types: [] }, files: ['types.ts'] }),
);
const lines = Object.keys(types).map((type, i) => `export type T${i} = { readonly it: ${type} }['it'];`);
const tree = 'export type Tree = {\n/** Those below. */\nreadonly below: readonly Tree[] };';
writeFileSync(join(folder, 'types.ts'), [...lines, tree].join('\n'));
const project = new API({ cwd: folder }).updateSnapshot({ openProjects: [config] }).getProject(config);

function schemaOf(name: string) {
  const statement = project?.program
    .getSourceFile(join(folder, 'types.ts'))
    ?.statements.filter(isTypeAliasDeclaration)
    .find(one => one.name.text === name);
  const type = statement && project?.checker.getTypeAtLocation(statement.type);
  if (project === undefined || type === undefined) throw new Error(`no type ${name}`);
  return schemaOfType(project.checker, type, 'it');
}

test.each(Object.entries(types).map(([type, wanted], i) => ({ type, wanted, name: `T${i}` })))(
  '$type',
  ({ name, wanted }) => {
    if (typeof wanted === 'string') expect(() => schemaOf(name)).toThrow(wanted);
    else expect(schemaOf(name)).toEqual({ schema: wanted, definitions: {} });
  },
);

test('what refers to itself is a definition', () => {
  const { schema, definitions } = schemaOf('Tree');
  const below = { description: 'Those below.', type: 'array', items: { $ref: '#/$defs/Tree' } };
  expect(definitions).toEqual({ Tree: { type: 'object', required: ['below'], properties: { below } } });
  expect(schema).toEqual({ $ref: '#/$defs/Tree' });
});
