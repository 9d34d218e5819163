import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PostgresConnection } from '../../../src/adapters/postgres/connect.ts';
import { whileReading } from '../../../src/adapters/postgres/record/record.ts';
import { diffRecords } from '../../../src/engine/snapshots/diff.ts';
import { startOwnPostgres } from '../../support/postgres.ts';

let postgres: Awaited<ReturnType<typeof startOwnPostgres>>;
let admin: PostgresConnection;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  admin = await postgres.connect('postgres');
});

afterAll(async () => {
  await admin.close();
  await postgres[Symbol.asyncDispose]();
});

/** Devices and MAC addresses of a NetBox, with all kinds of columns; the other kinds are not there. */
const netbox = `
  CREATE TABLE django_content_type (id int PRIMARY KEY, app_label text, model text);
  INSERT INTO django_content_type VALUES (1, 'dcim', 'device'), (2, 'dcim', 'interface'), (3, 'own', 'thing');
  CREATE TABLE dcim_devicerole (id bigint PRIMARY KEY, name text);
  INSERT INTO dcim_devicerole VALUES (1, 'Server'), (2, 'Se"rver''s \\');
  CREATE TABLE dcim_device (id bigint PRIMARY KEY, created timestamptz, last_updated timestamptz, name text, serial text, "odd "" name" text,
    role_id bigint REFERENCES dcim_devicerole, custom_field_data jsonb, interface_count int, _cached jsonb, seen timestamptz, positions smallint[]);
  INSERT INTO dcim_device SELECT i, '2026-01-05T08:00:00Z', '2026-01-05T08:00:00Z', 'srv-' || i, 's' || i, '', 1, '{"a":1}', 4, '{}',
    '2026-01-05T08:00:00Z', '{1,2}' FROM generate_series(1, 3) i;
  CREATE TABLE dcim_macaddress (id bigint PRIMARY KEY, created timestamptz, mac_address macaddr, assigned_object_type_id int REFERENCES django_content_type,
    assigned_object_id bigint);
  INSERT INTO dcim_macaddress SELECT i, '2026-01-05T08:00:00Z', ('94:40:c9:00:00:0' || i)::macaddr, 1, i FROM generate_series(1, 3) i;
  CREATE TABLE extras_tag (id int);
  CREATE VIEW a_view AS TABLE extras_tag;
  CREATE SCHEMA hidden; CREATE TABLE hidden.other (id int)`;

beforeEach(async () => {
  for (const name of ['before', 'after']) {
    await admin.query(`CREATE DATABASE ${name}`);
    await using inside = await postgres.connect(name);
    await inside.query(netbox);
  }
});

afterEach(async () => {
  for (const name of ['before', 'after']) await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
});

async function diff(interrupt = new AbortController().signal) {
  await using before = await postgres.connect('before');
  await using after = await postgres.connect('after');
  return await whileReading(before, here => whileReading(after, there => diffRecords(here, there, interrupt)));
}

async function to(name: 'before' | 'after', statements: string): Promise<void> {
  await using inside = await postgres.connect(name);
  await inside.query(statements);
}

test('the same', async () => {
  expect(await diff()).toEqual({ objects: [], tables: [], shape: [], kinds: ['device', 'mac'] });
});

describe('no difference', () => {
  test.each([
    [
      'columns that NetBox works out, and times',
      `UPDATE dcim_device SET interface_count = 5, _cached = '{"x":1}', last_updated = now()`,
    ],
    [
      'settings that make other texts of the same rows',
      `ALTER DATABASE after SET TimeZone = 'Asia/Tokyo'; ALTER DATABASE after SET DateStyle = 'German'`,
    ],
    [
      'other ids of content types',
      'UPDATE dcim_macaddress SET assigned_object_type_id = NULL; UPDATE django_content_type SET id = id + 10; UPDATE dcim_macaddress SET assigned_object_type_id = 11',
    ],
    ['rows in another order', 'UPDATE dcim_device SET name = name WHERE id = 1'],
    ['tables that the search path does not find', 'INSERT INTO hidden.other VALUES (1)'],
  ])('%s', async (_, statements) => {
    await to('after', statements);
    expect(await diff()).toMatchObject({ objects: [], tables: [], shape: [] });
  });
});

