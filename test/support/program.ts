import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The command that starts bmtool: from its sources, or the one file that TEST_PROGRAM names. */
export const program: readonly [string, ...string[]] = process.env.TEST_PROGRAM
  ? [resolve(process.env.TEST_PROGRAM)]
  : [process.execPath, resolve(import.meta.dirname, '../../bin/bmtool.js')];

/** For a bmtool with a HOME that is a test's own: what is compiled already is compiled for all. */
export const compiled = { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME || join(homedir(), '.cache') };
