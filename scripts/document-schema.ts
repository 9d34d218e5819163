import type { Definitions, Schema } from './type-schema.ts';

export type AboutDocument = {
  readonly path: string;
  readonly summary: string;
  readonly result: Schema;
  readonly definitions: Definitions;
  readonly isMany: boolean;
  readonly hasTarget: boolean;
};

const target: Schema = {
  description: 'What the command is about.',
  type: 'object',
  required: ['netbox', 'version'],
  properties: {
    netbox: { description: 'The URL of NetBox.', type: 'string' },
    version: { description: 'The version of NetBox.', type: 'string' },
  },
};

/** What every command prints in place of a result when it fails, and behind the results of a command that prints many. */
const failure: Schema = {
  description: 'What is printed when the command fails, instead of a result or, where there are many, after them.',
  type: 'object',
  required: ['format', 'command', 'error'],
  properties: {
    format: { description: 'The version of this format.', const: 1 },
    command: { description: 'The command, or the first word of a command line that is none.', type: 'string' },
    error: {
      description: 'What happened.',
      type: 'object',
      required: ['message', 'exit'],
      properties: {
        code: { description: 'Names the kind of failure.', type: 'string', pattern: '^BM-[0-9]+$' },
        message: { description: 'What happened, to which thing.', type: 'string' },
        next: { description: 'What to do next.', type: 'string' },
        exit: { description: 'The exit code.', enum: [1, 2, 3, 4, 5, 130] },
      },
    },
  },
};

/** The schema of the document that a command prints with `--json`. */
export function documentSchema({ path, summary, result, definitions, isMany, hasTarget }: AboutDocument): Schema {
  const lines = isMany ? ' It prints many documents, one on each line.' : '';
  const success: Schema = {
    type: 'object',
    required: ['format', 'command', ...(hasTarget ? ['target'] : []), 'result'],
    properties: {
      format: { description: 'The version of this format.', const: 1 },
      command: { description: 'The command.', const: path },
      ...(hasTarget ? { target } : {}),
      result,
    },
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:bmtool:schema:output:${path.replaceAll(' ', '-')}:v1`,
    title: `bmtool ${path} --json`,
    description: `${summary}.${lines}`,
    oneOf: [success, { $ref: '#/$defs/failure' }],
    $defs: { failure, ...definitions },
  };
}
