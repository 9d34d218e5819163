import type { ObjectKind } from '../../core/change.ts';
import { isLater } from './etag.ts';
import { get, type Line, type Reader } from './read.ts';

/** One entry of NetBox's change log, as far as people ask: who, when, what. */
export type Authored = {
  readonly user: string;
  readonly time: string;
  readonly action: string;
  readonly message: string;
  readonly request: string;
};

/**
 * Who changed an object after `since` (a NetBox timestamp), newest first. A no-op
 * save leaves no entry (CHANGELOG_SKIP_EMPTY_CHANGES), so an empty answer means that nobody changed anything.
 */
export async function readAuthors(reader: Reader, kind: ObjectKind, id: number, since: string): Promise<Authored[]> {
  const { body } = await get(reader, 'core/object-changes/', {
    query: [
      ['changed_object_type', kind],
      ['changed_object_id', id],
      ['time_after', since],
      ['limit', 100],
    ],
  });
  const results = (body as { results?: unknown } | undefined)?.results;
  if (!Array.isArray(results)) return [];
  return results
    .filter(entry => entry.changed_object_id === id && entry.changed_object_type === kind)
    .filter(entry => isLater(String(entry.time), since))
    .map(entry => ({
      user: String(entry.user_name ?? 'unknown'),
      time: String(entry.time),
      action: String(entry.action?.value ?? 'update'),
      message: String(entry.message ?? ''),
      request: String(entry.request_id),
    }));
}

/** An entry of the change log. Its request has an id that no other NetBox has, so that a database can be recognised by it. */
export type LoggedChange = { readonly id: number; readonly request: string };

/** The newest entry; nothing when the log is empty. */
export async function readNewestChange(line: Line, timeoutMs?: number): Promise<LoggedChange | undefined> {
  const { body } = await get(line, 'core/object-changes/', {
    timeoutMs,
    query: [
      ['limit', 1],
      ['ordering', '-time'],
    ],
  });
  const [newest] = ((body as { results?: unknown } | undefined)?.results ?? []) as { id: number; request_id: string }[];
  return newest && { id: Number(newest.id), request: String(newest.request_id) };
}
