import type { Fleet } from './fleet.ts';
import { cableEndsTable, cableRows, interfacesSql, pathsSql, terminationsSql } from './sql-cabling.ts';
import { deviceRows, typeRows } from './sql-devices.ts';
import { withoutForeignKeys } from './sql-foreign-keys.ts';
import { organisationRows } from './sql-organisation.ts';
import { addressRows, placeRows } from './sql-places.ts';
import { searchIndexSql } from './sql-search.ts';
import { type Insert, insertSql } from './sql-values.ts';

/**
 * The statements that put a fleet into an empty, migrated NetBox 4.7 database as NetBox itself would have: with cable
 * paths, counters, copies of names for sorting, tree columns and the search index. Left out is what belongs to an act
 * of a person: users, change log.
 *
 * The pieces are sent in this order on one connection, one by one or joined into one simple query; they need no more
 * than ownership of the tables. ANALYZE afterwards: PostgreSQL knows nothing yet about what came in.
 */
export function* fleetSql(fleet: Fleet): Iterable<string> {
  // Not SET LOCAL: each piece may be a transaction of its own.
  yield 'SET search_path = public;\n';
  yield* rowsSql([...organisationRows(fleet), ...placeRows(fleet), ...typeRows(fleet), ...deviceRows(fleet)]);
  yield cableEndsTable;
  yield* rowsSql(cableRows(fleet));
  yield withoutForeignKeys(
    ['dcim_interface', 'dcim_cabletermination'],
    [interfacesSql, terminationsSql, pathsSql, 'DROP TABLE fleet_cable;\n'],
  );
  yield* rowsSql(addressRows(fleet));
  yield* searchIndexSql();
  yield sequencesSql;
  yield 'RESET search_path;\n';
}

function* rowsSql(inserts: readonly Insert[]): Iterable<string> {
  for (const insert of inserts) yield* insertSql(insert);
}

/** Ids were given by hand; the next object NetBox makes must not get one of them again. */
const numberedTables = [
  ...['dcim_site', 'dcim_location', 'dcim_rack', 'dcim_manufacturer', 'dcim_devicetype', 'dcim_interfacetemplate'],
  ...['dcim_devicerole', 'dcim_device', 'dcim_interface', 'dcim_cable', 'dcim_cabletermination', 'dcim_cablepath'],
  ...['ipam_role', 'ipam_prefix', 'ipam_ipaddress', 'extras_customfieldchoiceset', 'extras_customfield'],
  ...['extras_customfield_object_types', 'extras_tag', 'extras_taggeditem'],
];

const sequencesSql = numberedTables
  .map(table => `SELECT setval(pg_get_serial_sequence('${table}', 'id'), max(id)) FROM ${table};\n`)
  .join('');
