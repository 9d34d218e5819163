import { createHash } from 'node:crypto';
import { type LiveNote, noteText, readLiveNote } from './manifest.ts';

/**
 * What bmtool keeps beside NetBox's database.
 *
 * - `snapshot`: a copy to go back to.
 * - `warm`: a copy of the newest snapshot, ready to take the live one's place.
 * - `next`: a copy that is being made. It gets one of the other names when it is whole, or the live one's: what is still called so after a
 *   crash is of no use.
 * - `undo`: the database that the last restore put out.
 */
export type OwnRole = 'snapshot' | 'warm' | 'next' | 'undo';

export type OwnName = { readonly role: OwnRole; readonly stamp: string };

/**
 * The name of a database of bmtool's: `bmtool_snapshot_20261121_113012_4f2_9a0b1c2d`. The end is a digest of all the rest and of the name of
 * the database that it belongs to, so that a name tells by itself whose it is, also when bmtool was killed before it could say more.
 *
 * @param source the name of NetBox's database
 * @param stamp UTC second and three random characters: `20261121_113012_4f2`
 */
export function ownName(source: string, { role, stamp }: OwnName): string {
  const digest = createHash('sha256').update(`${role} ${stamp} ${source}`).digest('hex').slice(0, 8);
  return `bmtool_${role}_${stamp}_${digest}`;
}

/** Nothing for a database that only looks like one of bmtool's, or that belongs to another database of the cluster. */
export function readOwnName(source: string, name: string): OwnName | undefined {
  const found = /^bmtool_(snapshot|warm|next|undo)_(\d{8}_\d{6}_[0-9a-z]{3})_[0-9a-f]{8}$/.exec(name);
  const [, role, stamp] = found ?? [];
  if (role === undefined || stamp === undefined) return undefined;
  const own = { role: role as OwnRole, stamp };
  return ownName(source, own) === name ? own : undefined;
}

/** `2026-11-21T11:30:12.345Z`, 4f2 → `20261121_113012_4f2` */
export function stampOf(now: Date, random: string): string {
  return `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_')}_${random}`;
}

const noteMark = 'bmtool at work: ';

/** A comment with a note below it, in place of the one that it had. */
export function withNote(comment: string, note: LiveNote): string {
  const { text } = splitNote(comment);
  return `${text}${text === '' ? '' : '\n'}${noteMark}${noteText(note)}`;
}

/** A comment without the note, and the note. */
export function splitNote(comment: string): { text: string; note: LiveNote | undefined } {
  const at = comment.lastIndexOf(noteMark);
  if (at === -1 || (at > 0 && comment[at - 1] !== '\n')) return { text: comment, note: undefined };
  const note = readLiveNote(comment.slice(at + noteMark.length));
  return note === undefined ? { text: comment, note } : { text: comment.slice(0, Math.max(0, at - 1)), note };
}
