import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { API } from 'typescript/unstable/sync';
import type { AnyCommand } from '../src/cli/command.ts';
import { commands } from '../src/commands.ts';
import { documentSchema } from './document-schema.ts';
import { readResultTypes } from './result-types.ts';
import { type Schema, schemaOfType } from './type-schema.ts';

/*
 * `npm run schemas [-- FOLDER]`: a JSON Schema of what each command prints with --json, made from the types of src/, into schemas/output. They are kept, so
 * that a change of what people's scripts read shows in review.
 *
 * TypeScript 7 calls its API unstable. It is the compiler that checks these types; another one beside it would be a second opinion, and 24 MB.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, 'schemas', 'output'));

const api = new API({ cwd: root });
const config = join(root, 'tsconfig.json');
const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
if (project === undefined) throw new Error(`${config} is no project`);
const { checker, program } = project;
const results = readResultTypes(checker, program.getSourceFile(join(root, 'src', 'commands.ts')));
if (results.length !== commands.length)
  throw new Error(`src/commands.ts has ${commands.length} commands, and the types of ${results.length} were found`);

mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (name.endsWith('.json')) rmSync(join(folder, name));
for (const [i, { type, isMany, says }] of results.entries()) {
  const { path, summary, needs, hidden } = commands[i] as AnyCommand;
  if (hidden) continue;
  const { schema, definitions } = schemaOfType(checker, type, path);
  const { description = says, ...others } = schema;
  const result = { description: says || description, ...others };
  const document = documentSchema({ path, summary, result, definitions, isMany, hasTarget: needs.includes('netbox') });
  writeFileSync(join(folder, `${path.replaceAll(' ', '-')}.json`), documentText(document));
}
process.stdout.write(`${readdirSync(folder).length} schemas in ${folder}\n`);
process.exit();

/** Short lists on one line: half as long, and what is required is seen at a glance. */
function documentText(document: Schema): string {
  const text = JSON.stringify(document, undefined, 2);
  return `${text.replaceAll(/\[\n\s+([^[\]{}]{0,100}?)\n\s+\]/g, (_, items: string) => `[${items.replaceAll(/\n\s+/g, ' ')}]`)}\n`;
}
