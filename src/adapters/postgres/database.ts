import { Failure } from '../../core/failure.ts';
import { type Cluster, openCluster } from './cluster.ts';
import { connectPostgres, type PostgresConnection } from './connect.ts';
import { hasChange, readFacts, readMakeup } from './database-facts.ts';
import { postgresFailure } from './failure.ts';
import type { DatabaseFacts, Makeup } from './manifest.ts';
import { type RecordReader, whileReading } from './record/record.ts';
import { SessionsRemain } from './sessions.ts';
import { quoted } from './swap.ts';
import { type AtWork, takeTurn } from './turn.ts';
import { remaining, type SessionsWish, type Waiter, waitForSessions } from './wait-for-sessions.ts';

export type DatabaseOptions = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Left to ~/.pgpass when undefined. */
  readonly password: string | undefined;
  /** NetBox's. */
  readonly database: string;
  readonly timeoutMs: number;
};

/** NetBox's database and its copies, over one session beside them. Everything throws `Failure`. */
export type Database = Cluster & {
  /** `host:port` */
  readonly where: string;
  /** Taken, or who has it. It ends with this session. */
  takeTurn(who: string): Promise<AtWork | undefined>;
  /** Throws `Failure` (exit 4) with the statement that gives what is missing. */
  checkRights(): Promise<void>;
  /** Waits until no session is left in the live database that should not be ended unasked, or that this role may not end. */
  waitForSessions(wish: SessionsWish, waiter: Waiter): Promise<void>;
  /** How large one of the databases is, bytes. */
  sizeOf(name: string): Promise<number>;
  /** Looks into one of the databases; nothing when NetBox's tables are not in it. Its clients must be allowed in. */
  facts(name: string): Promise<DatabaseFacts | undefined>;
  makeup(name: string): Promise<Makeup | undefined>;
  /** Reads the objects in one of the databases, all of one moment. Its clients must be allowed in. */
  read<T>(name: string, work: (record: RecordReader) => Promise<T>): Promise<T>;
  /** Whether the live database has this entry in NetBox's change log; nothing where it has no change log. */
  hasChange(change: { readonly id: number; readonly request: string }): Promise<boolean | undefined>;
  close(): Promise<void>;
};

/** The database that every PostgreSQL has and no application uses; copies and renames want no session in what they touch. */
const beside = 'postgres';

/** insufficient_privilege (no CONNECT), invalid_authorization_specification (no line of pg_hba.conf). */
const notLetIn: ReadonlySet<string> = new Set(['42501', '28000']);

/**
 * Some servers commit before the disk has it. A crash would then take an exchange back after Redis was made to fit it: of two things that
 * belong together one would be the old one.
 */
const keepWhatIsCommitted =
  "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/** Throws `Failure`: exit 5 not reachable, 4 refused. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { host, port, user, password, timeoutMs, database: source } = options;
  const connect = (database: string): Promise<PostgresConnection> =>
    // A password that is undefined would hide the driver's look into ~/.pgpass.
    connectPostgres({
      host,
      port,
      user,
      database,
      connectTimeoutMs: timeoutMs,
      ...(password === undefined ? {} : { password }),
    });
  const ask = async <T>(question: () => Promise<T>, database = beside): Promise<T> => {
    try {
      return await question();
    } catch (error) {
      if (error instanceof SessionsRemain) throw remaining(source, error.sessions);
      throw postgresFailure(error as Error, { host, port, user, database, timeoutMs });
    }
  };
  const whileIn = <T>(name: string, work: (inside: PostgresConnection) => Promise<T>): Promise<T> =>
    ask(async () => {
      await using inside = await connect(name);
      return await work(inside);
    }, name);
  const admin = await ask(() =>
    connect(beside).catch(error => {
      // A server that lets nobody in there lets no copies be made either; to look and to export, NetBox's own database does.
      if (notLetIn.has((error as { code?: string }).code ?? '')) return connect(source);
      throw error;
    }),
  );
  await ask(() => admin.query(keepWhatIsCommitted));
  const cluster = openCluster(admin, source);
  return {
    ...eachAsked(cluster, ask),
    source,
    newName: cluster.newName,
    where: `${host}:${port}`,
    takeTurn: who => ask(() => takeTurn(admin, source, who)),
    checkRights: () => ask(() => checkRights(admin, source)),
    waitForSessions: (wish, waiter) => ask(() => waitForSessions(admin, source, wish, waiter)),
    read: (name, work) => whileIn(name, inside => whileReading(inside, work)),
    sizeOf: name => ask(() => sizeOf(admin, name)),
    facts: name => whileIn(name, readFacts),
    makeup: name => whileIn(name, readMakeup),
    hasChange: change => whileIn(source, inside => hasChange(inside, change)),
    close: () => admin.close(),
  };
}

