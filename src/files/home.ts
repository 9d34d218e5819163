import { homedir } from 'node:os';
import { join } from 'node:path';

/** The user's own folder; `/` for a user that no file of users has, as in a container or a chroot, where Node throws instead. */
export function homeOf(env: NodeJS.ProcessEnv): string {
  if (env.HOME) return env.HOME;
  try {
    return homedir();
  } catch {
    return '/';
  }
}

/** Where bmtool keeps what it can make or fetch again. */
export function cacheDirOf(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(homeOf(env), '.cache'), 'bmtool');
}
