import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../src/commands.ts';
import { readPublishedSchemas } from '../src/shipped/schemas.ts';
import { wrongIn } from './support/documents.ts';

type Schema = { readonly [keyword: string]: unknown };

const published = readPublishedSchemas();

test('are those of the types as they are now', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bmtool-schemas-'));
  try {
    execFileSync(process.execPath, [resolve('scripts/schemas.ts'), folder], { stdio: 'pipe' });
    const filesIn = (place: string) =>
      Object.fromEntries(readdirSync(place).map(name => [name, readFileSync(join(place, name), 'utf8')]));
    expect(filesIn('schemas/output'), 'run: npm run schemas').toEqual(filesIn(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

test('there is one for each command', () => {
  const names = published.filter(one => one.of === 'command').map(({ name }) => name);
  expect(names).toEqual(
    commands
      .filter(({ hidden }) => !hidden)
      .map(({ path }) => path)
      .sort(),
  );
});

test.each(published.filter(one => one.of === 'command'))('$name: every property says what it is', ({ schema }) => {
  expect(undescribed(schema, schema)).toEqual([]);
});

/** Paths of properties without a description, be it their own or that of what they refer to. */
function undescribed(whole: Schema, part: unknown, path = ''): string[] {
  if (typeof part !== 'object' || part === null) return [];
  const { properties = {} } = part as { properties?: Record<string, Schema> };
  const definition = ({ $ref }: Schema) =>
    (whole.$defs as Record<string, Schema>)[String($ref).replace('#/$defs/', '')];
  // Names out of a union, one for each verdict say, have nowhere to be described one by one.
  const isRecord =
    Object.keys(properties).length > 1 && new Set(Object.values(properties).map(one => JSON.stringify(one))).size === 1;
  const silent = Object.entries(isRecord ? {} : properties)
    .filter(([, one]) => !one.description && !definition(one)?.description)
    .map(([name]) => `${path}/${name}`);
  return [...silent, ...Object.entries(part).flatMap(([name, inner]) => undescribed(whole, inner, `${path}/${name}`))];
}

describe('a document', () => {
  const letter = { id: 'a', at: '2026-11-21T10:00:00Z', reason: 'no JSON', tries: 0, entry: '{' };
  const document = { format: 1, command: 'dhcp dead show', result: letter };
  const error = { message: 'There is no dead letter a', exit: 2 };

  test.each([
    { is: 'as published', document, wrong: false },
    { is: 'a failure', document: { ...document, result: undefined, error }, wrong: false },
    {
      is: 'a failure with a code',
      document: { ...document, result: undefined, error: { ...error, code: 'BM-201' } },
      wrong: false,
    },
    { is: 'without a field', document: { ...document, result: { ...letter, tries: undefined } }, wrong: true },
    { is: 'with a field of another type', document: { ...document, result: { ...letter, tries: '0' } }, wrong: true },
    {
      is: 'with a field that nobody published',
      document: { ...document, result: { ...letter, more: 1 } },
      wrong: true,
    },
    { is: 'of another format', document: { ...document, format: 2 }, wrong: true },
    { is: 'with neither result nor error', document: { ...document, result: undefined }, wrong: true },
  ])('$is: is it wrong? $wrong', ({ document: one, wrong }) => {
    expect(wrongIn(JSON.parse(JSON.stringify(one))).length > 0).toBe(wrong);
  });
});
