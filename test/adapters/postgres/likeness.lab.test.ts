import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Cluster, openCluster } from '../../../src/adapters/postgres/cluster.ts';
import type { PostgresConnection } from '../../../src/adapters/postgres/connect.ts';
import { readLikeness } from '../../../src/adapters/postgres/likeness.ts';
import { quoted } from '../../../src/adapters/postgres/swap.ts';
import { startOwnPostgres } from '../../support/postgres.ts';

const source = 'we"ird net\\box';
const boss = 'the "boss" o\'f \\all';
const reader = 'rea"der';

let postgres: Awaited<ReturnType<typeof startOwnPostgres>>;
let root: PostgresConnection;
let admin: PostgresConnection;
let cluster: Cluster;
let copy: string;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  root = await postgres.asSuperuser('postgres');
  admin = await postgres.connect('postgres');
  cluster = openCluster(admin, source);
  await root.query(`CREATE ROLE ${quoted(boss)}; CREATE ROLE ${quoted(reader)} LOGIN PASSWORD '${postgres.password}'`);
});

afterAll(async () => {
  await Promise.all([admin.close(), root.close()]);
  await postgres[Symbol.asyncDispose]();
});

beforeEach(async () => {
  await admin.query(`CREATE DATABASE ${quoted(source)}`);
  copy = cluster.newName('next', new Date());
});

afterEach(async () => {
  for (const name of [source, copy]) await root.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`);
});

/** Both as PostgreSQL has them; the order of grants and settings means nothing. */
async function both() {
  const sorted = async (name: string) => {
    const likeness = (await readLikeness(root, name)) ?? expect.fail(`there is no ${name}`);
    const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
    return {
      ...likeness,
      grants: likeness.grants && [...likeness.grants].sort(byText),
      settings: [...likeness.settings].sort(byText),
    };
  };
  return { original: await sorted(source), alike: await sorted(copy) };
}

async function copyAlike() {
  await cluster.clone(source, copy);
  const left = await cluster.makeAlike(copy);
  return { ...(await both()), left };
}

const on = quoted(source);

describe('a copy made alike has', () => {
  test.each([
    ['nothing that anybody changed', []],
    ['no right for everybody to connect', [`REVOKE CONNECT ON DATABASE ${on} FROM PUBLIC`]],
    ['a grant to another role', [`GRANT CONNECT ON DATABASE ${on} TO ${quoted(reader)}`]],
    [
      'a grant that may be passed on, and nothing for everybody',
      [
        `REVOKE ALL ON DATABASE ${on} FROM PUBLIC`,
        `GRANT CONNECT, TEMP ON DATABASE ${on} TO ${quoted(reader)} WITH GRANT OPTION`,
      ],
    ],
    ['fewer rights for the owner himself', [`REVOKE CREATE ON DATABASE ${on} FROM ordinary`]],
    ['no rights for anybody', [`REVOKE ALL ON DATABASE ${on} FROM PUBLIC, ordinary`]],
    ['a limit of connections', [`ALTER DATABASE ${on} CONNECTION LIMIT 7`]],
    ['a search_path with odd names', [`ALTER DATABASE ${on} SET search_path = a, "B c", "d""e", "$user", 'f''g\\h'`]],
    ['a search_path that is empty', [`ALTER DATABASE ${on} SET search_path = ''`]],
    ['a search_path with a comma in a name', [`ALTER DATABASE ${on} SET search_path = 'a, b', c`]],
    [
      'settings of other kinds',
      [
        `ALTER DATABASE ${on} SET work_mem = '64MB'`,
        `ALTER DATABASE ${on} SET TIME ZONE 'Europe/Berlin'`,
        `ALTER DATABASE ${on} SET statement_timeout = 0`,
        `ALTER DATABASE ${on} SET datestyle = 'ISO, DMY'`,
        `ALTER DATABASE ${on} SET application_name = E'x=y; it''s \\\\ "=" a\\nname'`,
      ],
    ],
    ['settings of its own role in it', [`ALTER ROLE ordinary IN DATABASE ${on} SET search_path = "x y", z`]],
  ])('%s', async (_, statements) => {
    for (const statement of statements) await admin.query(statement);
    const { original, alike, left } = await copyAlike();
    expect(alike).toEqual(original);
    expect(left).toEqual([]);
    const plain = { owner: 'ordinary', isOwn: false, connectionLimit: -1, grants: undefined, settings: [] };
    if (statements.length > 0) expect(original).not.toEqual(plain);
  });
});

describe('a role that is a member of the owner', () => {
  beforeEach(async () => {
    await root.query(`GRANT ${quoted(boss)} TO ordinary`);
    await root.query(`ALTER DATABASE ${on} OWNER TO ${quoted(boss)}`);
    onTestFinished(async () => {
      await root.query(`DROP DATABASE IF EXISTS ${on}`);
      await root.query(`DROP DATABASE IF EXISTS ${quoted(copy)}`);
      await root.query(`REVOKE ${quoted(boss)} FROM ordinary`);
    });
  });

  test.each([
    ['nothing that anybody changed', []],
    [
      'grants, also to itself',
      [`REVOKE ALL ON DATABASE ${on} FROM PUBLIC`, `GRANT CONNECT ON DATABASE ${on} TO ordinary, ${quoted(reader)}`],
    ],
    ['settings and a limit', [`ALTER DATABASE ${on} SET work_mem = '64MB'`, `ALTER DATABASE ${on} CONNECTION LIMIT 7`]],
  ])('gives its copy the owner: %s', async (_, statements) => {
    for (const statement of statements) await admin.query(statement);
    const { original, alike } = await copyAlike();
    expect(original.owner).toBe(boss);
    expect(alike).toEqual(original);
  });
});

describe('what only a superuser could give', () => {
  test.each([
    [
      'a setting',
      `ALTER DATABASE ${on} SET log_statement = 'all'`,
      `ALTER DATABASE ${on} SET "log_statement" TO E'all'`,
    ],
    [
      "a plugin's setting",
      `ALTER DATABASE ${on} SET netbox.odd = 'x=y;''z'`,
      `ALTER DATABASE ${on} SET "netbox"."odd" TO E'x=y;''z'`,
    ],
    [
      'a setting of a role that is not its own',
      `ALTER ROLE ${quoted(reader)} IN DATABASE ${on} SET work_mem = '64MB'`,
      `ALTER ROLE "rea""der" IN DATABASE ${on} SET "work_mem" TO E'64MB'`,
    ],
  ])('%s is told, and all the rest is given', async (_, statement, missing) => {
    await root.query(statement);
    await admin.query(`ALTER DATABASE ${on} SET work_mem = '65MB'`);
    await admin.query(`GRANT CONNECT ON DATABASE ${on} TO ${quoted(reader)}`);
    const { original, alike, left } = await copyAlike();
    expect(left).toEqual([missing]);
    expect({ ...alike, settings: undefined }).toEqual({ ...original, settings: undefined });
    expect(alike.settings).toEqual([{ role: undefined, setting: 'work_mem=65MB' }]);
    for (const one of left) await root.query(one.replace(on, quoted(copy)));
    const now = await both();
    expect(now.alike).toEqual(now.original);
  });
});

test('without a live database the copy stays as it is', async () => {
  await cluster.clone(source, copy);
  const before = await readLikeness(root, copy);
  await root.query(`DROP DATABASE ${on}`);
  await cluster.makeAlike(copy);
  expect(await readLikeness(root, copy)).toEqual(before);
});
