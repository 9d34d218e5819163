import { spawn } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { makeFolder } from '../../files/make-folder.ts';

export type FoundFile = { readonly text: string; readonly mode: number };

/** What a program said about files that were made for it to look at. */
export type Check = { readonly ok: boolean; readonly output: string };

/** What is to be checked: the files, by name, and the program's arguments; both know the folder. */
export type CheckWish = {
  readonly files: Readonly<Record<string, string>>;
  readonly args: readonly string[];
};

/** The machine that bmtool runs on: its name, files of other programs, and programs that check them. */
export type Machine = {
  readonly host: string;
  /** Where bmtool was started. */
  readonly folder: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** The command that starts this bmtool, as words. */
  readonly bmtool: readonly string[];
  exists(path: string): boolean;
  /** Nothing where there is no such file. Throws `Failure` where it cannot be read. */
  read(path: string): FoundFile | undefined;
  /** Makes or replaces a file, whole or not at all, with the folders above it. Throws `Failure`. */
  write(path: string, file: FoundFile): void;
  /** Where a program is: by PATH, then in the folders of servers. */
  find(program: string): string | undefined;
  /** Runs a program over files in a folder of their own, which is gone afterwards. A minute is the most. */
  check(program: string, wish: (folder: string) => CheckWish): Promise<Check>;
};

export function openMachine(signal: AbortSignal): Machine {
  const [script] = process.argv.slice(1, 2);
  return {
    host: hostname(),
    folder: process.cwd(),
    env: process.env,
    bmtool: script === undefined || script === process.execPath ? [process.execPath] : [process.execPath, script],
    exists: existsSync,
    read: path => guarded(`Cannot read ${path}`, () => readFound(path)),
    write: (path, file) => guarded(`Cannot write ${path}`, () => replace(path, file)),
    find: findProgram,
    check: (program, wish) => checkFiles(program, wish, signal),
  };
}

function readFound(path: string): FoundFile | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && { text: readFileSync(path, 'utf8'), mode: found.mode & 0o7777 };
}

/** The old file is there until the new one is: a DHCP server may call it at any moment. */
function replace(path: string, { text, mode }: FoundFile): void {
  makeFolder(dirname(path), 0o755);
  const next = `${path}.new`;
  rmSync(next, { force: true });
  writeFileSync(next, text, { mode, flag: 'wx' });
  chmodSync(next, mode);
  renameSync(next, path);
}

function guarded<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const next = code === 'EACCES' || code === 'EROFS' || code === 'EPERM' ? { next: 'It takes root: sudo …' } : {};
    throw new Failure(code === 'EACCES' ? 'server-files-denied' : 'server-files-failed', `${what}: ${message}`, next);
  }
}

/** Not on the PATH of most users. */
const serverFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

function findProgram(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...serverFolders];
  return folders
    .map(folder => join(folder, program))
    .find(path => {
      try {
        accessSync(path, constants.X_OK);
        return statSync(path).isFile();
      } catch {
        return false;
      }
    });
}

async function checkFiles(program: string, wish: (folder: string) => CheckWish, signal: AbortSignal): Promise<Check> {
  const folder = await mkdtemp(join(tmpdir(), 'bmtool-check-'));
  try {
    const { files, args } = wish(folder);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o755 });
    return await run(program, args, folder, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[], folder: string, signal: AbortSignal): Promise<Check> {
  return new Promise(resolve => {
    const child = spawn(program, args, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]),
      // Kea keeps a lock and a PID even while it checks.
      env: { ...process.env, LC_ALL: 'C', KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: folder },
    });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-8_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', error => resolve({ ok: false, output: `${output}${error.message}` }));
    child.once('close', code => resolve({ ok: code === 0, output: output.trim() }));
  });
}
