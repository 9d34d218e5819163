import type { ErrorTable } from './entry.ts';

/** BM-130 to BM-199: settings. Codes are never reused nor renumbered (see errors.ts). */
export const settingErrors = {
  'dotenv-unreadable': {
    code: 'BM-130',
    exit: 2,
    title: 'The file .env cannot be read',
    says: `
      There is a .env in the folder in which bmtool was started, and it could not be read. It is never skipped: it may
      say which NetBox is meant. Usual causes: it belongs to another user, or it is a folder. Make it readable, remove it,
      or start bmtool in another folder.

        ls -ld .env`,
  },
  'bad-database-url': {
    code: 'BM-131',
    exit: 2,
    title: 'DATABASE_URL is no address of a database',
    says: `
      It should be like postgres://user:password@host:port/database. In the user and the password the characters
      @ : / # ? % are written as %40 %3A %2F %23 %3F %25. The message does not quote the text, as it may hold a password.
      PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE do as well, need no such writing, and win over it.`,
  },
  'bad-netbox-url': {
    code: 'BM-132',
    exit: 2,
    title: 'NETBOX_URL is no address of a NetBox',
    says: `
      It is the address of NetBox's page as a browser has it, with http:// or https:// and with a path only where NetBox
      is under one; /api at its end may be left out. It carries no user, no password, nothing behind ? or #. The token
      goes into NETBOX_TOKEN.

        export NETBOX_URL=https://netbox.example.com
        bmtool doctor`,
  },
  'bad-redis-url': {
    code: 'BM-133',
    exit: 2,
    title: 'Not the address of a Redis',
    says: `
      NETBOX_TASKS_URL and NETBOX_CACHE_URL are like redis://:password@host:port/number, where number is that of the
      database: 0 for NetBox's tasks and 1 for its cache, unless its configuration says otherwise (REDIS in
      configuration.py). The message does not quote the text, as it may hold a password. Left empty, both are looked for
      in the Redis of the discovery queue.`,
  },
  'bad-setting': {
    code: 'BM-134',
    exit: 2,
    title: 'A setting has a value that it cannot have',
    says: `
      The message names the setting, and what it takes. PGPORT and REDIS_PORT are numbers from 1 to 65535, and the host has a
      setting of its own. BMTOOL_BMC_INTERFACES is words with commas between them. BMTOOL_STATUS_MAP is pairs of name=status,
      where the status is NetBox's value as its API shows it (planned, not Planned). BMTOOL_PROTECTED is on or off.
      BMTOOL_SPOOL_DIR must begin with / where a DHCP server is set up, which calls the hook in a folder of its own.

      A setting that is removed has its default again. It may come from an option, the environment or .env, and is looked for
      in this order.

        env | grep -E "^(NETBOX|PG|REDIS|BMTOOL)"
        cat .env`,
  },
  'target-protected': {
    code: 'BM-135',
    exit: 4,
    title: 'The target is protected',
    says: `
      BMTOOL_PROTECTED is on, the command resets or replaces state, and there is no terminal on which a person could be
      asked: a script, cron or a pipeline. Nothing was changed. Somebody has set this on purpose: look first at which
      NetBox is meant, and where the setting comes from; then add --yes to do it all the same.

        bmtool doctor`,
  },
} as const satisfies ErrorTable;
