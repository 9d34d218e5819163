import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isPackaged } from './shipped.ts';

/** A JSON Schema that people's programs may rely on. */
export type PublishedSchema = {
  /** A command's path, `runs list`; or an event's name with its version, `dhcp-lease.v1`. */
  readonly name: string;
  readonly of: 'command' | 'event';
  readonly schema: Readonly<Record<string, unknown>>;
};

/** The folder in the repository, and the prefix of names inside the one file. */
export const shippedSchemas = 'schemas/';
const ofCommands = `${shippedSchemas}output/`;

/** The published schemas by where they are: `schemas/output/runs-list.json`. */
export function schemaFiles(): string[] {
  const folder = fileURLToPath(new URL(`../../${shippedSchemas}`, import.meta.url));
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.json'))
    .map(name => join(shippedSchemas, name))
    .sort();
}

/** All of them, in the order of their names. */
export function readPublishedSchemas(): PublishedSchema[] {
  const { getAssetKeys, getAsset } = process.getBuiltinModule('node:sea');
  const names = isPackaged ? getAssetKeys().filter(name => name.startsWith(shippedSchemas)) : schemaFiles();
  const textOf = (name: string) =>
    isPackaged ? getAsset(name, 'utf8') : readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
  return names
    .map(name => publishedOf(name, JSON.parse(textOf(name))))
    .sort((a, b) => (a.of === b.of ? (a.name < b.name ? -1 : 1) : a.of === 'command' ? -1 : 1));
}

function publishedOf(file: string, schema: PublishedSchema['schema']): PublishedSchema {
  if (!file.startsWith(ofCommands)) return { name: basename(file, '.json'), of: 'event', schema };
  const [success] = schema.oneOf as [{ properties: { command: { const: string } } }];
  return { name: success.properties.command.const, of: 'command', schema };
}
