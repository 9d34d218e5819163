import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { PostgresConnection } from '../../../src/adapters/postgres/connect.ts';
import { type DatabaseOptions, openDatabase } from '../../../src/adapters/postgres/database.ts';
import { findFreePort } from '../../../src/lab/ports.ts';
import { eventually } from '../../lab/support.ts';
import { startOwnPostgres } from '../../support/postgres.ts';

const source = 'net"box';

let postgres: Awaited<ReturnType<typeof startOwnPostgres>>;
let root: PostgresConnection;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  root = await postgres.asSuperuser('postgres');
  await root.query('CREATE ROLE "the boss"');
  await root.query('CREATE DATABASE "net""box" OWNER "the boss"');
});

afterAll(async () => {
  await root.close();
  await postgres[Symbol.asyncDispose]();
});

async function open(otherwise: Partial<DatabaseOptions> = {}) {
  const { port, password } = postgres;
  const options = { host: '127.0.0.1', port, user: 'ordinary', password, database: source, timeoutMs: 5000 };
  const database = await openDatabase({ ...options, ...otherwise });
  onTestFinished(() => database.close());
  return database;
}

/** A role that may log in, with what else is said. */
let count = 0;
async function aRole(options = '') {
  const role = `ro"le ${++count}`;
  const name = `"ro""le ${count}"`;
  await root.query(`CREATE ROLE ${name} LOGIN PASSWORD '${postgres.password}' ${options}`);
  return { role, name };
}

/** The statements that a failure says a superuser should execute. */
function adviceOf(error: unknown): string {
  const { next = '' } = error as { next?: string };
  return /with: (.*)\nWhere nobody gives it: .*restore-file FILE/.exec(next)?.[1] ?? expect.fail(next);
}

