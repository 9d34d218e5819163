import type { BenchLab } from '../lab.ts';
import type { Bench, Figure } from '../report.ts';
import type { Clients } from './open-clients.ts';
import { type DatabaseEnv, dslrTool, type Peers, scriptTool, type Tool } from './peers.ts';
import { listText } from './restores.ts';
import { lastLine } from './run.ts';
import { ask, beside, databaseOf } from './sql.ts';

/** Where the order loses its race, PostgreSQL waits 5 s for the clients to go before it gives up. */
const dslrRounds = 8;
const scriptRounds = 4;

/**
 * The order terminate, drop, create under the same clients: as DSLR itself does it, over one connection, and as a script does it, with one psql for each
 * statement.
 */
export async function benchOrder(lab: BenchLab, peers: Peers, hammer: Clients, talk: Bench['talk']): Promise<Figure[]> {
  const database = databaseOf(lab.env);
  const figures: Figure[] = [];
  const { dslr, pgTools } = peers;
  const script = { copy: 'order_copy', from: 'bench_kept' };
  const tools = [
    ...(typeof dslr === 'string' ? [{ tool: dslrTool(dslr, database), rounds: dslrRounds }] : []),
    ...(typeof pgTools === 'string' ? [{ tool: scriptTool(pgTools, database, script), rounds: scriptRounds }] : []),
  ];
  // The copy that DSLR's restores are to put back is not its trouble here.
  const copy = `dslr_${Math.round(Date.now() / 1000)}_bench`;
  const exists = await ask(beside(database), "SELECT 1 FROM pg_database WHERE datname LIKE 'dslr\\_%\\_bench'");
  if (exists.length === 0) await ask(beside(database), `CREATE DATABASE ${copy} TEMPLATE bench_kept`);
  for (const { tool, rounds } of tools) figures.push(await orderFigure(tool, rounds, { database, hammer, talk }));
  return figures;
}

type Under = { readonly database: DatabaseEnv; readonly hammer: Clients; readonly talk: Bench['talk'] };

async function orderFigure(tool: Tool, rounds: number, { database, hammer, talk }: Under): Promise<Figure> {
  const failed = { save: 0, restore: 0 };
  const windows: number[] = [];
  const says = new Set<string>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const step of ['save', 'restore'] as const) {
      const { value, seen } = await hammer.during(tool[step]);
      if (step === 'restore' && value.exitCode === 0) windows.push(seen.failingMs);
      if (value.exitCode === 0) continue;
      failed[step] += 1;
      says.add(lastLine(value));
      await ensureThere(database);
    }
    talk(
      `${tool.name} under the clients, round ${round}: ${failed.save} saves and ${failed.restore} restores failed so far`,
    );
  }
  const why = says.size === 0 ? '' : ` (${[...says][0]})`;
  const errors = windows.length === 0 ? '' : `; errors during a restore that went well: ${listText(windows)} ms`;
  return {
    what: `${tool.name} under the same clients, ${rounds} saves and restores`,
    measured: `${failed.save} saves and ${failed.restore} restores failed${why}${errors}`,
    goal: '',
    met: undefined,
  };
}

/** Whoever drops first and fails then leaves no database at all. */
async function ensureThere(database: DatabaseEnv): Promise<void> {
  const there = await ask(beside(database), `SELECT 1 FROM pg_database WHERE datname = '${database.PGDATABASE}'`);
  if (there.length === 0) await ask(beside(database), `CREATE DATABASE ${database.PGDATABASE} TEMPLATE bench_kept`);
}
