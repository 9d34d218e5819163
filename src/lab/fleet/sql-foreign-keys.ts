/**
 * Wraps statements that fill large tables: their foreign keys are taken off before and put back after, where PostgreSQL
 * checks all rows by one join instead of each row by itself (10,000 servers: a million checks less). Owning the tables is
 * enough for that; switching triggers off would take a superuser.
 *
 * The result is one piece that has to be sent in one query, so that nobody sees the tables without their keys.
 */
export function withoutForeignKeys(tables: readonly string[], statements: readonly string[]): string {
  const list = tables.map(table => `'${table}'::regclass`).join(', ');
  return [
    // Keys with checks still to come cannot be changed.
    'SET CONSTRAINTS ALL IMMEDIATE;\n',
    `CREATE TEMPORARY TABLE fleet_key AS
SELECT conrelid::regclass AS of_table, conname AS name, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE contype = 'f' AND conrelid IN (${list});\n`,
    forEachKey("format('ALTER TABLE %s DROP CONSTRAINT %I', key.of_table, key.name)"),
    ...statements,
    forEachKey("format('ALTER TABLE %s ADD CONSTRAINT %I %s', key.of_table, key.name, key.definition)"),
    'DROP TABLE fleet_key;\nSET CONSTRAINTS ALL DEFERRED;\n',
  ].join('');
}

function forEachKey(statement: string): string {
  return `DO $$ DECLARE key record; BEGIN
  FOR key IN SELECT * FROM fleet_key ORDER BY name LOOP EXECUTE ${statement}; END LOOP;
END $$;\n`;
}
