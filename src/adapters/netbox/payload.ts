import {
  type Change,
  type ChangeKey,
  type ChangeResult,
  differingFields,
  type Fields,
  withoutRefs,
} from '../../core/change.ts';
import type { Answer } from './answer.ts';
import type { Wish } from './client.ts';
import { etagOf } from './etag.ts';
import { kinds, writeForms } from './kinds.ts';
import type { Reader } from './read.ts';
import { can } from './versions.ts';

/** What sending needs besides reading. `idOf` gives the ids of objects that this plan created. */
export type Sender = Reader & {
  readonly message: string | undefined;
  readonly idOf: (key: ChangeKey) => number | undefined;
  /** What a change of this plan left its object's version at. */
  readonly versionOf: (key: ChangeKey) => string | undefined;
  /** The server showed strain (overload, deadlock, away). */
  readonly strained: () => void;
};

export type Answered = Extract<Answer, { kind: 'answered' }>;

/** The request that carries these rows, all of one kind and verb: body, fields to answer with, If-Match where all have a version. */
export function wishFor(sender: Sender, rows: readonly Change[]): Wish {
  const message = sender.message === undefined ? {} : { changelog_message: sender.message };
  const first = rows[0];
  const fields = [...new Set(rows.flatMap(row => (row.op === 'delete' ? [] : Object.keys(row.after))))];
  const body = rows.map(row => {
    if (row.op === 'delete') return { id: row.id, ...message };
    if (row.op === 'create') return { ...withoutNullChoices(row, resolved(sender, row.after)), ...message };
    return { id: row.id, ...resolved(sender, row.after), ...message };
  });
  const tags = rows.flatMap(row => {
    const version = guardOf(sender, row);
    return version === undefined ? [] : [etagOf(version)];
  });
  return {
    body,
    // `fields` prunes what is read from the body too (trap 8): it must name every field that is written.
    ...(first?.op === 'delete' ? {} : { query: [['fields', ['id', 'last_updated', ...fields].join(',')]] as const }),
    ...(can(sender.version, 'ifMatch') && tags.length === rows.length ? { ifMatch: tags.join(', ') } : {}),
  };
}

/** For a choice that is null NetBox stores `''`, which its own filters tell from NULL; left out, it is NULL. */
function withoutNullChoices({ kind }: Change, fields: Fields): Fields {
  const choices = kinds[kind].nullChoices ?? [];
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => value !== null || !choices.includes(name)),
  );
}

/** The version that an object must still have for this change to be written: as read, or as an earlier change of this plan left it. */
export function guardOf(sender: Sender, row: Change): string | undefined {
  if (row.op === 'create') return undefined;
  return row.version ?? (row.op === 'update' && row.follows !== undefined ? sender.versionOf(row.follows) : undefined);
}

/** Matches the answer's rows to the changes (lists come back in NetBox's order) and checks that what was written is what stands. */
export function readResults(sender: Sender, rows: readonly Change[], answer: Answered): ChangeResult[] {
  const request = answer.headers.requestId === undefined ? {} : { request: answer.headers.requestId };
  const objects = Array.isArray(answer.body) ? (answer.body as Record<string, unknown>[]) : [];
  const byId = new Map(objects.map(object => [object.id, object]));
  return rows.map((row, index): ChangeResult => {
    if (row.op === 'delete') return { key: row.key, state: 'done', id: row.id, ...request };
    const object = row.op === 'create' ? objects[index] : byId.get(row.id);
    // Up to 4.6 rows that are gone or not visible are left out of a 200 without a word (trap 1).
    if (object === undefined)
      return {
        key: row.key,
        state: 'failed',
        reason: 'NetBox left it out of its answer: it is gone, or this token may not see it',
      };
    const ignored = differingFields(resolved(sender, row.after), writeForms(object));
    if (ignored.length > 0)
      return {
        key: row.key,
        state: 'failed',
        reason: `NetBox accepted the write but did not store ${ignored.join(', ')}`,
      };
    const version = typeof object.last_updated === 'string' ? { version: object.last_updated } : {};
    return { key: row.key, state: 'done', id: Number(object.id), ...version, ...request };
  });
}

/** Fields with the ids of what this plan created in place of its refs. */
export function resolved(sender: Sender, fields: Fields): Fields {
  return withoutRefs(fields, key => {
    const id = sender.idOf(key);
    if (id === undefined) throw new Error(`nothing was created for ${key}`);
    return id;
  });
}
