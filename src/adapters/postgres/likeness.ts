import type { PostgresConnection } from './connect.ts';
import { quoted } from './swap.ts';

/**
 * What belongs to a database and not to what is in it: CREATE DATABASE copies none of it
 * (https://www.postgresql.org/docs/current/sql-createdatabase.html, Notes).
 */
export type Likeness = {
  readonly owner: string;
  /** Whether the role that looks is the owner itself, and not only one of its members. */
  readonly isOwn: boolean;
  readonly connectionLimit: number;
  /** Nothing when nobody ever changed who may do what. */
  readonly grants: readonly { readonly to: string; readonly privilege: string; readonly passOn: boolean }[] | undefined;
  /** `work_mem=64MB`, for all roles or for one. */
  readonly settings: readonly { readonly role: string | undefined; readonly setting: string }[];
};

type Row = {
  owner: string;
  isOwn: boolean;
  connectionLimit: number;
  hasGrants: boolean;
  grants: { to: string; privilege: string; passOn: boolean }[];
  settings: { role: string | null; setting: string }[];
};

export async function readLikeness(admin: PostgresConnection, name: string): Promise<Likeness | undefined> {
  const { rows } = await admin.query<Row>(
    `SELECT pg_get_userbyid(d.datdba) AS owner, pg_get_userbyid(d.datdba) = current_user AS "isOwn", d.datconnlimit AS "connectionLimit", d.datacl IS NOT NULL AS "hasGrants",
       coalesce((SELECT json_agg(json_build_object('to', CASE grantee WHEN 0 THEN '' ELSE pg_get_userbyid(grantee) END,
           'privilege', privilege_type, 'passOn', is_grantable)) FROM aclexplode(d.datacl)), '[]') AS grants,
       coalesce((SELECT json_agg(json_build_object('role', CASE setrole WHEN 0 THEN NULL ELSE pg_get_userbyid(setrole) END, 'setting', setting))
          FROM pg_db_role_setting s, unnest(s.setconfig) AS setting WHERE s.setdatabase = d.oid), '[]') AS settings
     FROM pg_database d WHERE d.datname = $1 AND d.datconnlimit >= -1`,
    [name],
  );
  const [row] = rows;
  return (
    row && {
      owner: row.owner,
      isOwn: row.isOwn,
      connectionLimit: row.connectionLimit,
      grants: row.hasGrants ? row.grants : undefined,
      settings: row.settings.map(({ role, setting }) => ({ role: role ?? undefined, setting })),
    }
  );
}

/** The statements that give a fresh copy the settings of another database. Some may be a superuser's to give. */
export function settingStatements(name: string, { settings }: Likeness): string[] {
  return settings.map(({ role, setting }) => {
    const whose = role === undefined ? `DATABASE ${quoted(name)}` : `ROLE ${quoted(role)} IN DATABASE ${quoted(name)}`;
    return `ALTER ${whose} SET ${assignment(setting)}`;
  });
}

/** The statements, of one transaction, that give a fresh copy the owner, grants and limit of another database. */
export function ownershipStatements(name: string, { owner, isOwn, connectionLimit, grants }: Likeness): string[] {
  const database = quoted(name);
  return [
    ...(connectionLimit === -1 ? [] : [`ALTER DATABASE ${database} WITH CONNECTION LIMIT ${connectionLimit}`]),
    // Grants are the new owner's: those to the role that made the copy would become the owner's own with the change.
    ...(isOwn ? [] : [`ALTER DATABASE ${database} OWNER TO ${quoted(owner)}`, `SET LOCAL ROLE ${quoted(owner)}`]),
    ...(grants === undefined ? [] : [`REVOKE ALL ON DATABASE ${database} FROM PUBLIC, ${quoted(owner)}`]),
    ...(grants ?? []).map(({ to, privilege, passOn }) => {
      const whom = to === '' ? 'PUBLIC' : quoted(to);
      return `GRANT ${privilege} ON DATABASE ${database} TO ${whom}${passOn && to !== owner ? ' WITH GRANT OPTION' : ''}`;
    }),
  ];
}

/** Settings that are lists are kept quoted (GUC_LIST_QUOTE, in PostgreSQL's guc_tables); quoted again they would be one name. */
const lists =
  /^(search_path|temp_tablespaces|local_preload_libraries|session_preload_libraries|shared_preload_libraries|unix_socket_directories)$/i;

function assignment(setting: string): string {
  const at = setting.indexOf('=');
  const [name, value] = [setting.slice(0, at), setting.slice(at + 1)];
  const values = lists.test(name) && value !== '' ? listed(value) : [value];
  return `${name.split('.').map(quoted).join('.')} TO ${values.map(literal).join(', ')}`;
}

/** `a, "B ""c"""` → a, B "c". An identifier between quotes may be empty, which as a literal it may be, too. */
function listed(value: string): string[] {
  return [...value.matchAll(/"((?:[^"]|"")*)"|[^,\s]+/g)].map(
    ([bare, inside]) => inside?.replaceAll('""', '"') ?? bare,
  );
}

function literal(text: string): string {
  return `E'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
}
