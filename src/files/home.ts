import { homedir } from 'node:os';

/** The user's own folder; `/` for a user that no file of users has, as in a container or a chroot, where Node throws instead. */
export function homeOf(env: NodeJS.ProcessEnv): string {
  if (env.HOME) return env.HOME;
  try {
    return homedir();
  } catch {
    return '/';
  }
}
