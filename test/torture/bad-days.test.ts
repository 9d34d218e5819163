import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ownName, readOwnName } from '../../src/adapters/postgres/own-databases.ts';
import { quoted } from '../../src/adapters/postgres/swap.ts';
import { type SmallNetBox, startSmallNetBox } from '../support/small-netbox.ts';
import { openStepProxy, redisProtocol } from '../support/step-proxy.ts';

/** A name as somebody may have given it. */
const source = 'we"ird net\\box';

let netbox: SmallNetBox;

beforeAll(async () => {
  netbox = await startSmallNetBox(source, ['max_connections = 14', 'superuser_reserved_connections = 3']);
});

afterAll(async () => {
  await netbox[Symbol.asyncDispose]();
});

const admin = (statement: string) => netbox.beside(async beside => void (await beside.query(statement)));
const snapshot = (...args: string[]) => netbox.run(['snapshot', ...args]);
const kept = async () => (await netbox.own()).find(({ role }) => role === 'snapshot')?.name ?? '';

/** A snapshot `kept` of the record `saved` with its ready copy, and the live record `worked`. */
beforeEach(async () => {
  for (const { name } of await netbox.own()) await admin(`DROP DATABASE ${quoted(name)} WITH (FORCE)`);
  await netbox.become('saved');
  const saved = await snapshot('save', 'kept');
  expect(saved.exitCode, saved.stderr).toBe(0);
  await netbox.become('worked');
});

/** Whatever the day: clients are served, and nothing is left over. */
afterEach(async () => {
  expect((await netbox.comment())?.open).toBe(true);
  expect(['worked', 'saved']).toContain((await netbox.now()).word);
  expect((await netbox.own()).filter(({ role, open }) => role === 'next' || open)).toEqual([]);
});

/** The record is as it was before the command, and so is everything beside it. */
async function untouched(during: () => Promise<void>): Promise<void> {
  const before = [await netbox.now(), await netbox.own(), await netbox.comment()];
  await during();
  expect([await netbox.now(), await netbox.own(), await netbox.comment()]).toEqual(before);
}

describe('sessions in the way', () => {
  test('a long transaction: waited for, named, left alone; --force ends it', async () => {
    await using dump = await netbox.postgres.connect(source);
    await dump.query('BEGIN');
    const { rows } = await dump.query<{ pid: number }>("SELECT pg_backend_pid() AS pid, pg_sleep(2.2), 'a long dump'");
    await untouched(async () => {
      for (const args of [
        ['save', 'other'],
        ['restore', 'kept'],
      ]) {
        const ran = await snapshot(...args, '--timeout', '5');
        expect(ran.exitCode, ran.stderr).toBe(1);
        expect(ran.stderr).toMatch(
          new RegExp(
            `process ${rows[0]?.pid}, ordinary .*from 127\\.0\\.0\\.1, for \\d+ s: SELECT pg_backend_pid.*'a long dump'`,
          ),
        );
        expect(ran.stderr).toContain('nothing was changed');
        expect(ran.stderr).toMatch(/--timeout SECONDS; --force ends/);
      }
    });
    expect((await dump.query('SELECT 1')).rowCount).toBe(1);
    const forced = await snapshot('restore', 'kept', '--force', '--timeout', '5');
    expect(forced.exitCode, forced.stderr).toBe(5);
    expect((await netbox.now()).word).toBe('saved');
    await expect(dump.query('SELECT 1')).rejects.toThrow();
  });

  test("a superuser's session: nobody is put out for it, and the words say who can end it", async () => {
    await using theirs = await netbox.postgres.asSuperuser(source);
    const { rows } = await theirs.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await untouched(async () => {
      for (const args of [
        ['save', 'other'],
        ['restore', 'kept', '--force'],
      ]) {
        const ran = await snapshot(...args, '--timeout', '5');
        expect(ran.exitCode, ran.stderr).toBe(1);
        expect(ran.stderr).toContain(`SELECT pg_terminate_backend(${rows[0]?.pid});`);
      }
    });
    expect((await theirs.query('SELECT 1')).rowCount).toBe(1);
  });
});

describe('no more connections', () => {
  test('none at all: exit 5 before anything', async () => {
    const taken = await Promise.all(Array.from({ length: 11 }, () => netbox.postgres.connect('postgres')));
    try {
      const ran = await snapshot('save', 'other');
      expect(ran.exitCode, ran.stderr).toBe(5);
      expect(ran.stderr).toMatch(/takes no more connections[\s\S]*max_connections/);
    } finally {
      for (const one of taken) await one.close();
    }
  });

  test('the last one: the copy that cannot be looked into goes again', async () => {
    await untouched(async () => {
      await admin('ALTER ROLE ordinary CONNECTION LIMIT 1');
      try {
        const ran = await snapshot('save', 'other');
        expect(ran.exitCode, ran.stderr).toBe(5);
        expect(ran.stderr).toMatch(/takes no more connections: .*ordinary[\s\S]*ALTER ROLE[\s\S]*CONNECTION LIMIT/);
      } finally {
        await admin('ALTER ROLE ordinary CONNECTION LIMIT -1');
      }
    });
  });
});

