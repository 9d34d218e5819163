import type { ErrorTable } from './entry.ts';

/** BM-350 to BM-399: snapshots. Codes are never reused nor renumbered (see errors.ts). */
export const snapshotErrors = {
  'no-such-snapshot': {
    code: 'BM-350',
    exit: 2,
    title: 'No one snapshot fits',
    says: `
      No snapshot has this name, none of this name is of that time, or several are. Snapshots are beside the database that they
      are of: those of another NetBox are on its own server. Without --timestamp the newest of the name is meant; with it, give
      the whole time as the list shows it, in UTC.

        bmtool snapshot list
        bmtool doctor                # which database is looked at`,
  },
  'snapshot-dropped': {
    code: 'BM-351',
    exit: 1,
    title: 'The new snapshot was dropped by somebody else',
    says: `
      Between making the snapshot and telling of it, somebody deleted it: another bmtool that made room, or an
      administrator with DROP DATABASE. NetBox's own database is as it was. Save it again.

        bmtool snapshot list`,
  },
  'snapshot-does-not-fit': {
    code: 'BM-352',
    exit: 1,
    title: 'The snapshot is of another NetBox version',
    says: `
      NetBox's tables change with its version and its plugins, and a snapshot brings those of when it was made. The message
      lists what differs. Nothing was changed. Bring NetBox to the snapshot's version and restore then, or save a new one.

      With --force a snapshot of an older NetBox is put back all the same; NetBox then fails until its database is migrated
      (manage.py migrate). It cannot work with one that is newer than itself.

        bmtool snapshot show 1`,
  },
  'nothing-put-out': {
    code: 'BM-353',
    exit: 2,
    title: 'There is no restore to undo',
    says: `
      What a restore puts out is kept until the next one, and goes back with this command. No restore was made yet, or the
      copy was dropped. Another command takes back what load-macs and state wrote.

        bmtool snapshot list
        bmtool undo`,
  },
  'no-phase-snapshot': {
    code: 'BM-354',
    exit: 2,
    title: 'No snapshot leads into this phase',
    says: `
      The short way into a phase is a snapshot of it, of the same servers. There is none, or it is of another fleet or
      another version. Nothing was changed. Take the long way once and keep the result.

        bmtool state restore 2
        bmtool snapshot save 2`,
  },
  'queue-too-large': {
    code: 'BM-355',
    exit: 1,
    title: 'The discovery queue is too large for a file',
    says: `
      What waits in the queue goes into the head of an exported file, and there is more than that has room for. Nothing was
      kept. Work the events off first, or take those that nobody needs out of the queue.

        bmtool dhcp worker --via redis`,
  },
} as const satisfies ErrorTable;
