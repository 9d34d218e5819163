import { Failure } from '../../core/failure.ts';

/** A phase number or a word, short enough to be read in a list. Throws `Failure` (exit 2). */
export function checkName(name: string): void {
  if (name !== 'live' && /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,39}$/u.test(name)) return;
  throw new Failure(
    'bad-snapshot-name',
    `"${name.length > 60 ? `${name.slice(0, 60)}…` : name}" is not a name for a snapshot`,
    {
      next:
        name === 'live'
          ? '"live" means the record as it is now. Take another word.'
          : 'A name is a phase number or a word of up to 40 letters, digits and . _ -, for instance 1 or before-upgrade.',
    },
  );
}

/** Throws `Failure` (exit 2). */
export function checkNote(note = ''): void {
  if (note.length > 500)
    throw new Failure('bad-value', `The note has ${note.length} characters`, { next: 'At most 500.' });
}
