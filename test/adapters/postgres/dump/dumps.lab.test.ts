import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Dumps, type DumpsOptions, openDumps } from '../../../../src/adapters/postgres/dump/dumps.ts';
import { quoted } from '../../../../src/adapters/postgres/swap.ts';
import { findPgPrograms } from '../../../support/pg-programs.ts';
import { startOwnPostgres } from '../../../support/postgres.ts';

/** A name that libpq would take for a connection string, if it were an argument. */
const source = 'host=elsewhere "net\\box"';
const copy = 'bmtool_next_test';
const never = new AbortController().signal;

const tables = `
  CREATE EXTENSION ltree;
  CREATE COLLATION natural_sort (provider = icu, locale = 'und-u-kn-true');
  CREATE TABLE django_migrations (id int, app text, name text);
  CREATE TABLE django_content_type (id int, app_label text, model text);
  CREATE TABLE dcim_device (id int PRIMARY KEY, name text COLLATE natural_sort, serial text, device_type_id int, role_id int);
  CREATE TABLE dcim_interface (id int PRIMARY KEY, device_id int REFERENCES dcim_device, name text);
  INSERT INTO dcim_device SELECT n, 'Zürich\\' || n, 'S' || n, 1, 1 FROM generate_series(1, 100) n;
  INSERT INTO dcim_interface SELECT n, n, 'iLO' FROM generate_series(1, 100) n;`;

let postgres: Awaited<ReturnType<typeof startOwnPostgres>>;
let programs: string;
let folder: string;
let dumps: Dumps;

const optionsOf = (otherwise: Partial<DumpsOptions> = {}): DumpsOptions => ({
  host: '127.0.0.1',
  port: postgres.port,
  user: 'ordinary',
  password: postgres.password,
  database: source,
  timeoutMs: 5000,
  env: process.env,
  programs,
  ...otherwise,
});

beforeAll(async () => {
  [postgres, programs] = await Promise.all([startOwnPostgres(), findPgPrograms()]);
  folder = await mkdtemp(join(tmpdir(), 'bmtool-dumps-'));
  dumps = openDumps(optionsOf());
});

afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await beside(`DROP DATABASE IF EXISTS ${quoted(source)}`, `DROP DATABASE IF EXISTS ${copy}`);
  await using admin = await postgres.connect('postgres');
  await admin.query(`CREATE DATABASE ${quoted(source)} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`);
  await using live = await postgres.connect(source);
  await live.query(tables);
});

async function beside(...statements: string[]): Promise<void> {
  await using admin = await postgres.asSuperuser('postgres');
  for (const statement of statements) await admin.query(statement);
}

async function query<T extends Record<string, unknown>>(database: string, text: string): Promise<T[]> {
  await using connection = await postgres.connect(database);
  return (await connection.query<T>(text)).rows;
}

/** The dump of a database, in a file. */
async function dumpTo(path: string, meanwhile = async () => {}, from = dumps) {
  return from.whileStill(source, async ({ facts, by, dump }) => {
    await meanwhile();
    const pieces: Buffer[] = [];
    await dump(async piece => void pieces.push(piece), never);
    await writeFile(path, Buffer.concat(pieces));
    return { facts, by, path };
  });
}

const inFolder = (name: string) => join(folder, name);

describe('there and back', () => {
  test('every row, in a database that sorts like the live one', async () => {
    const { facts, by, path } = await dumpTo(inFolder('a'));
    expect([facts?.rows, by]).toEqual([{ dcim_device: 100, dcim_interface: 100 }, 'pg_dump 18.6']);
    await dumps.load({ database: copy, path, by }, never);
    const rows = (database: string) => query(database, 'SELECT * FROM dcim_device ORDER BY name');
    expect(await rows(copy)).toEqual(await rows(source));
    const [kind] = await query(copy, 'SELECT datcollate, datctype FROM pg_database WHERE datname = current_database()');
    expect(kind).toEqual({ datcollate: 'C', datctype: 'C.UTF-8' });
    // Planned well from the first query on.
    const analyzed = "SELECT reltuples::int AS rows FROM pg_class WHERE oid = 'dcim_device'::regclass";
    expect(await query(copy, analyzed)).toEqual([{ rows: 100 }]);
  });

  test('what is written meanwhile is neither in the dump nor in what is said of it', async () => {
    const { facts, by, path } = await dumpTo(inFolder('b'), async () => {
      await query(source, 'DELETE FROM dcim_interface; DELETE FROM dcim_device WHERE id > 10');
    });
    await dumps.load({ database: copy, path, by }, never);
    expect(facts?.rows.dcim_device).toBe(100);
    expect(await query(copy, 'SELECT count(*)::int AS n FROM dcim_interface')).toEqual([{ n: 100 }]);
  });

  test("tables belong to NetBox's role, whoever carries them in", async () => {
    const { by, path } = await dumpTo(inFolder('c'));
    await openDumps(optionsOf({ user: 'postgres' })).load({ database: copy, path, by }, never);
    const owners = "SELECT DISTINCT tableowner AS owner FROM pg_tables WHERE schemaname = 'public'";
    expect(await query(copy, owners)).toEqual([{ owner: 'ordinary' }]);
    await query(copy, 'CREATE TABLE more (id int); DROP TABLE more');
  });
});

