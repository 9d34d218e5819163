import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Cluster, openCluster } from '../../../src/adapters/postgres/cluster.ts';
import type { PostgresConnection } from '../../../src/adapters/postgres/connect.ts';
import type { UndoNote } from '../../../src/adapters/postgres/manifest.ts';
import { quoted } from '../../../src/adapters/postgres/swap.ts';
import { startOwnPostgres } from '../../support/postgres.ts';
import { aManifest, nothingWaiting } from '../../support/snapshots.ts';

/** A name as somebody may have given it, and a comment that must survive everything. */
const source = 'we"ird net\\box';
const remark = "Ours: don't touch \\ 'at all'.\nAsk Ann.";

let postgres: Awaited<ReturnType<typeof startOwnPostgres>>;
let admin: PostgresConnection;
let cluster: Cluster;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  admin = await postgres.connect('postgres');
  cluster = openCluster(admin, source);
});

afterAll(async () => {
  await admin.close();
  await postgres[Symbol.asyncDispose]();
});

beforeEach(async () => {
  for (const { name } of await cluster.own()) await cluster.drop(name);
  await cluster.drop(source);
  await admin.query(`CREATE DATABASE ${quoted(source)}`);
  await admin.query(
    `COMMENT ON DATABASE ${quoted(source)} IS E'${remark.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
  );
  await write('first');
});

/** Puts a word into the live database. */
async function write(word: string): Promise<void> {
  await using live = await postgres.connect(source);
  await live.query(`DROP TABLE IF EXISTS here; CREATE TABLE here AS SELECT '${word}' AS word`);
}

async function read(database = source): Promise<string | undefined> {
  await using connection = await postgres.connect(database);
  return (await connection.query<{ word: string }>('SELECT word FROM here')).rows[0]?.word;
}

const codeOf = (error: unknown) => (error as { code?: string }).code;
const live = async () => (await cluster.live()) ?? expect.fail('there is no live database');

describe('what is there', () => {
  test('the live database, with the words of its owner', async () => {
    expect(await live()).toMatchObject({ owner: 'ordinary', comment: remark, note: undefined, blocked: false });
  });

  test("bmtool's own databases, and none that only looks like one or belongs to another", async () => {
    const name = cluster.newName('snapshot', new Date('2026-11-21T11:30:12Z'));
    const others = [
      openCluster(admin, 'other').newName('snapshot', new Date()),
      'bmtool_snapshot_20261121_113012_4f2_00000000',
      'bmtool_old',
    ];
    for (const other of [name, ...others]) await admin.query(`CREATE DATABASE ${quoted(other)}`);
    expect(await cluster.own()).toMatchObject([{ name, role: 'snapshot', about: { unreadable: expect.any(String) } }]);
    for (const other of others) await cluster.drop(other);
  });

  test('not the databases of somebody else, whatever they are called', async () => {
    const name = cluster.newName('undo', new Date());
    await using superuser = await postgres.asSuperuser('postgres');
    await superuser.query(`CREATE DATABASE ${quoted(name)}`);
    expect(await cluster.own()).toEqual([]);
    await superuser.query(`DROP DATABASE ${quoted(name)}`);
  });
});

describe('while it is blocked', () => {
  test('nobody is inside and nobody gets in; afterwards all do, and nothing is left of it', async () => {
    const inside = await postgres.connect(source);
    const name = cluster.newName('snapshot', new Date());
    const { value, sessions, blockedMs } = await cluster.whileBlocked(async () => {
      expect(await live()).toMatchObject({ blocked: true, comment: remark, note: { doing: 'blocked' } });
      await cluster.clone(source, name);
      return postgres.connect(source).catch(codeOf);
    });
    expect([value, sessions]).toEqual(['55000', 1]);
    expect(blockedMs).toBeGreaterThan(0);
    await expect(inside.query('SELECT 1')).rejects.toThrow();
    await inside.close();
    expect(await live()).toMatchObject({ blocked: false, comment: remark, note: undefined });
    await write('second');
    expect([await read(), await read(name)]).toEqual(['second', 'first']);
  });

  test('work that fails lets clients in again', async () => {
    await expect(cluster.whileBlocked(() => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
    expect(await live()).toMatchObject({ blocked: false, comment: remark, note: undefined });
    expect(await read()).toBe('first');
  });
});

test('a copy that is whole gets its name and its comment at once, and refuses clients from then on', async () => {
  const [next, name] = [cluster.newName('next', new Date()), cluster.newName('snapshot', new Date())];
  await cluster.whileBlocked(() => cluster.clone(source, next));
  const about = aManifest({ note: remark });
  await cluster.keepAs(next, name, about);
  expect(await cluster.own()).toMatchObject([{ name, role: 'snapshot', about }]);
  await expect(read(name)).rejects.toMatchObject({ code: '55000' });
  await cluster.clone(name, cluster.newName('next', new Date()));
  await expect(cluster.keepAs('no such copy', name, aManifest())).rejects.toThrow();
  expect((await cluster.own()).find(own => own.role === 'snapshot')).toMatchObject({ about });
});

describe('the exchange', () => {
  const waiting = nothingWaiting;
  const undoNote: UndoNote = { format: 1, number: 1, by: remark, at: '2026-11-21T11:30:12.000Z', ...nothingWaiting };

  async function prepared() {
    const next = cluster.newName('next', new Date());
    await cluster.whileBlocked(() => cluster.clone(source, next));
    await write('second');
    return { next, undo: cluster.newName('undo', new Date()), undoNote, waiting };
  }

  test('puts the copy in the place of the live one, which goes on as the undo copy', async () => {
    const wish = await prepared();
    await cluster.exchange(wish);
    expect(await read()).toBe('first');
    expect(await live()).toMatchObject({ blocked: false, comment: remark, note: { doing: 'restored', waiting } });
    expect(await cluster.own()).toMatchObject([{ role: 'undo', about: undoNote }]);
    await cluster.settle();
    expect(await live()).toMatchObject({ blocked: false, comment: remark, note: undefined });
  });

  test('can be taken back: the undo copy let nobody in, and is what it was', async () => {
    const wish = await prepared();
    await cluster.exchange(wish);
    await cluster.settle();
    await expect(read(wish.undo)).rejects.toMatchObject({ code: '55000' });
    await cluster.exchange({ ...wish, next: wish.undo, undo: cluster.newName('undo', new Date()) });
    expect(await read()).toBe('second');
    expect(await cluster.own()).toHaveLength(1);
  });

  test('that cannot be made leaves the live database serving as it was', async () => {
    const wish = await prepared();
    await cluster.drop(wish.next);
    await expect(cluster.exchange(wish)).rejects.toThrow(/does not exist/);
    expect(await read()).toBe('second');
    expect(await live()).toMatchObject({ blocked: false, comment: remark, note: undefined });
    expect(await cluster.own()).toEqual([]);
  });
});
