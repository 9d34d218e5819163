import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { PostgresConnection } from '../../../src/adapters/postgres/connect.ts';
import { endSessions, sessionsInTheWay } from '../../../src/adapters/postgres/sessions.ts';
import { type SessionsWish, waitForSessions } from '../../../src/adapters/postgres/wait-for-sessions.ts';
import { eventually } from '../../lab/support.ts';
import { startOwnPostgres } from '../../support/postgres.ts';

let postgres: Awaited<ReturnType<typeof startOwnPostgres>>;
let admin: PostgresConnection;
let root: PostgresConnection;

beforeAll(async () => {
  postgres = await startOwnPostgres(['max_prepared_transactions = 5']);
  admin = await postgres.connect('postgres');
  root = await postgres.asSuperuser('postgres');
  await root.query(`
    CREATE ROLE netbox LOGIN PASSWORD '${postgres.password}' IN ROLE ordinary;
    CREATE ROLE stranger LOGIN PASSWORD '${postgres.password}'`);
});

afterAll(async () => {
  await Promise.all([admin.close(), root.close()]);
  await postgres[Symbol.asyncDispose]();
});

beforeEach(() => admin.query('CREATE DATABASE here'));
afterEach(() => root.query('DROP DATABASE here WITH (FORCE)'));

/** A session that is somebody's, with its process id. */
async function enter(user: string) {
  const session = await postgres.connect('here', user);
  onTestFinished(() => session.close());
  const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return { ...session, pid: rows[0]?.pid ?? 0 };
}

/** A transaction that began before the look, as long ago as it takes to be somebody's work. */
async function longTransaction(user: string) {
  const session = await enter(user);
  await session.query('BEGIN');
  await session.query("SELECT '  one\n  line'");
  await eventually(async () => (await sessionsInTheWay(admin, 'here')).length > 0 || undefined);
  return session;
}

/** What a wait says, and how it ends. */
async function wait(wish: Partial<SessionsWish> = {}, signal = new AbortController().signal) {
  const said: string[] = [];
  const ended = waitForSessions(
    admin,
    'here',
    { timeoutMs: 0, force: false, ...wish },
    { signal, onWait: text => said.push(text) },
  ).then(
    () => 'free',
    (error: unknown) => error,
  );
  return { said, ended };
}

describe('nobody is waited for', () => {
  test('when nobody is there', async () => expect(await (await wait()).ended).toBe('free'));

  test("NetBox's own sessions, idle and in the middle of a request", async () => {
    const [idle, busy] = await Promise.all([enter('ordinary'), enter('ordinary')]);
    await busy.query('BEGIN');
    await busy.query('SELECT 1');
    expect(await (await wait()).ended).toBe('free');
    await idle.query('SELECT 1');
    await busy.query('COMMIT');
  });
});

test.each(['postgres', 'stranger'])(
  'a session of %s, which ordinary may not end, is waited for, then named with its process',
  async user => {
    if (user === 'stranger') await root.query('GRANT CONNECT ON DATABASE here TO stranger');
    const session = await enter(user);
    expect(await sessionsInTheWay(admin, 'here')).toMatchObject([{ pid: session.pid, user, endable: false }]);
    const { said, ended } = await wait();
    expect(await ended).toMatchObject({
      exit: 1,
      message: expect.stringMatching(
        new RegExp(
          `^A session of the database here will not end, and nothing was changed:\n  process ${session.pid}, ${user} \\(bmtool\\)`,
        ),
      ),
      next: expect.stringContaining(`SELECT pg_terminate_backend(${session.pid});`),
    });
    expect(said).toEqual([]);
    expect(await (await wait({ force: true })).ended).toMatchObject({ exit: 1 });
    await session.query('SELECT 1');
  },
);

test('as soon as it is gone, the wait is over', async () => {
  const session = await enter('postgres');
  const { said, ended } = await wait({ timeoutMs: 60_000 });
  await eventually(() => said.length > 0 || undefined);
  expect(said[0]).toMatch(new RegExp(`^waiting for process ${session.pid}, postgres`));
  await session.close();
  expect(await ended).toBe('free');
});

