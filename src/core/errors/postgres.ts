import type { ErrorTable } from './entry.ts';

/** BM-301 to BM-349: PostgreSQL and its programs. Codes are never reused nor renumbered (see errors.ts). */
export const postgresErrors = {
  'postgres-unreachable': {
    code: 'BM-301',
    exit: 5,
    title: 'PostgreSQL cannot be reached',
    says: `
      Nothing answers at PGHOST and PGPORT, or the server is starting, stopping, or has ended the session. Check in this
      order: that it is the address that you mean; that PostgreSQL runs; that it listens on more than localhost
      (listen_addresses); firewalls; that it talks to this machine at all (pg_hba.conf). Snapshots need NetBox's own
      database; everything else needs NetBox alone.

        bmtool doctor
        pg_isready -h localhost -p 5432`,
  },
  'postgres-login-refused': {
    code: 'BM-302',
    exit: 4,
    title: 'PostgreSQL refuses the user',
    says: `
      The user in PGUSER is not there, its password is another one or is missing, or pg_hba.conf has no line for this user,
      database and machine. NetBox's own user does: it is in NetBox's configuration (DATABASE). Set PGUSER and PGPASSWORD, or
      write a line host:port:database:user:password into ~/.pgpass, readable by you alone (chmod 600 ~/.pgpass). A password
      has no option on the command line.

        bmtool doctor                # where the settings come from
        psql -h localhost -U netbox netbox -c "SELECT 1"`,
  },
  'no-such-database': {
    code: 'BM-303',
    exit: 5,
    title: 'PostgreSQL has no such database',
    says: `
      The server is there, and the database in PGDATABASE is not: another server than the one that was meant, or another
      name (NetBox has it in its configuration, under DATABASE). If a bmtool was killed in the middle of a restore, put
      that right first.

        bmtool doctor
        bmtool snapshot recover
        psql -h localhost -U netbox -l`,
  },
  'no-database-postgres': {
    code: 'BM-304',
    exit: 5,
    title: 'PostgreSQL has no database "postgres"',
    says: `
      Databases are copied and renamed from outside of them, so bmtool connects to the database postgres, which every
      server has unless somebody dropped it. Nothing is put into it. A superuser makes it again:

        psql -d template1 -c "CREATE DATABASE postgres"`,
  },
  'postgres-not-ready': {
    code: 'BM-305',
    exit: 5,
    title: 'PostgreSQL cannot do this now',
    says: `
      Something is not in the state that the act needs. Mostly the database accepts no connections: a bmtool that was
      killed had just kept NetBox out, and the next snapshot command lets it in again.

        bmtool snapshot recover

      Otherwise an administrator has done so (ALTER DATABASE name ALLOW_CONNECTIONS false), and knows why.`,
  },
  'postgres-disk-full': {
    code: 'BM-306',
    exit: 1,
    title: "The disk of PostgreSQL's server is full",
    says: `
      A snapshot takes as much room as the database, and a restore needs that much for a moment. What could not be made
      was dropped again; the record is as it was. Drop snapshots that nobody needs, or enlarge the disk.

        bmtool snapshot list         # what each takes
        bmtool snapshot prune --keep 3`,
  },
  'postgres-connections-full': {
    code: 'BM-307',
    exit: 5,
    title: 'PostgreSQL takes no more connections',
    says: `
      As many sessions are open as the server, the database or the user may have. Wait for others to end, see who holds
      them, or have an administrator raise the limit: max_connections, ALTER ROLE or ALTER DATABASE with
      CONNECTION LIMIT.

        psql -c "SELECT usename, count(*) FROM pg_stat_activity GROUP BY 1"`,
  },
  'postgres-not-allowed': {
    code: 'BM-308',
    exit: 4,
    title: 'PostgreSQL does not allow it',
    says: `
      The user in PGUSER lacks a right. For snapshots it must own NetBox's database (or belong to the role that does) and
      have CREATEDB; it need be no superuser. bmtool asks for both before it does anything: the message then has the
      statements with which a superuser gives what is missing, and nothing was changed.

      A server that allows no copies beside the database (some hosted ones) still lets the record go into a file and back.

        bmtool doctor
        bmtool snapshot export live FILE
        bmtool snapshot restore-file FILE`,
  },
  'postgres-cannot': {
    code: 'BM-309',
    exit: 1,
    title: 'This PostgreSQL cannot do it',
    says: `
      The server does not have what was asked for: some that speak PostgreSQL's protocol, poolers (PgBouncer) among them,
      cannot copy databases. Connect to PostgreSQL itself and not to a pooler; where that is not possible, keep the
      record in a file.

        bmtool snapshot export live FILE
        bmtool snapshot restore-file FILE`,
  },
  'postgres-refuses': {
    code: 'BM-310',
    exit: 1,
    title: 'PostgreSQL refuses a statement',
    says: `
      PostgreSQL is there and says no, for a reason that bmtool has no better words for than its own. The server's log has
      the whole of it. If nothing there explains it, report it with the output of the same command and --debug.

        bmtool lab logs postgres     # where it is the lab's`,
  },
  'not-netbox-database': {
    code: 'BM-311',
    exit: 2,
    title: "The database is not one of NetBox's",
    says: `
      The database in PGDATABASE has no tables of NetBox. Nothing was kept. Set the name that NetBox's configuration has
      under DATABASE; on a server with several NetBoxes, that of the right one.

        bmtool doctor`,
  },
  'not-a-pair': {
    code: 'BM-312',
    exit: 2,
    title: 'NetBox does not work on this database',
    says: `
      The newest entry of the change log that NetBox shows is not in the database that PGHOST, PGPORT and PGDATABASE name:
      they belong to two different NetBoxes, such as production and a test. Putting back a snapshot there would wreck the
      wrong one; nothing was changed. Set both to one NetBox. A read replica is not what NetBox works on, either.

        bmtool doctor                # where each setting comes from`,
  },
  'sessions-remain': {
    code: 'BM-313',
    exit: 1,
    title: 'Others are at work in the database',
    says: `
      NetBox has to be out of its database for a moment. Sessions that idle or are quick are put out and come back; a
      transaction of more than two seconds is waited for, and then named in the message. Nothing was changed. Wait for it,
      wait longer, or end it: what it has not committed is lost then.

        bmtool snapshot restore 1 --timeout 60
        bmtool snapshot restore 1 --force`,
  },
  'pg-programs-missing': {
    code: 'BM-320',
    exit: 1,
    title: 'pg_dump or pg_restore is missing or too old',
    says: `
      A file is written and read by PostgreSQL's own programs, which must be as new as the server (pg_dump), or as the
      program that wrote the file (pg_restore). They come with postgresql-client-18 (Debian, Ubuntu: apt.postgresql.org)
      or postgresql18 (RHEL: yum.postgresql.org), in the version that the message names. bmtool looks on PATH, in the usual
      places, or in BMTOOL_PG_BIN alone, where that is set. Snapshots that stay on the server need neither.

        pg_dump --version`,
  },
  'pg-restore-too-new': {
    code: 'BM-321',
    exit: 5,
    title: 'pg_restore is too new for this server',
    says: `
      From 17 on pg_restore sets a parameter that an older server does not know, and so cannot restore in one transaction:
      all or nothing. Nothing was changed. Install the programs of the server's own version beside it, and name their
      folder.

        export BMTOOL_PG_BIN=/usr/lib/postgresql/16/bin`,
  },
  'pg-dump-not-allowed': {
    code: 'BM-322',
    exit: 4,
    title: 'pg_dump may not read a table',
    says: `
      A dump is of every table, and the user in PGUSER may not read one of them: a plugin's, often, that another user
      owns. The owner of the tables may, or a superuser gives the right:

        psql -c "GRANT pg_read_all_data TO netbox"`,
  },
  'pg-dump-locked-out': {
    code: 'BM-323',
    exit: 1,
    title: 'A table is locked by somebody else',
    says: `
      Somebody holds a lock that keeps even readers out, as a migration of NetBox does. Nothing was kept. Run the command
      again when that has ended, or let it wait longer.

        bmtool snapshot export live FILE --timeout 120`,
  },
  'pg-dump-failed': {
    code: 'BM-324',
    exit: 1,
    title: 'pg_dump has failed',
    says: `
      The message has pg_dump's own words. Nothing was kept. Usual causes: the connection broke off, the server was
      restarted, pg_dump was ended by somebody or for want of memory. Run the command again.`,
  },
  'pg-restore-failed': {
    code: 'BM-325',
    exit: 1,
    title: 'The server does not take the dump',
    says: `
      pg_restore could not put the record into this PostgreSQL; the message has its words. Nothing was kept. Usual causes:
      the server is older than the one that the file comes from; it lacks the extension ltree (package postgresql-contrib)
      or collations of ICU; the user may not make what is in the file.

        psql -c "SELECT version()"
        psql -c "SELECT name FROM pg_available_extensions WHERE name = 'ltree'"`,
  },
} as const satisfies ErrorTable;
