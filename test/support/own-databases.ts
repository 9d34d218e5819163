import { asLabSuperuser } from './exact.ts';

/** The databases in the lab's cluster that are bmtool's by their names, and whether clients may connect to them. */
export const ownDatabases = () =>
  asLabSuperuser<{ name: string; open: boolean }>(
    "SELECT datname AS name, datallowconn AS open FROM pg_database WHERE datname LIKE 'bmtool\\_%' ORDER BY 1",
  );

/** Drops all of them: for before and after a test file. */
export async function sweep(): Promise<void> {
  for (const { name } of await ownDatabases()) await asLabSuperuser(`DROP DATABASE "${name}" WITH (FORCE)`);
}
