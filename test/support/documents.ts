import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { readPublishedSchemas } from '../../src/shipped/schemas.ts';

type Schema = { readonly [keyword: string]: unknown };

// allowUnionTypes: `"type": ["string", "null"]` is meant.
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
const schemas = new Map(
  readPublishedSchemas()
    .filter(one => one.of === 'command')
    .map(({ name, schema }) => [name, schema]),
);
const validators = new Map<string, ValidateFunction>();

/**
 * Holds every line that a command printed with --json against the command's published schema. Stricter than the schema: people's programs must
 * expect fields that are new, and bmtool prints none that is not in there.
 */
export function checkDocuments(stdout: string): void {
  const documents = stdout.split('\n').filter(Boolean);
  for (const line of documents) {
    const document = JSON.parse(line) as { command: string };
    expect(wrongIn(document), line.slice(0, 2000)).toEqual([]);
    if (documents.length > 1) expect(schemas.get(document.command)?.description).toContain('many documents');
  }
}

/** What is otherwise in a document than its schema says. */
export function wrongIn(document: { command: string }): string[] {
  // A command line that is none has no schema of its own: what is said about it is the same everywhere.
  const name = schemas.has(document.command) ? document.command : 'schema';
  const isValid = validators.get(name) ?? ajv.compile(closed(schemas.get(name)) as Schema);
  validators.set(name, isValid);
  if (isValid(document)) return [];
  return (isValid.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** The same schema for objects without any other property. */
function closed(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const inner = Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, closed(value)]));
  const isObject = schema && 'properties' in schema && (schema as Schema).type === 'object';
  return isObject && !('additionalProperties' in schema) ? { ...inner, additionalProperties: false } : inner;
}