describe('by hand', () => {
  test('a snapshot was dropped: it is gone, and its ready copy with it', async () => {
    await admin(`DROP DATABASE ${quoted(await kept())}`);
    const ran = await snapshot('restore', 'kept');
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toContain('There is no snapshot "kept"');
    expect(await netbox.own()).toEqual([]);
    expect((await netbox.now()).word).toBe('worked');
  });

  test('an older snapshot was dropped: the newest goes on', async () => {
    const older = await kept();
    expect((await snapshot('save', 'kept')).exitCode).toBe(0);
    await admin(`DROP DATABASE ${quoted(older)}`);
    expect((await snapshot('restore', 'kept')).exitCode).toBe(5);
    expect((await netbox.now()).word).toBe('worked');
  });

  test('the comment of a snapshot was removed: it is shown, said what to do about, and in the way of nothing', async () => {
    const name = await kept();
    await admin(`COMMENT ON DATABASE ${quoted(name)} IS NULL`);
    const list = await snapshot('list');
    expect(list.exitCode).toBe(0);
    expect(list.stdout).toContain(`${name}: it has no manifest: its comment is gone`);
    expect(list.stderr).toContain(`bmtool snapshot delete ${name}`);
    const restore = await snapshot('restore', 'kept');
    expect(restore.exitCode).toBe(2);
    expect(restore.stderr).toContain('1 more cannot be read: bmtool snapshot list');
    expect((await snapshot('save', 'kept')).exitCode).toBe(0);
    expect((await snapshot('restore', 'kept')).exitCode).toBe(5);
    const databases = async () => (await netbox.own()).filter(({ role }) => role === 'snapshot').map(one => one.name);
    expect(await databases()).toHaveLength(2);
    const gone = await snapshot('delete', name);
    expect([gone.exitCode, gone.stdout], gone.stderr).toEqual([0, expect.stringContaining(name)]);
    expect(await databases()).toEqual([expect.not.stringContaining(name)]);
  });

  test('the comment of the undo copy was removed: there is nothing to undo, and the next restore makes one', async () => {
    expect((await snapshot('restore', 'kept')).exitCode).toBe(5);
    const undo = (await netbox.own()).find(({ role }) => role === 'undo')?.name ?? '';
    await admin(`COMMENT ON DATABASE ${quoted(undo)} IS NULL`);
    const ran = await snapshot('undo');
    expect(ran.exitCode, ran.stderr).toBe(2);
    expect((await snapshot('restore', 'kept')).exitCode).toBe(5);
    expect((await snapshot('undo')).exitCode).toBe(5);
  });
});