describe('rights', () => {
  const refused = async (user: string) => {
    const database = await open({ user });
    return database.checkRights().then(
      () => undefined,
      (error: unknown) => error,
    );
  };

  beforeEach(() => root.query('ALTER DATABASE "net""box" OWNER TO "the boss"'));

  test.each<[string, string, string[], RegExp]>([
    [
      'nothing',
      '',
      [],
      /^The PostgreSQL user ro"le \d+ may not create databases and does not own the database net"box$/,
    ],
    ['CREATEDB alone', 'CREATEDB', [], /^The PostgreSQL user ro"le \d+ does not own the database net"box$/],
    [
      'the ownership alone',
      '',
      ['GRANT "the boss" TO ROLE'],
      /^The PostgreSQL user ro"le \d+ may not create databases$/,
    ],
    [
      'a membership without its rights',
      'CREATEDB',
      ['GRANT "the boss" TO ROLE WITH INHERIT FALSE'],
      /does not own the database net"box$/,
    ],
    [
      'a membership that it cannot give databases to',
      'CREATEDB',
      ['GRANT "the boss" TO ROLE WITH SET FALSE'],
      /does not own the database net"box$/,
    ],
    ['NOINHERIT', 'CREATEDB NOINHERIT', ['GRANT "the boss" TO ROLE'], /does not own the database net"box$/],
    [
      'a database of a superuser',
      'CREATEDB',
      ['ALTER DATABASE "net""box" OWNER TO postgres'],
      /does not own the database net"box$/,
    ],
  ])('%s is not enough, and what is said mends it', async (_, options, statements, message) => {
    const { role, name } = await aRole(options);
    for (const statement of statements) await root.query(statement.replace('ROLE', name));
    const error = await refused(role);
    expect(error).toMatchObject({ exit: 4, message: expect.stringMatching(message) });
    expect(adviceOf(error)).not.toMatch(/GRANT "?postgres/);
    await root.query(adviceOf(error));
    expect(await refused(role)).toBeUndefined();
    await useAll(role);
  });

  /** Everything that a restore does to databases. */
  async function useAll(user: string) {
    const database = await open({ user });
    const [next, undo] = [database.newName('next', new Date()), database.newName('undo', new Date())];
    const waiting = { queue: { key: 'q', entries: [], digest: '' }, jobs: { queues: {}, scheduled: {}, fields: {} } };
    await database.clone(source, next);
    await database.makeAlike(next);
    const undoNote = { format: 1, number: 1, by: 'a test', at: '2026-11-21T11:30:12.000Z', ...waiting } as const;
    await database.exchange({ next, undo, undoNote, waiting });
    await database.settle();
    expect(await database.own()).toMatchObject([{ name: undo, about: undoNote }]);
    await database.drop(undo);
  }

  test('a superuser may all', async () => expect(await refused('postgres')).toBeUndefined());

  test('of a database that is not there, CREATEDB is enough', async () => {
    const { role } = await aRole('CREATEDB');
    const database = await open({ user: role, database: 'gone' });
    await database.checkRights();
  });

  test('what PostgreSQL itself refuses is a failure that says what bmtool needs', async () => {
    const database = await open({ user: (await aRole()).role });
    await expect(database.clone(source, database.newName('next', new Date()))).rejects.toMatchObject({
      exit: 4,
      message: expect.stringMatching(/^PostgreSQL at 127\.0\.0\.1:\d+ does not allow it: permission denied/),
      next: expect.stringContaining('CREATEDB'),
    });
  });
});

describe('what keeps it from opening', () => {
  const failure = async (otherwise: Partial<DatabaseOptions>) => {
    try {
      await open(otherwise);
    } catch (error) {
      return error;
    }
    return expect.fail('it opened');
  };

  test.each<[string, Partial<DatabaseOptions>]>([
    ['a wrong password', { password: 'wr0ng-secret' }],
    ['an unknown user', { user: 'nobody', password: 'wr0ng-secret' }],
  ])('%s', async (_, otherwise) => {
    const error = await failure(otherwise);
    expect(error).toMatchObject({
      exit: 4,
      message: expect.stringMatching(/^PostgreSQL at 127\.0\.0\.1:\d+ refuses the user (ordinary|nobody)$/),
      next: expect.stringContaining('PGPASSWORD'),
    });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('wr0ng-secret');
  });

  test('no password', async () => {
    expect(await failure({ password: '' })).toMatchObject({
      exit: 4,
      message: expect.stringMatching(/asks the user ordinary for a password, and none is set$/),
      next: expect.stringContaining('PGPASSWORD'),
    });
  });

  test('no server', async () => {
    const port = await findFreePort();
    expect(await failure({ port })).toMatchObject({
      exit: 5,
      message: expect.stringContaining(`PostgreSQL at 127.0.0.1:${port}`),
      next: expect.stringContaining('PGHOST'),
    });
  });

  test('no such host', async () => {
    expect(await failure({ host: 'nowhere.invalid' })).toMatchObject({
      exit: 5,
      next: expect.stringContaining('PGHOST'),
    });
  });

  test('too many connections of this user', async () => {
    const { role, name } = await aRole('CREATEDB CONNECTION LIMIT 1');
    const first = await open({ user: role });
    const error = await failure({ user: role });
    expect(error).toMatchObject({
      exit: 5,
      message: expect.stringContaining('takes no more connections'),
      next: expect.stringContaining(`CONNECTION LIMIT`),
    });
    await expect(first.facts('postgres')).rejects.toMatchObject({ exit: 5 });
    expect(await first.own()).toEqual([]);
    await root.query(`ALTER ROLE ${name} CONNECTION LIMIT 2`);
    await open({ user: role });
  });

  test('a server that has no database postgres says which one is missing, and why it is needed', async () => {
    await root.query('CREATE DATABASE other');
    await using other = await postgres.asSuperuser('other');
    await other.query('ALTER DATABASE postgres ALLOW_CONNECTIONS false');
    const refusing = await failure({});
    await other.query('ALTER DATABASE postgres ALLOW_CONNECTIONS true');
    expect(refusing).toMatchObject({ exit: 5, message: expect.stringContaining('database "postgres" is not') });
    await root.close();
    await eventually(async () => {
      const { rows } = await other.query("SELECT 1 FROM pg_stat_activity WHERE datname = 'postgres'");
      return rows.length === 0 || undefined;
    });
    await other.query('ALTER DATABASE postgres RENAME TO hidden');
    const missing = await failure({});
    await other.query('ALTER DATABASE hidden RENAME TO postgres');
    root = await postgres.asSuperuser('postgres');
    expect(missing).toMatchObject({
      exit: 5,
      message: expect.stringMatching(/has no database postgres$/),
      next: expect.stringContaining('CREATE DATABASE postgres'),
    });
  });
});

test('a server that goes away in the middle is a failure that says so', async () => {
  const database = await open();
  await root.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ordinary'");
  await expect(database.own()).rejects.toMatchObject({ exit: 5, message: expect.stringContaining('Cannot reach') });
});

describe('one at a time', () => {
  test('the second is told who is at work and since when, and a session that was killed frees the place', async () => {
    const [first, second] = [await open(), await open()];
    expect(await first.takeTurn('snapshot save 1 by ann@jump1, process 4711')).toBeUndefined();
    expect(await first.takeTurn('snapshot save 1 by ann@jump1, process 4711')).toBeUndefined();
    expect(await second.takeTurn('me')).toEqual({
      who: 'snapshot save 1 by ann@jump1, process 4711',
      since: expect.stringMatching(/^\d\d:\d\d:\d\d$/),
    });
    await root.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'bmtool: snapshot save%'",
    );
    await eventually(async () => (await second.takeTurn('me')) === undefined || undefined);
  });

  test('another user is told who, too', async () => {
    const [first, second] = [await open(), await open({ user: (await aRole()).role })];
    await first.takeTurn('ann');
    expect(await second.takeTurn('me')).toEqual({ who: 'ann', since: '?' });
  });

  test('the copies of another database are another matter', async () => {
    const [first, second] = [await open(), await open({ database: 'other' })];
    expect([await first.takeTurn('a'), await second.takeTurn('b')]).toEqual([undefined, undefined]);
  });

  test('a name that is longer than PostgreSQL takes, or odd', async () => {
    const [first, second] = [await open(), await open()];
    await first.takeTurn(`restore ${'ü'.repeat(200)}\n%s`);
    expect((await second.takeTurn('me'))?.who).toMatch(/^restore/);
  });
});
