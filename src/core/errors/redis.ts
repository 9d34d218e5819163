import type { ErrorTable } from './entry.ts';

/** BM-4xx: Redis, and whose turn it is. Codes are never reused nor renumbered (see errors.ts). */
export const redisErrors = {
  'redis-unreachable': {
    code: 'BM-401',
    exit: 5,
    title: 'Redis cannot be reached',
    says: `
      Nothing answers at REDIS_HOST and REDIS_PORT (or at NETBOX_TASKS_URL, NETBOX_CACHE_URL), or what answers has no time:
      it is loading its data, has no master, or has as many clients as it takes. Check in this order: that it is the
      address that you mean (bmtool's default port is 6380, not 6379); that Redis or Valkey runs; that it listens on more
      than localhost (bind, protected-mode); firewalls.

        bmtool doctor
        redis-cli -h localhost -p 6380 ping`,
  },
  'redis-password-refused': {
    code: 'BM-402',
    exit: 4,
    title: 'Redis refuses the password',
    says: `
      Redis asks for a password and has none or another one from REDIS_PASSWORD (for NetBox's own: from the URL in
      NETBOX_TASKS_URL, NETBOX_CACHE_URL). It is what requirepass in its configuration says. A password has no option on
      the command line.

        bmtool doctor                # where the setting comes from`,
  },
  'redis-not-allowed': {
    code: 'BM-403',
    exit: 4,
    title: 'Redis does not allow a command',
    says: `
      The user of this password may not give the command that the message names, or not on that key. An administrator of
      Redis gives the right with ACL SETUSER.

        redis-cli ACL LIST`,
  },
  'redis-command-missing': {
    code: 'BM-404',
    exit: 1,
    title: 'Redis does not know a command',
    says: `
      bmtool needs Redis 6.0 or newer, or Valkey, with the commands under their own names: rename-command in the
      configuration takes them away. Some services that speak Redis's protocol leave commands out; they will not do.

        redis-cli INFO server`,
  },
  'redis-refuses': {
    code: 'BM-405',
    exit: 1,
    title: 'Redis refuses a command',
    says: `
      Redis is there and does not do what it was told; the message has its own words. The usual ones: OOM (its memory is
      full), MISCONF (it cannot save to its disk), READONLY (it is a replica). See to that Redis, then run the same
      command again.

        redis-cli INFO`,
  },
  'redis-key-taken': {
    code: 'BM-410',
    exit: 1,
    title: 'A key in Redis belongs to another program',
    says: `
      Under a name that bmtool uses is something of another kind. It is left alone. For the discovery queue set
      REDIS_QUEUE to another name, everywhere where it is read; for a lock, see which program made the key.

        redis-cli TYPE netbox:bmc:discovered`,
  },
  'bad-queue-entry': {
    code: 'BM-411',
    exit: 2,
    title: 'Not an entry of the discovery queue',
    says: `
      Entries of the queue are kept in runs and snapshots as text, or as base64 with "base64:" before it where they are no
      text. One of them is neither: the file was edited or is damaged. It is not put into the queue, where it would become
      another entry than it was.`,
  },
  'somebody-at-work': {
    code: 'BM-420',
    exit: 1,
    title: 'Somebody else is at work on this record',
    says: `
      Phases and snapshots are about the whole record: one is at work on it at a time, and the message says who. Nothing
      was changed. Run the command again later, or have it wait with --wait. The turn of a bmtool that was killed ends by
      itself within seconds.

        bmtool state restore 1 --wait
        bmtool snapshot restore 1 --wait`,
  },
} as const satisfies ErrorTable;
