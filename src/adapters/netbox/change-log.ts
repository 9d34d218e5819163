import type { ObjectKind } from '../../core/change.ts';
import { isLater } from './etag.ts';
import { get, type Reader } from './read.ts';

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

/** The newest entry, by which a database can be recognised as this NetBox's; nothing when the log is empty. */
export async function readNewestChange(reader: Reader): Promise<{ id: number; request: string } | undefined> {
  const { body } = await get(reader, 'core/object-changes/', {
    query: [
      ['limit', 1],
      ['ordering', '-time'],
    ],
  });
  const [newest] = ((body as { results?: unknown } | undefined)?.results ?? []) as { id: number; request_id: string }[];
  return newest && { id: Number(newest.id), request: String(newest.request_id) };
}
