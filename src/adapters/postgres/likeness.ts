import type { PostgresConnection } from './connect.ts';
import { quoted } from './swap.ts';

/**
 * What belongs to a database and not to what is in it: CREATE DATABASE copies none of it
 * (https://www.postgresql.org/docs/current/sql-createdatabase.html, Notes).
 */
export type Likeness = {
  readonly owner: string;
  readonly connectionLimit: number;
  /** Nothing when nobody ever changed who may do what. */
  readonly grants: readonly { readonly to: string; readonly privilege: string; readonly passOn: boolean }[] | undefined;
  /** `work_mem=64MB`, for all roles or for one. */
  readonly settings: readonly { readonly role: string | undefined; readonly setting: string }[];
};

type Row = {
  owner: string;
  connectionLimit: number;
  hasGrants: boolean;
  grants: { to: string; privilege: string; passOn: boolean }[];
  settings: { role: string | null; setting: string }[];
};

export async function readLikeness(admin: PostgresConnection, name: string): Promise<Likeness | undefined> {
  const { rows } = await admin.query<Row>(
    `SELECT pg_get_userbyid(d.datdba) AS owner, d.datconnlimit AS "connectionLimit", d.datacl IS NOT NULL AS "hasGrants",
       coalesce((SELECT json_agg(json_build_object('to', CASE grantee WHEN 0 THEN '' ELSE pg_get_userbyid(grantee) END,
           'privilege', privilege_type, 'passOn', is_grantable)) FROM aclexplode(d.datacl)), '[]') AS grants,
       coalesce((SELECT json_agg(json_build_object('role', CASE setrole WHEN 0 THEN NULL ELSE pg_get_userbyid(setrole) END, 'setting', setting))
          FROM pg_db_role_setting s, unnest(s.setconfig) AS setting WHERE s.setdatabase = d.oid), '[]') AS settings
     FROM pg_database d WHERE d.datname = $1`,
    [name],
  );
  const [row] = rows;
  return (
    row && {
      owner: row.owner,
      connectionLimit: row.connectionLimit,
      grants: row.hasGrants ? row.grants : undefined,
      settings: row.settings.map(({ role, setting }) => ({ role: role ?? undefined, setting })),
    }
  );
}

/** The statements that give a fresh copy the likeness of another database. */
export function likenessStatements(name: string, { owner, connectionLimit, grants, settings }: Likeness): string[] {
  const database = quoted(name);
  return [
    ...settings.map(({ role, setting }) => {
      const whose = role === undefined ? `DATABASE ${database}` : `ROLE ${quoted(role)} IN DATABASE ${database}`;
      return `ALTER ${whose} SET ${assignment(setting)}`;
    }),
    ...(connectionLimit === -1 ? [] : [`ALTER DATABASE ${database} WITH CONNECTION LIMIT ${connectionLimit}`]),
    ...(grants === undefined ? [] : [`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`]),
    ...(grants ?? []).map(({ to, privilege, passOn }) => {
      const whom = to === '' ? 'PUBLIC' : quoted(to);
      return `GRANT ${privilege} ON DATABASE ${database} TO ${whom}${passOn && to !== owner ? ' WITH GRANT OPTION' : ''}`;
    }),
    // Last: afterwards this role may no longer be the one that may do the rest.
    `ALTER DATABASE ${database} OWNER TO ${quoted(owner)}`,
  ];
}

/** Settings that are lists are kept quoted (GUC_LIST_QUOTE, in PostgreSQL's guc_tables); quoted again they would be one name. */
const lists =
  /^(search_path|temp_tablespaces|local_preload_libraries|session_preload_libraries|shared_preload_libraries|unix_socket_directories)$/i;

function assignment(setting: string): string {
  const at = setting.indexOf('=');
  const [name, value] = [setting.slice(0, at), setting.slice(at + 1)];
  const escaped = value.replaceAll("'", "''").replaceAll('\\', '\\\\');
  return `${name.split('.').map(quoted).join('.')} TO ${lists.test(name) && value !== '' ? value : `E'${escaped}'`}`;
}
