import { resolve } from 'node:path';

/** The command that starts bmtool: from its sources, or the one file that TEST_PROGRAM names. */
export const program: readonly [string, ...string[]] = process.env.TEST_PROGRAM
  ? [resolve(process.env.TEST_PROGRAM)]
  : [process.execPath, resolve(import.meta.dirname, '../../bin/bmtool.js')];
