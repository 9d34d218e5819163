import { compareDatabases, differencesText } from './compare.ts';
import type { Fleet } from './fleet.ts';
import type { Scratch } from './scratch.ts';
import { fleetSql } from './sql.ts';

/**
 * Writes a fleet twice, by our SQL and by NetBox's own models, and compares every row of every table. Some twenty
 * seconds for two racks.
 *
 * @param schema SQL of an empty NetBox
 * @returns what differs, for a person; empty when nothing does
 */
export async function proveTwin(scratch: Scratch, schema: string, fleet: Fleet): Promise<string> {
  await createLoaded(scratch, 'twin_sql', [schema, ...fleetSql(fleet)]);
  await createLoaded(scratch, 'twin_netbox', [schema]);
  await scratch.runPython('write_fleet.py', { database: 'twin_netbox', input: JSON.stringify(fleet) });
  return differencesOf(scratch, 'twin_netbox', 'twin_sql');
}

/**
 * Lets NetBox validate a fleet written by our SQL, and compute anew everything it derives: nothing may change.
 *
 * @param fleet its SQL, as it ships
 * @returns what changed, for a person; empty when nothing did. Throws when NetBox finds an object invalid.
 */
export async function proveDerived(scratch: Scratch, schema: string, fleet: string): Promise<string> {
  await createLoaded(scratch, 'derived_before', [schema, fleet]);
  await scratch.createDatabase('derived_after', { template: 'derived_before' });
  await scratch.runPython('check_fleet.py', { database: 'derived_after' });
  return differencesOf(scratch, 'derived_before', 'derived_after');
}

async function createLoaded(scratch: Scratch, name: string, pieces: readonly string[]): Promise<void> {
  await scratch.createDatabase(name);
  await using connection = await scratch.connect(name);
  for (const sql of pieces) await connection.query(sql);
}

async function differencesOf(scratch: Scratch, first: string, second: string): Promise<string> {
  await using left = await scratch.connect(first);
  await using right = await scratch.connect(second);
  return differencesText(await compareDatabases(left, right), [first, second]);
}
