import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { labDirOf } from './state.ts';

/** The account that PostgreSQL runs under, when it cannot be that of bmtool. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/** Where things of one lab are. */
export type Places = {
  readonly stateDir: string;
  readonly dir: string;
  readonly lock: string;
  readonly logs: string;
  /** Files by which services say that they are ready. */
  readonly run: string;
  readonly netboxRoot: string;
  readonly serveScript: string;
  readonly redisDir: string;
  /** PostgreSQL's data directory. */
  readonly postgresData: string;
  /** Where its binaries are kept for all labs of the machine. */
  readonly postgresCache: string;
  /** Downloads and environments, shared by all labs of this user. */
  readonly cacheDir: string;
  /** Only when bmtool runs as root: PostgreSQL refuses to. */
  readonly postgresAccount: Account | undefined;
};

/** Root's own folders are often closed to every other account, so what PostgreSQL reads as another one goes here. */
const systemDir = '/var/lib/bmtool';

export function placesOf(stateDir: string, cacheDir: string): Places {
  const dir = resolve(labDirOf(stateDir));
  const isRoot = process.getuid?.() === 0;
  const hash = createHash('sha256').update(dir).digest('hex').slice(0, 12);
  return {
    stateDir: resolve(stateDir),
    dir,
    lock: join(dir, 'lock'),
    logs: join(dir, 'logs'),
    run: join(dir, 'run'),
    netboxRoot: join(dir, 'netbox'),
    serveScript: join(dir, 'netbox', 'serve.py'),
    redisDir: join(dir, 'redis'),
    postgresData: isRoot ? join(systemDir, `lab-${hash}`, 'postgres') : join(dir, 'postgres'),
    postgresCache: isRoot ? systemDir : resolve(cacheDir),
    cacheDir: resolve(cacheDir),
    postgresAccount: isRoot ? findAccount(readFileSync('/etc/passwd', 'utf8')) : undefined,
  };
}

/**
 * `postgres` where the machine has it, else `nobody`: initdb wants an account that has a name.
 *
 * @param passwd the text of passwd(5)
 */
export function findAccount(passwd: string): Account | undefined {
  const accounts = passwd.split('\n').map(line => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const found = accounts.find(([name]) => name === wanted);
    if (found?.[2] !== undefined && found[3] !== undefined) {
      return { name: wanted, uid: Number(found[2]), gid: Number(found[3]) };
    }
  }
  return undefined;
}
