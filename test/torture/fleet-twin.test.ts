import { afterAll, beforeAll, expect, test } from 'vitest';
import { silent } from '../../src/core/progress.ts';
import { cacheDirOf } from '../../src/files/home.ts';
import { readSchema } from '../../src/lab/base.ts';
import { compareDatabases } from '../../src/lab/fleet/compare.ts';
import { generateFleet } from '../../src/lab/fleet/generate.ts';
import { proveDerived, proveTwin } from '../../src/lab/fleet/proof.ts';
import { openScratch, type Scratch } from '../../src/lab/fleet/scratch.ts';
import { fleetSql } from '../../src/lab/fleet/sql.ts';

/* NetBox's own code is the judge of the fleet's SQL, on an empty NetBox made from the shipped schema. */

let scratch: Scratch;

beforeAll(async () => {
  const { env } = process;
  const { signal } = new AbortController();
  scratch = await openScratch({ env, cacheDir: cacheDirOf(env), progress: silent, signal });
}, 600_000);

afterAll(() => scratch?.[Symbol.asyncDispose]());

test('two racks written by our SQL equal the same two racks written by NetBox, row by row', async () => {
  expect(await proveTwin(scratch, readSchema(), generateFleet({ servers: 24, seed: 5 }))).toBe('');
}, 600_000);

/* The shipped fleet: test/full. */
test('NetBox finds every object of a fleet valid and has nothing to compute anew', async () => {
  const fleet = [...fleetSql(generateFleet({ servers: 60, seed: 1 }))].join('');
  expect(await proveDerived(scratch, readSchema(), fleet)).toBe('');
}, 600_000);

test('the comparison sees a single column of a single row, and a sequence that lags behind', async () => {
  await scratch.createDatabase('changed', { template: 'derived_before' });
  await using before = await scratch.connect('derived_before');
  await using after = await scratch.connect('changed');
  await after.query(
    'UPDATE dcim_interface SET _path_id = NULL WHERE id = (SELECT min(id) FROM dcim_interface WHERE _path_id IS NOT NULL)',
  );
  await after.query("SELECT setval('dcim_rack_id_seq', 1)");
  const differences = await compareDatabases(before, after);
  expect(differences.map(({ table, count }) => [table, count])).toEqual([
    ['dcim_interface', 2],
    ['pg_sequences', 2],
  ]);
});