test('a clock that went backwards: the newest is the one that was saved last', async () => {
  const name = await kept();
  const late = ownName(source, { role: 'snapshot', stamp: '20991231_235959_000' });
  expect(readOwnName(source, late)).toBeDefined();
  await netbox.beside(async beside => {
    const { rows } = await beside.query<{ comment: string }>(
      "SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1",
      [name],
    );
    const comment = (rows[0]?.comment ?? '').replace(/"savedAt":"[^"]+"/, '"savedAt":"2099-12-31T23:59:59.000Z"');
    expect(comment).toContain('2099');
    await beside.query(`ALTER DATABASE ${quoted(name)} RENAME TO ${quoted(late)}`);
    await beside.query(
      `COMMENT ON DATABASE ${quoted(late)} IS E'${comment.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
    );
  });
  expect((await snapshot('save', 'kept', '--note', 'the newest')).exitCode).toBe(0);
  await netbox.become('wrecked');
  const list = await snapshot('list');
  expect(list.stdout.split('\n').map(line => line.split('\t').slice(1, 3))).toEqual([
    [expect.stringMatching(/^20[2-8]/), expect.stringMatching(/^\d+ s$/)],
    ['20991231-235959', '0 s'],
  ]);
  expect((await snapshot('restore', 'kept')).exitCode).toBe(5);
  expect((await netbox.now()).word).toBe('worked');
  expect((await snapshot('prune', '--keep', '1')).exitCode).toBe(0);
  expect((await snapshot('restore', 'kept', '--timestamp', '2099')).exitCode).toBe(2);
});

describe('rights', () => {
  const who = { PGUSER: 'guest' };

  test('what is missing is named as the statement that gives it', async () => {
    await admin(`CREATE ROLE guest LOGIN PASSWORD '${netbox.postgres.password}'`);
    await untouched(async () => {
      const neither = await netbox.run(['snapshot', 'save', 'other'], who);
      expect(neither.exitCode, neither.stderr).toBe(4);
      expect(neither.stderr).toContain('ALTER ROLE "guest" CREATEDB; GRANT "ordinary" TO "guest";');
      await admin('ALTER ROLE guest CREATEDB');
      const stranger = await netbox.run(['snapshot', 'save', 'other'], who);
      expect(stranger.exitCode, stranger.stderr).toBe(4);
      expect(stranger.stderr).toContain('GRANT "ordinary" TO "guest";');
      await admin('ALTER ROLE guest NOCREATEDB; GRANT ordinary TO guest');
      const poor = await netbox.run(['snapshot', 'restore', 'kept'], who);
      expect(poor.exitCode, poor.stderr).toBe(4);
      expect(poor.stderr).toContain('ALTER ROLE "guest" CREATEDB;');
    });
    await admin('ALTER ROLE guest CREATEDB');
    const ran = await netbox.run(['snapshot', 'restore', 'kept'], who);
    expect(ran.exitCode, ran.stderr).toBe(5);
    expect((await netbox.now()).word).toBe('saved');
  });
});

test('other databases of the cluster, and those that only look like ours, stay what they are', async () => {
  const others = [
    'netbox',
    'bmtool_snapshot_20261121_113012_4f2_00000000',
    ownName('netbox', { role: 'next', stamp: '20261121_113012_4f2' }),
    ownName('netbox', { role: 'warm', stamp: '20261121_113012_4f2' }),
    'bmtool_next_',
  ];
  for (const other of others) await admin(`CREATE DATABASE ${quoted(other)} OWNER ordinary`);
  const there = () =>
    netbox.beside(async beside => {
      const { rows } = await beside.query(
        'SELECT oid, datname, datallowconn FROM pg_database WHERE datname = ANY($1) ORDER BY 1',
        [others],
      );
      return rows;
    });
  const before = await there();
  try {
    for (const args of [
      ['recover'],
      ['save', 'kept'],
      ['restore', 'kept'],
      ['undo'],
      ['prune', '--keep', '1'],
      ['delete', 'kept'],
      ['list'],
    ])
      expect([0, 5], args[0]).toContain((await snapshot(...args)).exitCode);
    expect(before).toHaveLength(others.length);
    expect(await there()).toEqual(before);
  } finally {
    for (const other of others) await admin(`DROP DATABASE ${quoted(other)}`);
  }
});

test('PostgreSQL was stopped in the middle of a DROP DATABASE: of a snapshot, and of the live one', async () => {
  const older = await kept();
  expect((await snapshot('save', 'other')).exitCode).toBe(0);
  // As PostgreSQL marks it first, to finish or to be told of it.
  const half = (name: string) =>
    netbox.beside(async beside => {
      await beside.query('UPDATE pg_database SET datconnlimit = -2 WHERE datname = $1', [name]);
    });
  await half(older);
  await half(source);
  const ran = await snapshot('restore', 'other');
  expect(ran.exitCode, ran.stderr).toBe(5);
  expect(ran.stderr).toContain(`Put right: it was only half deleted (${older}).`);
  expect((await netbox.now()).word).toBe('worked');
  expect((await netbox.own()).map(({ role }) => role).sort()).toEqual(['snapshot', 'warm']);
});

test('Redis goes away between the exchange and its end: said so, and finished by the next command', async () => {
  await using proxy = await openStepProxy(netbox.redis.port, redisProtocol);
  await netbox.become('worked');
  // The cache is dropped after the exchange. From then on nothing is passed on any more: it stands still.
  proxy.arm({ step: 1, of: /^UNLINK/, moment: 'before', act() {} });
  const ran = await netbox.run(['snapshot', 'restore', 'kept', '--timeout', '2'], { REDIS_PORT: String(proxy.port) });
  proxy.arm();
  expect(proxy.struck).toMatch(/^UNLINK/);
  expect(ran.exitCode, ran.stderr).toBe(5);
  expect(ran.stderr).toMatch(/The database is in its place[\s\S]*bmtool snapshot recover/);
  const look = await netbox.run(['snapshot', 'list'], { REDIS_PORT: '9' });
  expect([look.exitCode, look.stdout, look.stderr]).toEqual([
    0,
    expect.stringContaining('kept'),
    expect.stringMatching(/is not put right yet: .*Redis/),
  ]);
  expect((await netbox.now()).word).toBe('saved');
  const recovered = await snapshot('recover', '--wait');
  expect(recovered.exitCode, recovered.stderr).toBe(0);
  expect(await netbox.now()).toEqual({ word: 'saved', queue: ['event of saved'], cache: null });
});