test('an interrupt ends the wait', async () => {
  await enter('postgres');
  const interrupt = new AbortController();
  const { said, ended } = await wait({ timeoutMs: 60_000 }, interrupt.signal);
  await eventually(() => said.length > 0 || undefined);
  interrupt.abort();
  expect(await ended).toMatchObject({ exit: 130 });
});

describe('a long transaction of one of its own', () => {
  test.each(['ordinary', 'netbox'])('of %s is named, and ended only by force', async user => {
    const member = user === 'netbox';
    if (member)
      await root
        .query('GRANT netbox TO ordinary')
        .catch(() => root.query('REVOKE ordinary FROM netbox; GRANT netbox TO ordinary'));
    const session = await longTransaction(user);
    expect(await (await wait()).ended).toMatchObject({
      message: expect.stringMatching(new RegExp(`process ${session.pid}, ${user} .* for [23] s: SELECT ' one line'$`)),
      next: expect.stringContaining('--force ends what can be ended'),
    });
    await session.query('SELECT 1');
    expect(await (await wait({ force: true })).ended).toBe('free');
    expect(await endSessions(admin, 'here', 5000)).toBe(1);
    await expect(session.query('SELECT 1')).rejects.toThrow();
  });
});

test('a prepared transaction is named, with what ends it; force does not', async () => {
  const session = await enter('ordinary');
  await session.query("CREATE TABLE t (); BEGIN; CREATE TABLE u (); PREPARE TRANSACTION 'it''s odd'");
  await session.close();
  const { ended } = await wait({ force: true });
  expect(await ended).toMatchObject({
    message: expect.stringMatching(/prepared by ordinary, for \d+ s: PREPARE TRANSACTION 'it''s odd'$/),
    next: expect.stringContaining("ROLLBACK PREPARED 'it''s odd';"),
  });
  const other = await enter('ordinary');
  await other.query("ROLLBACK PREPARED 'it''s odd'");
  expect(await (await wait()).ended).toBe('free');
});

describe('all sessions are ended', () => {
  test('those of the role and of roles that it has, and their number is told', async () => {
    await Promise.all(['ordinary', 'ordinary', 'ordinary'].map(enter));
    expect(await endSessions(admin, 'here', 5000)).toBe(3);
    expect(await endSessions(admin, 'here', 5000)).toBe(0);
  });

  test('one that may not be ended is seen and named', async () => {
    const [own, foreign] = [await enter('ordinary'), await enter('postgres')];
    await expect(endSessions(admin, 'here', 50)).rejects.toMatchObject({
      name: 'SessionsRemain',
      sessions: [{ pid: foreign.pid }],
    });
    await expect(own.query('SELECT 1')).rejects.toThrow();
    await foreign.query('SELECT 1');
  });

  test('of a role that is named as one of its own, but whose rights it does not have', async () => {
    await root.query('GRANT stranger TO ordinary WITH INHERIT FALSE; GRANT CONNECT ON DATABASE here TO stranger');
    onTestFinished(async () => void (await root.query('REVOKE stranger FROM ordinary')));
    const foreign = await enter('stranger');
    await expect(endSessions(admin, 'here', 50)).rejects.toMatchObject({ sessions: [{ pid: foreign.pid }] });
  });

  test('of a superuser, although ordinary is a member of that role', async () => {
    await root.query('GRANT postgres TO ordinary');
    onTestFinished(async () => void (await root.query('REVOKE postgres FROM ordinary')));
    const foreign = await enter('postgres');
    expect(await sessionsInTheWay(admin, 'here')).toMatchObject([{ pid: foreign.pid, endable: false }]);
    await expect(endSessions(admin, 'here', 50)).rejects.toMatchObject({ sessions: [{ pid: foreign.pid }] });
  });

  test('those of others by whoever may signal', async () => {
    await root.query('GRANT pg_signal_backend TO ordinary; GRANT CONNECT ON DATABASE here TO stranger');
    onTestFinished(async () => void (await root.query('REVOKE pg_signal_backend FROM ordinary')));
    await enter('stranger');
    expect(await endSessions(admin, 'here', 5000)).toBe(1);
  });
});
