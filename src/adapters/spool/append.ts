import { makeFolder } from '../../files/make-folder.ts';
import type { HookCall } from './record.ts';

// Not imported: as an ES module node:fs loads its streams and promises along, 3 ms of a hook that takes 30.
const { closeSync, constants, fchmodSync, fstatSync, openSync, writeSync } = process.getBuiltinModule('node:fs');

/** The file in a spool's folder that everybody appends to. The worker takes it away and puts an empty one in its place. */
export const inboxName = 'inbox';

/** More than a worker that was away for days finds: beyond it nothing is taken, so that a spool never fills a disk. The stub keeps to it, too. */
export const mostInboxBytes = 64 * 1024 * 1024;

/**
 * Appends one record, whole or not at all: one write to a file that is opened for appending, which local file systems do not mix with others'.
 * The line break before it keeps a record apart from one that a full disk has torn. Makes the folder where it is missing.
 *
 * Throws what the file system says. Loads nothing but node:fs: the hook, which starts for every lease, is made of this.
 */
export function appendRecord(folder: string, line: Uint8Array): void {
  const record = Buffer.concat([newline, line, newline]);
  const file = openInbox(`${folder}/${inboxName}`, folder);
  try {
    checkInbox(file, record.length);
    const written = writeSync(file, record);
    if (written < record.length) throw new Error(`only ${written} of ${record.length} bytes could be written`);
  } finally {
    closeSync(file);
  }
}

const newline = Buffer.from('\n');
/** Whoever shares the folder's group appends too: dhcpd, Kea and the worker run as different users. */
const mode = 0o660;
/**
 * A FIFO in the inbox's place would keep the hook, and with it dhcpd, until somebody reads from it. A link there would let a member of the folder's
 * group have root write where it points to.
 */
const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOFOLLOW;

function openInbox(inbox: string, folder: string): number {
  try {
    return openSync(inbox, flags, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENXIO') throw new Error(`${inbox} is no file`);
    if (code !== 'ENOENT') throw error;
    makeFolder(folder, 0o770);
    return openSync(inbox, flags, mode);
  }
}

function checkInbox(file: number, more: number): void {
  const inbox = fstatSync(file);
  if (!inbox.isFile()) throw new Error('the inbox is no file');
  if (inbox.size + more > mostInboxBytes)
    throw new Error(`the inbox is full: ${inbox.size} bytes that no worker has taken away`);
  // What the server's umask took away, from the file that was just made.
  if ((inbox.mode & mode) !== mode && inbox.size === 0 && inbox.uid === process.geteuid?.()) fchmodSync(file, mode);
}

/** The line of a call, for `appendRecord`; `readRecord` reads it back. */
export function callLine({ from, args, env, at }: HookCall & { readonly at: number }): Uint8Array {
  const tab = Buffer.from('\t');
  const fields = [
    ...args.flatMap(value => [tab, Buffer.from(':'), escaped(value)]),
    ...[...env].flatMap(([name, value]) => [tab, Buffer.from(`+${name}=`), escaped(value)]),
  ];
  return Buffer.concat([Buffer.from(`call1\t${from ?? ''}\tepoch\t${at / 1000}`), ...fields]);
}

/** Bytes that would break the line, as two that do not. */
function escaped(bytes: Uint8Array): Buffer {
  const text = Buffer.from(bytes).toString('latin1');
  return Buffer.from(text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n'), 'latin1');
}