type Ask = <T>(question: () => Promise<T>) => Promise<T>;

/** The same functions, with errors that mean something to a person. */
function eachAsked(cluster: Cluster, ask: Ask): Omit<Cluster, 'source' | 'newName'> {
  return {
    live: () => ask(cluster.live),
    own: () => ask(cluster.own),
    clone: (from, to) => ask(() => cluster.clone(from, to)),
    makeAlike: copy => ask(() => cluster.makeAlike(copy)),
    keepAs: (copy, name, about) => ask(() => cluster.keepAs(copy, name, about)),
    noteOn: (name, about) => ask(() => cluster.noteOn(name, about)),
    whileOpen: (copy, work) => ask(() => cluster.whileOpen(copy, work)),
    closeCopy: copy => ask(() => cluster.closeCopy(copy)),
    whileBlocked: work => ask(() => cluster.whileBlocked(work)),
    exchange: wish => ask(() => cluster.exchange(wish)),
    settle: () => ask(cluster.settle),
    drop: name => ask(() => cluster.drop(name)),
  };
}

async function sizeOf(admin: PostgresConnection, name: string): Promise<number> {
  const { rows } = await admin.query<{ bytes: number }>('SELECT pg_database_size($1::text)::float8 AS bytes', [name]);
  return rows[0]?.bytes ?? 0;
}

type Rights = {
  user: string;
  inherits: boolean;
  owner: string;
  ownerIsSuper: boolean;
  isMember: boolean;
  isOwner: boolean;
  canCreate: boolean;
  version: number;
};

/** To rename a database takes the rights of its owner; to give a copy to the owner takes being allowed to become it. */
const rightsQuery = `
  SELECT current_user AS "user", me.rolinherit AS inherits, coalesce(pg_get_userbyid(d.datdba), '') AS owner,
    coalesce(owner.rolsuper, false) AS "ownerIsSuper", coalesce(pg_has_role(d.datdba, 'MEMBER'), true) AS "isMember",
    me.rolsuper OR coalesce(pg_has_role(d.datdba, 'USAGE') AND pg_has_role(d.datdba, v.become), true) AS "isOwner",
    me.rolsuper OR me.rolcreatedb AS "canCreate", v.version
  FROM (SELECT version, CASE WHEN version < 160000 THEN 'MEMBER' ELSE 'SET' END AS become
        FROM current_setting('server_version_num') AS s, CAST(s AS int) AS version) v
  CROSS JOIN pg_roles me LEFT JOIN pg_database d ON d.datname = $1 LEFT JOIN pg_roles owner ON owner.oid = d.datdba
  WHERE me.rolname = current_user`;

async function checkRights(admin: PostgresConnection, source: string): Promise<void> {
  const { rows } = await admin.query<Rights>(rightsQuery, [source]);
  const [rights] = rows;
  if (rights === undefined) return;
  const { user, isOwner, canCreate } = rights;
  if (isOwner && canCreate) return;
  const what = [
    ...(canCreate ? [] : ['may not create databases']),
    ...(isOwner ? [] : [`does not own the database ${source}`]),
  ];
  const missing = [
    ...(canCreate ? [] : [`ALTER ROLE ${quoted(user)} CREATEDB;`]),
    ...(isOwner ? [] : [ownershipStatement(rights, source)]),
  ];
  throw new Failure('postgres-not-allowed', `The PostgreSQL user ${user} ${what.join(' and ')}`, {
    next: `Nothing was changed. A superuser gives it with: ${missing.join(' ')}\nWhere nobody gives it: bmtool snapshot export live keeps the record in a file, bmtool snapshot restore-file FILE puts it back.`,
  });
}

/** What makes a role an owner. Of a superuser's database it becomes the owner itself: a member of a superuser is one. */
function ownershipStatement(rights: Rights, source: string): string {
  const { inherits, ownerIsSuper, isMember, version } = rights;
  const [user, owner] = [quoted(rights.user), quoted(rights.owner)];
  if (ownerIsSuper) return `ALTER DATABASE ${quoted(source)} OWNER TO ${user};`;
  if (inherits && !isMember) return `GRANT ${owner} TO ${user};`;
  return version >= 160_000
    ? `GRANT ${owner} TO ${user} WITH INHERIT TRUE, SET TRUE;`
    : `GRANT ${owner} TO ${user}; ALTER ROLE ${user} INHERIT;`;
}
