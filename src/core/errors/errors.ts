import { endErrors } from './end.ts';
import type { ErrorEntry } from './entry.ts';
import { fileErrors } from './files.ts';
import { labErrors } from './lab.ts';
import { leaseErrors } from './leases.ts';
import { netboxErrors } from './netbox.ts';
import { postgresErrors } from './postgres.ts';
import { redisErrors } from './redis.ts';
import { runErrors } from './runs.ts';
import { settingErrors } from './settings.ts';
import { snapshotErrors } from './snapshots.ts';
import { typedErrors } from './typed.ts';

/**
 * Every error that bmtool ends with, by its kind. To add one, add a row to the table of its hundred, with the next free number.
 *
 * A code is a promise to people who search for it and to programs that read it: it is never reused and never renumbered. What goes leaves a gap.
 */
export const errors = {
  ...typedErrors,
  ...settingErrors,
  ...netboxErrors,
  ...postgresErrors,
  ...snapshotErrors,
  ...redisErrors,
  ...fileErrors,
  ...leaseErrors,
  ...runErrors,
  ...labErrors,
  ...endErrors,
} as const satisfies Record<string, ErrorEntry>;

export type ErrorKind = keyof typeof errors;

export const errorKinds = Object.keys(errors) as ErrorKind[];

/** What the codes of a hundred are about. */
export const hundreds: readonly { readonly digit: string; readonly about: string }[] = [
  { digit: '1', about: 'What was typed, and settings' },
  { digit: '2', about: 'NetBox' },
  { digit: '3', about: 'PostgreSQL and snapshots' },
  { digit: '4', about: 'Redis, and whose turn it is' },
  { digit: '5', about: 'Files' },
  { digit: '6', about: 'Leases' },
  { digit: '7', about: 'Runs and undo' },
  { digit: '8', about: 'The lab, and what comes with bmtool' },
  { digit: '9', about: 'Interruptions, the output, and bugs' },
];
