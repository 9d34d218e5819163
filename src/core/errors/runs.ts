import type { ErrorTable } from './entry.ts';

/** BM-7xx: runs and undo. Codes are never reused nor renumbered (see errors.ts). */
export const runErrors = {
  'no-such-run': {
    code: 'BM-701',
    exit: 2,
    title: 'No one run fits',
    says: `
      The id fits no run, or its beginning fits several, which the message then lists. Runs are files in BMTOOL_STATE_DIR, of
      this user on this machine: one from elsewhere is not here. The change log of NetBox names the run of each entry, too. The
      beginning of an id does, or its last three letters.

        bmtool runs list
        bmtool doctor                # where BMTOOL_STATE_DIR is`,
  },
  'run-unreadable': {
    code: 'BM-702',
    exit: 1,
    title: 'The file of a run cannot be understood',
    says: `
      The file is damaged at its beginning, or it is of a newer bmtool. A run that was killed is not this: its file breaks
      off at the end, and can be shown and undone. Read it with the bmtool that wrote it, or as it is: it is a JSON document
      on every line.`,
  },
  'run-unwritable': {
    code: 'BM-703',
    exit: 1,
    title: 'The file of the run could not be begun',
    says: `
      Before its first write to NetBox bmtool puts the whole plan on disk, so that it can be finished after a crash and taken
      back. That was not possible: a disk that is full, a folder that may not be written. Nothing was changed.

        df -h ~/.local/state
        export BMTOOL_STATE_DIR=/var/lib/bmtool`,
  },
  'run-cut-short': {
    code: 'BM-704',
    exit: 1,
    title: 'The file of the run could not be written on',
    says: `
      In the middle of the work the disk was full or went away. bmtool stopped, since what it cannot write down it could not
      take back. The results that were written are safe. Make room, then run the same command again: its plan is what is
      left, and nothing is done twice.

        bmtool runs list
        df -h ~/.local/state`,
  },
  'nothing-to-undo': {
    code: 'BM-710',
    exit: 2,
    title: 'No run has changed this NetBox',
    says: `
      Without an id the newest run is taken back that changed the NetBox in NETBOX_URL, and there is none from this user on
      this machine. A run is named by its id; what a snapshot's restore put out goes back with a command of its own.

        bmtool runs list
        bmtool snapshot undo`,
  },
  'run-of-another-target': {
    code: 'BM-711',
    exit: 2,
    title: 'The run wrote to another NetBox or queue',
    says: `
      A run is taken back where it was made: in its NetBox, and in the Redis from whose queue it took events. The message names
      them; nothing was changed. If it is the same NetBox under another name, set NETBOX_URL to the name of then.

        bmtool runs list
        bmtool doctor`,
  },
  'run-at-work': {
    code: 'BM-712',
    exit: 2,
    title: 'The run is still at work',
    says: `
      The process that the message names is carrying it out. Wait for it, or interrupt it with Ctrl-C: it finishes what is in
      flight and writes down what was done. Then undo it.

        bmtool runs list`,
  },
} as const satisfies ErrorTable;