describe('rights', () => {
  test('a role that may only read can dump', async () => {
    await beside(
      'DROP ROLE IF EXISTS reader',
      `CREATE ROLE reader LOGIN PASSWORD '${postgres.password}' IN ROLE pg_read_all_data`,
    );
    const { facts } = await dumpTo(inFolder('d'), undefined, openDumps(optionsOf({ user: 'reader' })));
    expect(facts?.rows.dcim_device).toBe(100);
    await beside('DROP ROLE reader');
  });

  test('one that may not is told what it needs', async () => {
    await beside('DROP ROLE IF EXISTS stranger', `CREATE ROLE stranger LOGIN PASSWORD '${postgres.password}'`);
    await query(source, 'CREATE TABLE secret (id int)');
    await query(
      source,
      'GRANT SELECT ON django_migrations, django_content_type, dcim_device, dcim_interface TO stranger',
    );
    await expect(dumpTo(inFolder('e'), undefined, openDumps(optionsOf({ user: 'stranger' })))).rejects.toMatchObject({
      exit: 4,
      message: expect.stringMatching(/permission denied for table secret/),
      next: expect.stringMatching(/pg_read_all_data/),
    });
    await query(source, 'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM stranger');
    await beside('DROP ROLE stranger');
  });

  test('a wrong password is refused as such', async () => {
    await expect(dumpTo(inFolder('f'), undefined, openDumps(optionsOf({ password: 'wrong' })))).rejects.toMatchObject({
      exit: 4,
    });
  });
});

describe('what cannot be carried in', () => {
  test('a dump that is none: in the words of pg_restore', async () => {
    await writeFile(inFolder('g'), 'PGDMPnonsense');
    const load = dumps.load({ database: copy, path: inFolder('g'), by: 'pg_dump 18.6' }, never);
    await expect(load).rejects.toMatchObject({
      exit: 1,
      message: expect.stringMatching(/does not take the dump: .*header/),
    });
  });

  test('a dump of a pg_dump that is newer than every pg_restore: nothing is made', async () => {
    const load = dumps.load({ database: copy, path: inFolder('g'), by: 'pg_dump 99.1' }, never);
    await expect(load).rejects.toThrow(/written by pg_dump 99: this takes a pg_restore of version 99 or newer/);
    expect(await query('postgres', `SELECT 1 FROM pg_database WHERE datname = '${copy}'`)).toEqual([]);
  });

  test.each(['dcim_interface', 'plain'])('%s, locked by somebody, is not waited for without end', async table => {
    await using other = await postgres.connect(source);
    await other.query('CREATE TABLE plain (id int)');
    await other.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    const patient = openDumps(optionsOf({ timeoutMs: 200 }));
    const dumped = patient.whileStill(source, ({ dump }) => dump(async () => {}, never));
    await expect(dumped).rejects.toThrow(/due to (lock|statement) timeout$/);
  });
});

const older = '/usr/lib/postgresql/15/bin';

describe.skipIf(!existsSync(join(older, 'postgres')))('an older server, and a newer pg_dump', () => {
  test('understand each other', async () => {
    process.env.LAB_PG_BIN = older;
    await using server = await startOwnPostgres().finally(() => delete process.env.LAB_PG_BIN);
    await using admin = await server.connect('postgres');
    await admin.query(`CREATE DATABASE ${quoted(source)}`);
    await using live = await server.connect(source);
    await live.query(tables);
    const there = openDumps(optionsOf({ port: server.port }));
    const { by, path } = await dumpTo(inFolder('h'), undefined, there);
    expect(by).toBe('pg_dump 18.6');
    await there.load({ database: copy, path, by }, never);
    await using loaded = await server.connect(copy);
    expect((await loaded.query('SELECT count(*)::int AS n FROM dcim_device')).rows).toEqual([{ n: 100 }]);
    await loaded.query("INSERT INTO dcim_interface VALUES (101, 1, 'x')");
    await expect(loaded.query("INSERT INTO dcim_interface VALUES (102, 999, 'x')")).rejects.toThrow(/foreign key/);
  });
});
