import type { PostgresConnection } from './connect.ts';
import type { DatabaseFacts, Makeup } from './manifest.ts';

/** The tables whose rows a manifest counts. A NetBox that does not have one of them is older or newer; it is left out. */
export const countedTables = [
  'dcim_device',
  'dcim_interface',
  'dcim_macaddress',
  'dcim_cable',
  'dcim_cabletermination',
  'dcim_rack',
  'dcim_site',
  'ipam_prefix',
  'ipam_ipaddress',
  'ipam_iprange',
  'extras_journalentry',
  'extras_tag',
  'extras_taggeditem',
  'core_objectchange',
  'core_job',
  'users_user',
] as const;

/** Without these it is no database of NetBox's. */
const neededTables = ['django_migrations', 'django_content_type', 'dcim_device'] as const;

/** Which of these tables are there; nothing when it is no database of NetBox's, or what is left of one. */
async function tablesOf(connection: PostgresConnection, wanted: readonly string[]): Promise<Set<string> | undefined> {
  const { rows } = await connection.query<{ name: string }>(
    "SELECT c.relname AS name FROM pg_class c WHERE c.relkind = 'r' AND c.oid = to_regclass(quote_ident(c.relname)) AND c.relname = ANY($1)",
    [[...wanted, ...neededTables]],
  );
  const tables = new Set(rows.map(({ name }) => name));
  return neededTables.every(table => tables.has(table)) ? tables : undefined;
}

const makeupColumns = `
      json_build_object(
        'digest', (SELECT coalesce(md5(string_agg(app || '.' || name, ' ' ORDER BY app COLLATE "C", name COLLATE "C")), '') FROM django_migrations),
        'count', (SELECT count(*)::int FROM django_migrations),
        'last', (SELECT coalesce(json_object_agg(app, name), '{}') FROM (SELECT app, max(name COLLATE "C") AS name FROM django_migrations GROUP BY app) m)
      ) AS migrations,
      (SELECT coalesce(md5(string_agg(id || app_label || model, ' ' ORDER BY id)), '') FROM django_content_type) AS types`;

/** What NetBox made of a database, at a price that does not grow with what is in it; nothing when it is none of NetBox's. */
export async function readMakeup(connection: PostgresConnection): Promise<Makeup | undefined> {
  if ((await tablesOf(connection, [])) === undefined) return undefined;
  const { rows } = await connection.query<Makeup>(`SELECT ${makeupColumns}`);
  return rows[0];
}

/** What a database of NetBox's says about itself; nothing when it is none, or what is left of one. */
export async function readFacts(connection: PostgresConnection): Promise<DatabaseFacts | undefined> {
  const tables = await tablesOf(connection, countedTables);
  if (tables === undefined) return undefined;
  const counted = countedTables.filter(table => tables.has(table));
  const { rows } = await connection.query<DatabaseFacts>(`
    SELECT split_part(current_setting('server_version'), ' ', 1) AS postgres, ${makeupColumns},
      md5(${['dcim_device', 'dcim_interface', 'dcim_macaddress']
        .filter(table => tables.has(table))
        .map(fleetDigest)
        .join(' || ')}) AS fleet,
      json_build_object(${counted.map(table => `'${table}', (SELECT count(*) FROM ${table})`).join(', ')}) AS rows`);
  return rows[0];
}

/** What a server is, and not what state it is in. */
const identifying: Record<string, string> = {
  dcim_device: 'id, name, serial, device_type_id, role_id',
  dcim_interface: 'id, device_id, name',
  dcim_macaddress: 'id, mac_address, assigned_object_type_id, assigned_object_id',
};

function fleetDigest(table: string): string {
  return `(SELECT coalesce(md5(string_agg(row(${identifying[table]})::text, ' ' ORDER BY id)), '') FROM ${table})`;
}

/** Whether NetBox's change log in this database has this entry; nothing where it has no change log. */
export async function hasChange(
  connection: PostgresConnection,
  { id, request }: { id: number; request: string },
): Promise<boolean | undefined> {
  const { rows: tables } = await connection.query<{ log: string | null }>(
    "SELECT coalesce(to_regclass('core_objectchange'), to_regclass('extras_objectchange'))::text AS log",
  );
  const log = tables[0]?.log;
  if (!log) return undefined;
  const { rowCount } = await connection.query(`SELECT 1 FROM ${log} WHERE id = $1 AND request_id::text = $2`, [
    id,
    request,
  ]);
  return rowCount === 1;
}
