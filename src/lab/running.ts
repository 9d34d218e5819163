import { isAlive } from './identity.ts';
import { type LabState, readState } from './state.ts';

/** NetBox's well-known demo token (v1); the lab's superuser `admin`, password `admin`, has it. */
export const demoToken = '0123456789abcdef0123456789abcdef01234567';

/** Where lab services listen; never on another address. */
export const loopback = '127.0.0.1';

/** NetBox's own account in the lab's PostgreSQL, owner of its database: the defaults of bmtool's settings. */
export const databaseAccount = { user: 'netbox', password: 'netbox', database: 'netbox' } as const;

/**
 * The settings that lead to the running lab, by their environment names; nothing when no lab runs there. One small file and
 * a few looks into /proc, under 5 ms, and never an error: this stands in front of every command.
 */
export function readRunningLab(stateDir: string): Record<string, string> | undefined {
  try {
    const state = readState(stateDir);
    if (state === undefined) return undefined;
    // Also when NetBox alone has crashed: "the lab's NetBox does not answer" beats a look at somebody else's port 8000.
    const { netbox, postgres } = state.services;
    const lives = [netbox, postgres].some(service => service !== undefined && isAlive(service));
    return lives ? labSettings(state) : undefined;
  } catch {
    return undefined;
  }
}

/** NETBOX_URL, NETBOX_TOKEN, REDIS_HOST, REDIS_PORT, PG* and DATABASE_URL. */
export function labSettings(state: LabState): Record<string, string> | undefined {
  if (state.ports === undefined) return undefined;
  const { netbox, redis, postgres } = state.ports;
  const { user, password, database } = databaseAccount;
  return {
    // Not "localhost": that may mean ::1 first, where somebody else may listen on the same port.
    NETBOX_URL: `http://${loopback}:${netbox}`,
    NETBOX_TOKEN: demoToken,
    REDIS_HOST: loopback,
    REDIS_PORT: String(redis),
    PGHOST: loopback,
    PGPORT: String(postgres),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    DATABASE_URL: `postgresql://${user}:${password}@${loopback}:${postgres}/${database}`,
  };
}
