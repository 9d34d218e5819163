import type { Change, ObjectKind } from '../../core/change.ts';
import { Failure } from '../../core/failure.ts';
import type { Method } from './client.ts';
import { kinds } from './kinds.ts';
import { type Reader, readFailure } from './read.ts';

export type Right = { readonly kind: ObjectKind; readonly op: Change['op'] };

const verbs: Record<Change['op'], { readonly method: Method; readonly permission: string }> = {
  create: { method: 'POST', permission: 'add' },
  update: { method: 'PATCH', permission: 'change' },
  delete: { method: 'DELETE', permission: 'delete' },
};

/** NetBox's name of a permission: `dcim.change_interface`. */
export function permissionName({ kind, op }: Right): string {
  const [app, model] = kind.split('.');
  return `${app}.${verbs[op].permission}_${model}`;
}

/**
 * Which of these the token lacks, found by sending empty lists: they write nothing and are refused with 403 all the same
 * when the token is read-only or the model's permission is missing (measured on 4.7.3; 20 ms each).
 */
export async function missingRights(reader: Reader, wanted: readonly Right[]): Promise<string[]> {
  const rights = new Map(wanted.map(right => [permissionName(right), right]));
  const answers = await Promise.all(
    [...rights].map(async ([name, { kind, op }]) => ({
      name,
      answer: await reader.client.send(verbs[op].method, kinds[kind].path, { body: [], signal: reader.signal }),
    })),
  );
  for (const { answer } of answers) {
    if (reader.signal.aborted) throw new Failure('interrupted', 'Interrupted before anything was changed');
    if (answer.kind !== 'answered' || answer.status >= 500) throw readFailure(reader, 'permissions', answer);
  }
  return answers.filter(({ answer }) => answer.kind === 'answered' && answer.status === 403).map(({ name }) => name);
}
