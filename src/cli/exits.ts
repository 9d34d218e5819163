import type { ExitCode } from '../core/failure.ts';
import type { AnyCommand, ToolName } from './command.ts';

/** What an exit code tells, whichever command it is of. A promise to scripts and to cron. */
export const exitCodes: Readonly<Record<ExitCode, string>> = {
  0: 'done, and nothing is left to do',
  1: 'failed, or a part of it failed',
  2: 'wrong usage or bad input',
  3: 'looked, and found differences',
  4: 'not allowed: a token or role lacks a right, or the target is protected',
  5: 'NetBox, PostgreSQL or Redis could not be reached',
  130: 'interrupted: Ctrl-C, or a service that was stopped',
};

/** Commands that open one of these end with 4 or 5 where it is closed or away; those that ask, with 4 where nobody can be asked about a protected target. */
const outside: readonly ToolName[] = [
  'netbox',
  'netboxAhead',
  'redis',
  'takeTurn',
  'snapshots',
  'carryOut',
  'fleetLeases',
  'playLeases',
];

/** The exit codes that a command can end with, in their order, each with what it tells of this command. */
export function exitsOf(command: AnyCommand): readonly { readonly code: ExitCode; readonly says: string }[] {
  const reaches = command.needs.some((name: ToolName) => outside.includes(name));
  const asks = command.needs.includes('confirm');
  const codes = new Set<ExitCode>([
    0,
    2,
    ...(asks ? ([4] as const) : []),
    ...(reaches ? ([4, 5] as const) : []),
    130,
    ...ownCodes(command),
  ]);
  return [...codes]
    .sort((a, b) => a - b)
    .map(code => ({ code, says: (command.exits as AnyCommand['exits'])?.[code] ?? exitCodes[code] }));
}

function ownCodes(command: AnyCommand): ExitCode[] {
  return Object.keys(command.exits ?? {}).map(code => Number(code) as ExitCode);
}
