import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PostgresConnection } from '../../../src/adapters/postgres/connect.ts';
import { hasChange, readFacts } from '../../../src/adapters/postgres/database-facts.ts';
import { startOwnPostgres } from '../../support/postgres.ts';

let postgres: Awaited<ReturnType<typeof startOwnPostgres>>;
let inside: PostgresConnection;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  await using admin = await postgres.connect('postgres');
  await admin.query('CREATE DATABASE netbox');
  inside = await postgres.connect('netbox');
});

afterAll(async () => {
  await inside.close();
  await postgres[Symbol.asyncDispose]();
});

/** As much of NetBox as the facts are about. */
const netbox = `
  CREATE TABLE django_migrations (id serial, app text, name text);
  INSERT INTO django_migrations (app, name) VALUES ('dcim', '0001_a'), ('ipam', '0001_z'), ('dcim', '0002_b');
  CREATE TABLE django_content_type (id int, app_label text, model text);
  INSERT INTO django_content_type VALUES (1, 'dcim', 'device');
  CREATE TABLE dcim_device (id int, name text, serial text, device_type_id int, role_id int, status text);
  INSERT INTO dcim_device VALUES (1, 'a', 's1', 1, 1, 'active'), (2, 'b', 's2', 1, 1, 'active');
  CREATE TABLE dcim_interface (id int, device_id int, name text);
  CREATE TABLE dcim_macaddress (id int, mac_address macaddr, assigned_object_type_id int, assigned_object_id int)`;

beforeEach(async () => {
  await inside.query('DROP SCHEMA IF EXISTS public, own CASCADE; CREATE SCHEMA public; SET search_path = public');
});

const facts = async () => (await readFacts(inside)) ?? expect.fail('it is not one of NetBox’s');

test.each([
  ['an empty database', 'SELECT 1'],
  ['one of another program', 'CREATE TABLE dcim_device (id int)'],
  ['what is left of one', `${netbox}; DROP TABLE dcim_device`],
  ['one whose tables are views', `${netbox}; ALTER TABLE dcim_device RENAME TO d; CREATE VIEW dcim_device AS TABLE d`],
])('%s tells nothing', async (_, statements) => {
  await inside.query(statements);
  expect(await readFacts(inside)).toBeUndefined();
});

test('counts what there is, and leaves out what this NetBox does not have', async () => {
  await inside.query(netbox);
  expect(await facts()).toEqual({
    postgres: expect.stringMatching(/^\d+\.\d+$/),
    migrations: { digest: expect.stringMatching(/^[0-9a-f]{32}$/), count: 3, last: { dcim: '0002_b', ipam: '0001_z' } },
    types: expect.stringMatching(/^[0-9a-f]{32}$/),
    fleet: expect.stringMatching(/^[0-9a-f]{32}$/),
    rows: { dcim_device: 2, dcim_interface: 0, dcim_macaddress: 0 },
  });
});

test('finds its tables in another schema, where the search path says so', async () => {
  await inside.query(`CREATE SCHEMA own; SET search_path = own; ${netbox}`);
  expect((await facts()).rows.dcim_device).toBe(2);
  await inside.query('SET search_path = public');
  expect(await readFacts(inside)).toBeUndefined();
});

describe('digests', () => {
  type Digest = 'migrations' | 'types' | 'fleet';
  const digests = async () => {
    const { migrations, types, fleet } = await facts();
    return { migrations: migrations.digest, types, fleet };
  };

  test.each<[string, string, Digest[]]>([
    ['nothing', 'SELECT 1', []],
    ['the state of a server', "UPDATE dcim_device SET status = 'failed'", []],
    ['the order in which rows were written', 'UPDATE dcim_device SET name = name WHERE id = 1', []],
    ['the order in which migrations were applied', 'UPDATE django_migrations SET id = 10 - id', []],
    ['a serial', "UPDATE dcim_device SET serial = 'x' WHERE id = 1", ['fleet']],
    ['a server more', "INSERT INTO dcim_device VALUES (3, 'c')", ['fleet']],
    ['an interface', "INSERT INTO dcim_interface VALUES (1, 1, 'bmc')", ['fleet']],
    ['a MAC address', "INSERT INTO dcim_macaddress VALUES (1, '94:40:c9:00:00:01', 1, 1)", ['fleet']],
    ['a migration', "INSERT INTO django_migrations (app, name) VALUES ('dcim', '0001_c')", ['migrations']],
    ['the id of a content type', 'UPDATE django_content_type SET id = 2', ['types']],
  ])('change with %s: %s', async (_, statement, changed) => {
    await inside.query(netbox);
    const before = await digests();
    await inside.query(statement);
    const after = await digests();
    const keys = Object.keys(before) as Digest[];
    expect(keys.filter(key => before[key] !== after[key])).toEqual(changed);
  });
});

describe('the change log', () => {
  const request = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

  test.each(['core_objectchange', 'extras_objectchange'])('in %s has an entry, or not', async table => {
    await inside.query(
      `CREATE TABLE ${table} (id bigint, request_id uuid); INSERT INTO ${table} VALUES (7, '${request}')`,
    );
    expect(await hasChange(inside, { id: 7, request })).toBe(true);
    expect(await hasChange(inside, { id: 8, request })).toBe(false);
    expect(await hasChange(inside, { id: 7, request: "x' OR true --" })).toBe(false);
  });

  test('is not there', async () => expect(await hasChange(inside, { id: 7, request })).toBeUndefined());
});
