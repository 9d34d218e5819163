import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The file in a spool's folder that everybody appends to. The worker takes it away and puts an empty one in its place. */
export const inboxName = 'inbox';

/**
 * Appends one record, whole or not at all: one write to a file that is opened for appending, which local file systems do not mix with others'.
 * The line break before it keeps a record apart from one that a full disk has torn. Makes the folder where it is missing.
 *
 * Throws what the file system says. Loads nothing but node:fs: the hook, which starts for every lease, is made of this.
 */
export function appendRecord(folder: string, line: Uint8Array): void {
  const record = Buffer.concat([newline, line, newline]);
  const file = openInbox(folder);
  try {
    const written = writeSync(file, record);
    if (written < record.length) throw new Error(`only ${written} of ${record.length} bytes could be written`);
  } finally {
    closeSync(file);
  }
}

const newline = Buffer.from('\n');
/** Whoever shares the folder's group appends too: dhcpd, Kea and the worker run as different users. */
const mode = 0o660;

function openInbox(folder: string): number {
  try {
    return openSync(join(folder, inboxName), 'a', mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(folder, { recursive: true });
    return openSync(join(folder, inboxName), 'a', mode);
  }
}
