import type { Machine } from '../../adapters/machine/machine.ts';
import { flag, option, text } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { type Block, print, say, table, type View } from '../../cli/view.ts';
import { Failure } from '../../core/failure.ts';
import type { Settings } from '../../settings.ts';
import {
  type InstallCheck,
  type InstallFile,
  type InstallServer,
  installServers,
  planInstall,
  type Site,
  type Step,
} from './install-plan.ts';
import { stateFolder } from './units.ts';

/** What becomes of a file: it is made, replaced, or there already. */
type Act = 'make' | 'replace' | 'nothing';

type Checked = {
  /** What was checked. */
  readonly what: string;
  /** The program that was asked. */
  readonly program: string;
  /** Whether it finds nothing wrong; none where the program is not on this machine. */
  readonly ok: boolean | undefined;
  /** What the program said. */
  readonly output: string;
};

type InstallOutcome = {
  /** The server. */
  readonly server: InstallServer;
  /** `print`: what it takes is shown. `dry-run`: what would be written is shown. */
  readonly mode: 'print' | 'dry-run' | 'write';
  /** Files to put in place. */
  readonly files: readonly (InstallFile & { readonly act: Act })[];
  /** What is left to do. */
  readonly steps: readonly Step[];
  /** The configuration, checked with the server's own programs. */
  readonly checks: readonly Checked[];
};

/** What it takes that a DHCP server tells of its leases. */
type InstallJson = Omit<InstallOutcome, 'files'> & {
  /** Files to put in place. */
  readonly files: readonly (Omit<InstallFile, 'mode'> & {
    /** Its permissions, as chmod takes them: `0644`. */
    readonly mode: string;
    /** What becomes of it. */
    readonly act: Act;
  })[];
};

export const install = defineCommand({
  path: 'dhcp install',
  summary: 'Have a DHCP server, or a tap beside it, tell bmtool of every lease',
  details: `Prints what that takes: the hook, a part of the server's configuration, systemd units, a line for
AppArmor, and the commands that are left to you. The hook is a shell script that appends a line to
the spool and ends after a few milliseconds: dhcpd answers nobody while it runs. Its path never
changes, because dhcpd keeps it in its lease file.

--write puts the files in place. Each is a file of its own: the server's files are not touched,
the line to add there is shown. What is written is checked with the server's own program, where
that is on this machine.`,
  examples: [
    { line: 'bmtool dhcp install --server kea', says: 'look at what it takes' },
    { line: 'sudo bmtool dhcp install --server isc --write', says: 'put it in place' },
    {
      line: 'sudo bmtool dhcp install --server tap --interface ens3 --write',
      says: 'where the server is left alone (MAAS)',
    },
  ],
  exits: {
    1: "a file could not be written, or the server's own program refuses what would be written",
    4: 'it takes root',
  },
  args: {
    server: option('which server: isc is dhcpd, tap captures beside any', 'server', installServers),
    write: flag('put the files in place'),
    dryRun: flag('with --write: show what would be written, and stop'),
    root: text('put the files below this folder, for an image or another machine', 'dir'),
    interface: text('for the tap: the interface to capture on', 'name'),
  },
  needs: ['machine', 'settings'],
  async run({ server: named, write, dryRun, root = '', interface: tapped }, { machine, settings }) {
    const server = installServers.find(each => each === named);
    if (server === undefined)
      throw new Failure('option-missing', 'Which server?', {
        next: `--server must be one of ${installServers.join(', ')}`,
      });
    const { files, steps, checks } = planInstall(server, siteOf(machine, settings, root, checkedInterface(tapped)));
    const acts = files.map(file => ({ ...file, act: actFor(file, machine, root) }));
    const outcomes = await Promise.all(checks.map(check => carryOutCheck(check, machine)));
    const wrong = outcomes.find(({ ok }) => ok === false);
    const mode = dryRun ? 'dry-run' : write ? 'write' : 'print';
    if (mode === 'write' && wrong !== undefined)
      throw new Failure('server-configuration-refused', `${wrong.program} refuses ${wrong.what}: nothing was written`, {
        next: lastLines(wrong.output),
      });
    if (mode === 'write')
      for (const { act, path, ...file } of acts) if (act !== 'nothing') machine.write(root + path, file);
    const outcome: InstallOutcome = { server, mode, files: acts, steps, checks: outcomes };
    return outcome;
  },
  text: outcomeText,
  json: ({ files, ...outcome }): InstallJson => ({
    ...outcome,
    files: files.map(file => ({ ...file, mode: file.mode.toString(8).padStart(4, '0') })),
  }),
  exit: ({ checks }) => (checks.some(({ ok }) => ok === false) ? 1 : 0),
});

