import { dirname, resolve } from 'node:path';

/** `ENOSPC: no space left on device`: without the call and its path, which may be that of a temporary file that nobody has named. */
export function osWords(error: unknown): string {
  const { message, syscall } = error as NodeJS.ErrnoException;
  const at = syscall === undefined ? -1 : message.indexOf(`, ${syscall}`);
  return at < 0 ? message : message.slice(0, at);
}

/** Why a file cannot be read, as the words behind its name, and what to do next. */
export function unreadableWords(path: string, error: unknown): { readonly why: string; readonly next: string } {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { why: 'does not exist', next: `Look at what there is in ${dirname(resolve(path))}.` };
    case 'EACCES':
    case 'EPERM':
      return {
        why: 'cannot be read: permission denied',
        next: 'Let the user that bmtool runs as read it and enter the folders above it.',
      };
    case 'EISDIR':
      return { why: 'is a directory', next: 'Name the file inside it.' };
    default:
      return { why: `cannot be read: ${osWords(error)}`, next: 'See whether another program can read it.' };
  }
}
