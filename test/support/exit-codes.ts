import { expect } from 'vitest';
import { exitsOf } from '../../src/cli/exits.ts';
import { parseArguments } from '../../src/cli/program.ts';
import { commands } from '../../src/commands.ts';
import { settingFlags } from '../../src/settings.ts';

/** Holds the exit code of a command that was run against those that its help lists. Codes of a process that was killed are nobody's. */
export function checkExit(args: readonly string[], exitCode: number | undefined, said: string): void {
  const parsed = parseArguments(args, commands, settingFlags(), '0');
  if (parsed.kind !== 'run' || exitCode === undefined) return;
  const { command } = parsed.request;
  const codes = exitsOf(command).map(({ code }) => code as number);
  expect(codes, `bmtool ${command.path} --help does not list exit code ${exitCode}:\n${said}`).toContain(exitCode);
}
