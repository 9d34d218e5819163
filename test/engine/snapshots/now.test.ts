import { describe, expect, test } from 'vitest';
import { checkTarget } from '../../../src/engine/snapshots/now.ts';
import type { SnapshotsTools } from '../../../src/engine/snapshots/tools.ts';
import { aLive } from '../../support/shelves.ts';

type Change = { readonly id: number; readonly request: string };
const [ours, older, others] = [
  { id: 7, request: 'a' },
  { id: 6, request: 'b' },
  { id: 9, request: 'c' },
] as const;

/** A NetBox that says `first` when it is met and `later` when it is asked again, beside a database whose change log has `has`. */
function tools(first: Change | undefined, later = first) {
  const netbox = { url: 'http://netbox', newestChange: async () => later };
  const database = {
    source: 'netbox',
    where: 'db:5432',
    live: async () => aLive(),
    hasChange: async (change: Change) => change.id === ours.id,
  };
  return { meetNetBox: async () => ({ netbox, newest: first }), database } as unknown as SnapshotsTools;
}

describe('the NetBox that answers and the database belong together', () => {
  test('the newest change is in the database', async () => checkTarget(tools(ours)));
  test('nothing was ever changed', async () => checkTarget(tools(undefined)));
  test('it was asked before somebody else had put another record back', async () => checkTarget(tools(older, ours)));
  test('they do not', async () =>
    expect(checkTarget(tools(others))).rejects.toMatchObject({
      exit: 2,
      message: 'NetBox at http://netbox does not work on the database netbox of db:5432',
    }));
});
