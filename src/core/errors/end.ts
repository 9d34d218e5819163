import type { ErrorTable } from './entry.ts';

/** BM-9xx: interruptions, the output, and bugs. Codes are never reused nor renumbered (see errors.ts). */
export const endErrors = {
  interrupted: {
    code: 'BM-901',
    exit: 130,
    title: 'Interrupted',
    says: `
      Ctrl-C, or a signal to end (SIGTERM, SIGHUP), came while bmtool was reading, waiting or asking: mostly before anything
      was changed, and then the message says so. A run that was interrupted in the middle tells how much of it is done, and
      the same command goes on with it. So it does with a lab that was being brought up.

        bmtool runs list`,
  },
  'output-refused': {
    code: 'BM-950',
    exit: 1,
    title: 'The output cannot be written',
    says: `
      What bmtool prints goes into a file or to a device that does not take it: mostly the disk is full. What the command has
      done stays done; a run is on record. Make room, then run the same command again: what is done is not done twice. A
      pipe whose reader has gone (head, say) is no error.

        df -h .
        bmtool runs list`,
  },
  'node-unsupported': {
    code: 'BM-960',
    exit: 1,
    title: 'This Node cannot run bmtool',
    says: `
      It runs on the Node that its package.json pins, which npm brings as a package of its own, unless it was told to leave
      optional ones out; no script has to be allowed for that. Where there is none for the machine, Node 26 or newer in the PATH
      does. The one file (npm run package) has its own inside.

        npm ci            in a checkout
        npm install bmtool-VERSION.tgz
        npx bmtool --version`,
  },
  bug: {
    code: 'BM-999',
    exit: 1,
    title: 'A bug in bmtool',
    says: `
      Something happened that nobody thought of. Please report it with the output of the same command and --debug, which shows
      where in the program it was. What was written to NetBox until then is in a run: it can be shown and taken back, and the
      same command does what is left.

        bmtool runs list
        bmtool doctor --json`,
  },
} as const satisfies ErrorTable;