test('fields of every kind, with references by name', async () => {
  await to(
    'after',
    `UPDATE dcim_device SET name = E'x\\t"y"', "odd "" name" = 'o', role_id = 2, custom_field_data = '{"a":2,"b":null}', seen = seen + interval '1 s',
       positions = '{2}' WHERE id = 2;
     UPDATE dcim_macaddress SET assigned_object_type_id = 3, assigned_object_id = 77 WHERE id = 1;
     UPDATE dcim_macaddress SET assigned_object_type_id = NULL, assigned_object_id = NULL WHERE id = 3`,
  );
  const target = (id: number, name: string) => ({ id, name });
  expect((await diff()).objects).toEqual([
    {
      kind: 'device',
      op: 'changed',
      id: 2,
      name: 'x\t"y"',
      fields: {
        name: { before: 'srv-2', after: 'x\t"y"' },
        'odd " name': { before: '', after: 'o' },
        role: { before: target(1, 'Server'), after: target(2, 'Se"rver\'s \\') },
        seen: { before: '2026-01-05T08:00:00+00:00', after: '2026-01-05T08:00:01+00:00' },
        positions: { before: [1, 2], after: [2] },
        'custom a': { before: 1, after: 2 },
      },
    },
    {
      kind: 'mac',
      op: 'changed',
      id: 1,
      name: '94:40:C9:00:00:01 of own.thing 77',
      fields: { assigned_object: { before: target(1, 'srv-1'), after: target(77, 'own.thing 77') } },
    },
    {
      kind: 'mac',
      op: 'changed',
      id: 3,
      name: '94:40:C9:00:00:03',
      fields: { assigned_object: { before: target(3, 'srv-3'), after: null } },
    },
  ]);
});

test('a number that NetBox gave again is another object; the same object made anew is one', async () => {
  await to(
    'after',
    `UPDATE dcim_macaddress SET created = now(), mac_address = '94:40:c9:00:00:09' WHERE id = 1;
     UPDATE dcim_macaddress SET id = 20, created = now() WHERE id = 2`,
  );
  expect((await diff()).objects.map(({ op, id, name, fields }) => [op, id, name, fields])).toEqual([
    ['removed', 1, '94:40:C9:00:00:01 of srv-1', {}],
    ['remade', 20, '94:40:C9:00:00:02 of srv-2', {}],
    ['added', 1, '94:40:C9:00:00:09 of srv-1', {}],
  ]);
});

test('a device without a name, and one whose MAC address is of a device that is gone', async () => {
  await to(
    'after',
    'UPDATE dcim_device SET name = NULL WHERE id = 1; DELETE FROM dcim_device WHERE id = 3; DELETE FROM dcim_macaddress WHERE id = 2',
  );
  await to('after', 'UPDATE dcim_macaddress SET mac_address = mac_address WHERE id = 3');
  expect((await diff()).objects.map(({ op, name }) => [op, name])).toEqual([
    ['changed', 'device 1'],
    ['removed', 'srv-3'],
    ['removed', '94:40:C9:00:00:02 of srv-2'],
  ]);
});

test('two versions of NetBox: what only one has is told, and the rest is compared', async () => {
  await to(
    'after',
    `ALTER TABLE dcim_device DROP COLUMN serial; ALTER TABLE dcim_device ADD owner_id bigint; DROP VIEW a_view; DROP TABLE extras_tag;
     CREATE TABLE users_owner (id int); UPDATE dcim_device SET name = 'other' WHERE id = 1`,
  );
  await to('before', 'DROP TABLE dcim_macaddress');
  expect(await diff()).toEqual({
    objects: [
      { kind: 'device', op: 'changed', id: 1, name: 'other', fields: { name: { before: 'srv-1', after: 'other' } } },
    ],
    tables: [
      { table: 'extras_tag', before: 0, after: null },
      { table: 'users_owner', before: null, after: 0 },
    ],
    shape: [
      { kind: 'device', column: 'serial', only: 'before' },
      { kind: 'device', column: 'owner_id', only: 'after' },
      { kind: 'mac', column: null, only: 'after' },
    ],
    kinds: ['device'],
  });
});

test('what is left of a database has nothing to compare', async () => {
  await to('after', 'DROP TABLE dcim_device, dcim_macaddress, django_content_type, dcim_devicerole CASCADE');
  expect(await diff()).toMatchObject({ objects: [], kinds: [] });
});

test('more rows than a page has', async () => {
  for (const name of ['before', 'after'] as const)
    await to(
      name,
      "INSERT INTO dcim_device (id, name, created) SELECT i, 'd' || i, '2026-01-05' FROM generate_series(10, 12000) i",
    );
  await to(
    'after',
    "UPDATE dcim_device SET name = 'new ' || id WHERE id % 1000 = 0; DELETE FROM dcim_device WHERE id IN (5000, 12000)",
  );
  const ids = (await diff()).objects.map(({ op, id }) => `${op} ${id}`).sort();
  expect(ids).toEqual(
    [...[1, 2, 3, 4, 6, 7, 8, 9, 10, 11].map(i => `changed ${i}000`), 'removed 12000', 'removed 5000'].sort(),
  );
});

test('all that is read is of one moment', async () => {
  await using connection = await postgres.connect('after');
  await whileReading(connection, async record => {
    await record.columns();
    await to('after', 'DELETE FROM dcim_macaddress; INSERT INTO extras_tag VALUES (1)');
    const found = await record.objects('mac', [1, 2, 3], ['mac_address']);
    expect([found.size, (await record.counts()).extras_tag]).toEqual([3, 0]);
  });
});

test('an interrupt ends it, and says that nothing was changed', async () => {
  await expect(diff(AbortSignal.abort())).rejects.toMatchObject({ exit: 130 });
});