function siteOf(machine: Machine, settings: Settings, root: string, tapped: string | undefined): Site {
  const named = settings.all.find(({ name }) => name === 'BMTOOL_SPOOL_DIR');
  // A service has no home of a person's: only a folder that was named counts.
  const spool = named === undefined || named.origin === 'default' ? `${stateFolder}/spool` : named.value;
  if (!spool.startsWith('/') || /\p{C}/u.test(spool))
    throw new Failure('bad-setting', 'The spool must be an absolute path', {
      next: `Not ${JSON.stringify(spool)}`,
    });
  return {
    spool,
    bmtool: machine.bmtool,
    interface: tapped,
    hasDhcpdUser: /^dhcpd:/m.test(machine.read(`${root}/etc/passwd`)?.text ?? ''),
    keaLibrary: keaLibraries.find(path => machine.exists(root + path)) ?? keaLibraries[0],
  };
}

/** Debian and Ubuntu, then Fedora and its kin, then who builds Kea. */
const keaLibraries = [
  '/usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_run_script.so',
  '/usr/lib/aarch64-linux-gnu/kea/hooks/libdhcp_run_script.so',
  '/usr/lib64/kea/hooks/libdhcp_run_script.so',
  '/usr/lib/kea/hooks/libdhcp_run_script.so',
  '/usr/local/lib/kea/hooks/libdhcp_run_script.so',
] as const;

/** It becomes part of a command that is shown: nothing but what Linux lets an interface be called in practice. */
function checkedInterface(name: string | undefined): string | undefined {
  if (name === undefined || /^[\w.:-]{1,15}$/.test(name)) return name;
  throw new Failure('bad-value', '--interface must be the name of an interface');
}

function actFor(file: InstallFile, machine: Machine, root: string): Act {
  const found = machine.read(root + file.path);
  if (found === undefined) return 'make';
  return found.text === file.text && found.mode === file.mode ? 'nothing' : 'replace';
}

async function carryOutCheck({ what, program, wish }: InstallCheck, machine: Machine): Promise<Checked> {
  const path = machine.find(program);
  if (path === undefined) return { what, program, ok: undefined, output: '' };
  return { what, program, ...(await machine.check(path, wish)) };
}

function outcomeText(outcome: InstallOutcome, view: View): Block[] {
  const { mode, files, steps, checks } = outcome;
  return [
    ...(mode === 'print' ? files.map(fileText) : [fateTable(mode, files)]),
    ...checks.flatMap(check => checkText(check, view)),
    say(mode === 'print' ? '--write puts these files in place. What is left to do then:' : 'What is left to do:'),
    ...steps.map(({ says, commands }) => print([`- ${says}`, ...commands.map(command => `    ${command}`)].join('\n'))),
  ];
}

function fileText({ path, mode, says, text: content }: InstallFile): Block {
  return print(`== ${path} (${mode.toString(8)}): ${says}\n${content}`);
}

function fateTable(mode: 'write' | 'dry-run', files: InstallOutcome['files']): Block {
  const words = {
    make: { write: 'made', 'dry-run': 'to be made' },
    replace: { write: 'replaced', 'dry-run': 'to be replaced' },
    nothing: { write: 'as it should be', 'dry-run': 'as it should be' },
  };
  return table(
    ['file', 'what it is', ''],
    files.map(({ path, says, act }) => [path, says, words[act][mode]]),
  );
}

function checkText({ what, program, ok, output }: Checked, { paint }: View): Block[] {
  if (ok === undefined) return [say(paint.warn(`${what}: not checked, ${program} is not on this machine`))];
  if (ok) return [say(paint.good(`${what}: ${program} finds nothing wrong`))];
  return [say(paint.bad(`${what}: ${program} refuses it`)), say(lastLines(output))];
}

function lastLines(output: string): string {
  return output
    .split('\n')
    .slice(-8)
    .join('\n')
    .replaceAll(/[^\P{C}\n]/gu, ' ');
}
