import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createClient } from '@redis/client';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../lab/support.ts';
import { bmtool, bmtoolJson, startBmtool, succeed as succeedAt } from '../support/bmtool.ts';
import { asLabSuperuser, exactly, tablesThatDiffer } from '../support/exact.ts';
import { labEnv, smallFleet } from '../support/lab-env.ts';
import { api, resetLab, sql } from '../support/netbox.ts';
import { ownDatabases, sweep } from '../support/own-databases.ts';
import { openEvents, patch, post, remove } from '../support/phases.ts';
import { isThorough } from '../support/tries.ts';

type Snapshot = {
  timestamp: string;
  database: string;
  name: string;
  note: string;
  phase: number | null;
  number: number;
};
type List = {
  snapshots: Snapshot[];
  damaged: unknown[];
  warm?: { database: string; of: string };
  undo?: { database: string };
};
type PutBack = {
  state: string;
  blockedMs: number;
  sessions: number;
  method?: string;
  forgotten: number;
  events: number;
  undo?: string;
  health: { silent?: string; counts: { what: string; expected: number; found: number }[] };
  warm?: { seconds: number };
};

const list = async () => (await bmtoolJson<List>(['snapshot', 'list'])).result;
const roles = async () => (await ownDatabases()).map(({ name }) => name.split('_')[1]);
const succeed = <T = PutBack>(...args: string[]) => succeedAt<T>(args);

beforeAll(async () => {
  await resetLab({ indexing: true });
  await sweep();
});

afterAll(async () => {
  await sweep();
  await resetLab({ indexing: true });
});

describe('save, wreck, restore', () => {
  let saved: Awaited<ReturnType<typeof exactly>>;
  const events = ['{"mac":"94:40:c9:00:00:01"}', '{"mac":"94:40:c9:00:00:02"}'];

  beforeAll(async () => {
    const [device] = await sql<{ id: number }>('SELECT min(id)::int AS id FROM dcim_device');
    await post('extras/journal-entries/', {
      assigned_object_type: 'dcim.device',
      assigned_object_id: device?.id,
      comments: 'before all this',
    });
    await using queue = await openEvents();
    await queue.set(events);
    await settled();
    saved = await exactly();
    const outcome = await succeed<{ snapshot: Snapshot; warm?: object; blockedMs: number }>(
      ...['snapshot', 'save', '1', '--note', 'all quiet'],
    );
    expect(outcome).toMatchObject({
      snapshot: { name: '1', note: 'all quiet', phase: 0, netbox: '4.7.3', queue: { events: 2 } },
      warm: { seconds: expect.any(Number) },
      blockedMs: expect.any(Number),
    });
    expect(tablesThatDiffer(saved, await exactly())).toEqual([]);
  });

  /** The ways in which people wreck a record. */
  const wrecks: Record<string, () => Promise<unknown>> = {
    "things are deleted and changed through NetBox's API": async () => {
      const [first, second] = await sql<{ id: number }>('SELECT id::int FROM dcim_device ORDER BY id DESC LIMIT 2');
      await patch(`dcim/devices/${first?.id}/`, { serial: 'WRECKED', status: 'failed' });
      await remove(`dcim/devices/${second?.id}/`);
      await post('extras/tags/', { name: 'Wrecked', slug: 'wrecked' });
    },
    'DROP SCHEMA public CASCADE': () => asOwner('netbox', 'DROP SCHEMA public CASCADE'),
    'DROP DATABASE by a superuser': () => asLabSuperuser('DROP DATABASE netbox WITH (FORCE)'),
  };

  test.each(Object.keys(wrecks))('%s: the record is exactly what it was, and NetBox answers with it', async how => {
    await using queue = await openEvents();
    await wrecks[how]?.();
    await queue.set(['{"mac":"of the new world"}']);
    const outcome = await succeed('snapshot', 'restore', '1');
    expect(outcome).toMatchObject({ state: 'restored', events: 2, health: { counts: expect.any(Array) } });
    expect(outcome.health.counts.length).toBeGreaterThan(4);
    expect(outcome.health.counts.filter(({ expected, found }) => expected !== found)).toEqual([]);
    // A copy was ready each time: after the save, and after each restore.
    expect([outcome.method, outcome.warm]).toEqual([
      undefined,
      { seconds: expect.any(Number), method: expect.any(String) },
    ]);
    expect(tablesThatDiffer(saved, await exactly())).toEqual([]);
    expect(await queue.all()).toEqual(events);
    const answer = await api<{ count: number }>('dcim/devices/?limit=1');
    expect([answer.status, answer.body.count]).toEqual([200, smallFleet.devices]);
    expect(answer.body).not.toMatchObject({ results: [{ serial: 'WRECKED' }] });
  });

  test('NetBox can write to what came back, and its next ids are the right ones', async () => {
    await patch('dcim/sites/1/', { facility: 'after the restore' });
    const tag = await post<{ id: number }>('extras/tags/', { name: 'After', slug: 'after' });
    expect((await api(`extras/tags/${tag.id}/`)).status).toBe(200);
    await succeed('snapshot', 'restore', '1');
    expect(tablesThatDiffer(saved, await exactly())).toEqual([]);
  });

  test('undo puts back what was put out, with its queue; undo again takes that back', async () => {
    await using queue = await openEvents();
    await patch('dcim/sites/1/', { facility: 'my afternoon of work' });
    await settled();
    await queue.set(['{"mac":"of the afternoon"}']);
    const worked = await exactly();
    expect(tablesThatDiffer(saved, worked)).toContain('dcim_site');
    await succeed('snapshot', 'restore', '1');
    expect(tablesThatDiffer(saved, await exactly())).toEqual([]);
    const there = [worked, ['{"mac":"of the afternoon"}']] as const;
    const back = [saved, events] as const;
    for (const [record, waiting] of isThorough ? [there, back, there, back] : [there, back]) {
      const outcome = await succeed('snapshot', 'undo');
      expect(outcome).toMatchObject({ state: 'restored', undo: expect.stringMatching(/^bmtool_undo_/) });
      expect(tablesThatDiffer(record, await exactly())).toEqual([]);
      expect(await queue.all()).toEqual(waiting);
      expect((await api('dcim/sites/1/')).status).toBe(200);
    }
    expect((await roles()).sort()).toEqual(['snapshot', 'undo', 'warm']);
  });

  test.runIf(isThorough)(
    '--fast-next off makes no copy ready, and the one that is ready is used up; the next restore makes its own',
    async () => {
      const first = await succeed('snapshot', 'restore', '1', '--fast-next', 'off');
      expect([first.method, first.warm]).toEqual([undefined, undefined]);
      expect((await roles()).sort()).toEqual(['snapshot', 'undo']);
      const second = await succeed('snapshot', 'restore', '1');
      expect([second.method, second.warm]).toEqual([expect.stringContaining('file copy'), expect.any(Object)]);
      expect((await roles()).sort()).toEqual(['snapshot', 'undo', 'warm']);
      expect(tablesThatDiffer(saved, await exactly())).toEqual([]);
    },
  );

  test.runIf(isThorough)(
    "NetBox's configuration as cached in Redis goes with the record that it came from",
    async () => {
      const shown = async () =>
        (await api<{ results: unknown[] }>('dcim/devices/?limit=50&brief=true')).body.results.length;
      expect(await shown()).toBe(50);
      // As NetBox activates a revision: a row, and the cache made anew from it.
      await sql(
        `INSERT INTO core_configrevision (active, created, comment, data) VALUES (true, now(), '', '{"MAX_PAGE_SIZE": 7}')`,
      );
      await using cache = await openRedisDatabase(1);
      await cache.client.del([':1:config', ':1:config_version']);
      expect(await shown()).toBe(7);
      await succeed('snapshot', 'restore', '1');
      expect(await shown()).toBe(50);
      await succeed('snapshot', 'undo');
      expect(await shown()).toBe(7);
      await succeed('snapshot', 'undo');
      expect(await shown()).toBe(50);
    },
  );

  test.runIf(isThorough)(
    'a client that goes on asking meanwhile gets the one record or the other, and errors at most for a moment',
    async () => {
      const asked = { right: 0, wrong: [] as string[], errors: 0 };
      const done = new AbortController();
      const client = (async () => {
        while (!done.signal.aborted) {
          const answer = await api<{ count?: number }>('dcim/devices/?limit=1').catch(() => undefined);
          if (answer?.status !== 200) asked.errors++;
          else if (answer.body.count === smallFleet.devices) asked.right++;
          else asked.wrong.push(JSON.stringify(answer.body).slice(0, 200));
        }
      })();
      for (const round of isThorough ? [1, 2, 3] : [1]) {
        await succeed('snapshot', 'restore', '1');
        const before = asked.right;
        await eventually(() => (asked.right > before + 2 ? round : undefined));
      }
      done.abort();
      await client;
      expect(asked.wrong).toEqual([]);
      // One request at a time, three exchanges: more than a few would be a NetBox that does not come back by itself.
      expect(asked.errors).toBeLessThanOrEqual(6);
      expect(tablesThatDiffer(saved, await exactly())).toEqual([]);
    },
  );

  test.runIf(isThorough)(
    'NetBox itself away: save keeps it all the same; restore puts it back and ends with 5',
    async () => {
      const { NETBOX_URL: _, LAB_PORTS: __, BMTOOL_STATE_DIR: ___, ...lab } = labEnv();
      const env = { ...lab, NETBOX_URL: 'http://127.0.0.1:9' };
      const save = await bmtool(['snapshot', 'save', 'alone'], { env });
      expect(save.exitCode, save.stderr).toBe(0);
      expect(save.stderr).toMatch(
        /is saved all the same\.[\s\S]*MB, phase not known, [\s\S]*NetBox did not say: its version and the phase are not known\./,
      );
      const shown = await bmtool(['snapshot', 'show', 'alone'], { env });
      expect(shown.stdout).toMatch(/^phase\s+not known\s+NetBox\s+not known$/m);
      await sql('DELETE FROM extras_journalentry');
      const restore = await bmtool(['snapshot', 'restore', 'alone'], { env });
      expect(restore.exitCode).toBe(5);
      expect(restore.stderr).toMatch(/NetBox does not answer: .*127\.0\.0\.1:9/);
      expect(restore.stderr).toContain('The database is in its place.');
      expect(tablesThatDiffer(saved, await exactly())).toEqual([]);
      await succeed('snapshot', 'delete', 'alone');
    },
  );

  test.runIf(isThorough)(
    'NetBox accepts and does not answer: it is asked for as long as --timeout says, and no longer',
    async () => {
      await using silent = await openSilentServer();
      const { NETBOX_URL: _, LAB_PORTS: __, BMTOOL_STATE_DIR: ___, ...lab } = labEnv();
      const env = { ...lab, NETBOX_URL: silent.url };
      // What ends for another reason does not wait for the answer: that would be longer than this test may take.
      const refused = await bmtool(['snapshot', 'restore', '1', '--timeout', '600'], { env: { ...env, PGPORT: '9' } });
      expect([refused.exitCode, refused.stderr]).toEqual([5, expect.stringContaining('Cannot reach PostgreSQL')]);
      await sql('DELETE FROM extras_journalentry');
      const restore = await bmtool(['snapshot', 'restore', '1', '--timeout', '1'], { env });
      expect([restore.exitCode, restore.stderr]).toEqual([5, expect.stringMatching(/NetBox does not answer/)]);
      expect(tablesThatDiffer(saved, await exactly())).toEqual([]);
    },
  );

  test.runIf(isThorough)(
    'a snapshot of other migrations is refused with both listed; --force restores it, undo takes that back',
    async () => {
      await sql(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('dcim', '9999_of_tomorrow', now()), ('ipam', '9998_too', now())",
      );
      const here = await exactly();
      const refused = await bmtool(['snapshot', 'restore', '1']);
      expect(refused.exitCode).toBe(1);
      expect(refused.stderr).toMatch(/migrations of dcim: here 9999_of_tomorrow, snapshot \d{4}_/);
      expect(refused.stderr).toMatch(/migrations of ipam: here 9998_too, snapshot \d{4}_/);
      expect(refused.stderr).toContain('--force');
      expect(tablesThatDiffer(here, await exactly())).toEqual([]);
      const forced = await bmtool(['snapshot', 'restore', '1', '--force']);
      expect(forced.exitCode, forced.stderr).toBe(0);
      expect(forced.stderr).toContain('Restoring across versions (migrations of dcim, migrations of ipam)');
      expect(tablesThatDiffer(saved, await exactly())).toEqual([]);
      await succeed('snapshot', 'undo');
      expect(tablesThatDiffer(here, await exactly())).toEqual([]);
      await succeed('snapshot', 'undo');
    },
  );
});

describe('on the shelf', () => {
  beforeAll(sweep);

  test('versions under one name, the newest unless a time is said; what is unknown or ambiguous lists what there is', async () => {
    const none = await bmtool(['snapshot', 'list']);
    expect([none.exitCode, none.stdout]).toEqual([0, '']);
    expect(none.stderr).toContain('bmtool snapshot save NAME');
    const undo = await bmtool(['snapshot', 'undo']);
    expect(undo.exitCode).toBe(2);
    expect(undo.stderr).toContain('There is nothing to undo');

    for (const serial of ['first', 'second']) {
      await sql('UPDATE dcim_site SET facility = $1 WHERE id = 1', [serial]);
      await succeed('snapshot', 'save', 'a-word', '--note', serial, '--fast-next', 'off');
    }
    await succeed('snapshot', 'save', '2', '--fast-next', 'off');
    const { snapshots } = await list();
    expect(snapshots.map(({ name, note }) => [name, note])).toEqual([
      ['2', ''],
      ['a-word', 'second'],
      ['a-word', 'first'],
    ]);
    const facility = async () =>
      (await sql<{ facility: string }>('SELECT facility FROM dcim_site WHERE id = 1'))[0]?.facility;
    await succeed('snapshot', 'restore', 'a-word', '--timestamp', snapshots[2]?.timestamp ?? '');
    expect(await facility()).toBe('first');
    await succeed('snapshot', 'restore', 'a-word');
    expect(await facility()).toBe('second');

    const unknown = await bmtool(['snapshot', 'restore', 'b-word']);
    expect(unknown.exitCode).toBe(2);
    expect(unknown.stderr).toContain('There are "2", "a-word".');
    const times = snapshots.slice(1).map(({ timestamp }) => timestamp);
    for (const timestamp of ['2', '1999']) {
      const vague = await bmtool(['snapshot', 'show', 'a-word', '--timestamp', timestamp]);
      expect(vague.exitCode).toBe(2);
      expect(vague.stderr).toContain(`Of "a-word" there are ${times.join(', ')} (UTC).`);
    }
  });

  test('list, show: rows for a pipe, one document for --json', async () => {
    const piped = await bmtool(['snapshot', 'list']);
    const lines = piped.stdout.split('\n').map(line => line.split('\t'));
    expect(lines.map(([name]) => name)).toEqual(['2', 'a-word', 'a-word']);
    expect(lines[1]).toEqual([
      'a-word',
      expect.stringMatching(/^\d{8}-\d{6}$/),
      expect.stringMatching(/^\d+ s$/),
      expect.stringMatching(/^\d+\.\d MB$/),
      '0',
      '4.7.3',
      'cluster',
      'second',
    ]);
    expect(piped.stderr).toMatch(/3 snapshots of netbox on .*: \d+\.\d MB/);
    const shown = await succeed<Snapshot & { differences: unknown[]; jobs: number; rows: Record<string, number> }>(
      'snapshot',
      'show',
      'a-word',
    );
    expect(shown).toMatchObject({
      name: 'a-word',
      note: 'second',
      source: 'netbox',
      differences: [],
      rows: { dcim_device: smallFleet.devices },
    });
    const text = await bmtool(['snapshot', 'show', 'a-word']);
    expect(text.stdout).toMatch(/^note\tsecond$/m);
    expect(text.stderr).toContain('It fits the NetBox that is here');
    expect(piped.stdout + piped.stderr + text.stdout).not.toContain('\u001b[');
  });

  test('prune keeps the newest of each name; delete takes one', async () => {
    const pruned = await succeed<{ state: string; snapshots: Snapshot[] }>('snapshot', 'prune', '--keep', '1');
    expect(pruned).toMatchObject({ state: 'deleted', snapshots: [{ name: 'a-word', note: 'first' }] });
    expect(await succeed<object>('snapshot', 'prune', '--keep', '1')).toMatchObject({ snapshots: [] });
    await succeed('snapshot', 'delete', '2');
    expect((await list()).snapshots.map(({ note }) => note)).toEqual(['second']);
    expect((await bmtool(['snapshot', 'prune'])).exitCode).toBe(2);
    expect((await bmtool(['snapshot', 'delete', '2'])).exitCode).toBe(2);
    expect(await succeed<object>('snapshot', 'recover')).toEqual({ mended: [] });
  });

  test.each(['a/b', 'x'.repeat(70), 'live', '', '-', 'two words', '../../etc'])(
    '%j is no name: exit 2, and nothing is made',
    async name => {
      const before = await ownDatabases();
      const ran = await bmtool(['snapshot', 'save', '--', name]);
      expect(ran.exitCode, ran.stderr).toBe(2);
      expect(ran.stderr).toMatch(/not a name for a snapshot[\s\S]*(40 letters|Take another word)/);
      expect(await ownDatabases()).toEqual(before);
    },
  );

  test('BMTOOL_PROTECTED: what replaces or deletes refuses without --yes, and does it with', async () => {
    const env = { BMTOOL_PROTECTED: 'on' };
    await succeed('snapshot', 'save', 'a-word', '--note', 'third', '--fast-next', 'off');
    const [before, databases] = [await exactly(), await ownDatabases()];
    for (const args of [['restore', 'a-word'], ['undo'], ['delete', 'a-word'], ['prune', '--keep', '1']]) {
      const ran = await bmtool(['snapshot', ...args], { env });
      expect(ran.exitCode, ran.stderr).toBe(4);
      expect(ran.stderr).toContain('--yes');
      const planned = await bmtoolJson<{ state: string }>(['snapshot', ...args, '--dry-run'], { env });
      expect([planned.exitCode, planned.result.state], planned.stderr).toEqual([0, 'planned']);
    }
    expect(tablesThatDiffer(before, await exactly())).toEqual([]);
    expect(await ownDatabases()).toEqual(databases);
    expect((await bmtool(['snapshot', 'restore', 'a-word', '--yes'], { env })).exitCode).toBe(0);
    expect((await bmtool(['snapshot', 'delete', 'a-word', '--yes'], { env })).exitCode).toBe(0);
  });
});

describe('two bmtools at once', () => {
  beforeAll(async () => {
    await sweep();
    await succeed('snapshot', 'save', '1');
  });

  test.runIf(isThorough)('the second is told who; with --wait it comes after; a look is always possible', async () => {
    // A transaction of somebody else's, which the first one waits for.
    await using work = await openWork();
    const first = startBmtool(['snapshot', 'save', 'slow', '--timeout', '60']);
    await eventually(() => (/waiting for process/.test(first.stderr()) ? true : undefined));
    expect(first.stderr()).toMatch(
      new RegExp(
        `waiting for process ${work.pid}, netbox \\(a dump\\) from [\\d.:]+, for \\d+ s: SELECT 'a long piece of work'`,
      ),
    );
    for (const args of [
      ['restore', '1'],
      ['save', '2'],
      ['undo'],
      ['delete', '1'],
      ['prune', '--keep', '1'],
      ['recover'],
    ]) {
      const second = await bmtool(['snapshot', ...args]);
      expect(second.exitCode, second.stderr).toBe(1);
      expect(second.stderr).toContain(`process ${first.child.pid}`);
      expect(second.stderr).toContain('snapshot save slow');
      expect(second.stderr).toContain('--wait');
    }
    const look = await bmtool(['snapshot', 'list']);
    expect(look.exitCode).toBe(0);
    expect(look.stderr).toMatch(new RegExp(`snapshot save slow by .*process ${first.child.pid} is at work`));
    const waiting = [
      startBmtool(['snapshot', 'restore', '1', '--wait']),
      startBmtool(['snapshot', 'recover', '--wait']),
    ];
    for (const one of waiting)
      await eventually(() => (one.stderr().includes(`process ${first.child.pid}`) ? true : undefined));
    await work.end();
    for (const one of [first, ...waiting]) expect(await one.ended, one.stderr()).toMatchObject({ code: 0 });
    expect((await list()).snapshots.map(({ name }) => name)).toEqual(['slow', '1']);
  });

  test.runIf(isThorough)('Ctrl-C while it waits: exit 130, nothing is changed, NetBox serves', async () => {
    await using work = await openWork();
    const before = await ownDatabases();
    const first = startBmtool(['snapshot', 'save', 'never', '--timeout', '60']);
    await eventually(() => (/waiting for process/.test(first.stderr()) ? true : undefined));
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
    expect(await ownDatabases()).toEqual(before);
    expect((await api('dcim/sites/')).status).toBe(200);
    await work.end();
  });
});

describe('what is away, or not allowed, ends it before anything is touched', () => {
  afterEach(async () => {
    expect((await api('dcim/sites/')).status).toBe(200);
  });

  test.each([
    ['Redis away', { REDIS_PORT: '9' }, 5, /Redis at .*:9/, ['save 1', 'restore 1', 'undo']],
    [
      'PostgreSQL away',
      { PGPORT: '9' },
      5,
      /PostgreSQL at .*:9/,
      ['save 1', 'restore 1', 'undo', 'list', 'delete 1', 'recover'],
    ],
    [
      'wrong password',
      { PGPASSWORD: 'not it' },
      4,
      /refuses the user netbox[\s\S]*PGPASSWORD/,
      ['save 1', 'restore 1', 'list'],
    ],
    ['no such user', { PGUSER: 'nobody' }, 4, /refuses the user nobody/, ['save 1', 'restore 1']],
    [
      'no such database',
      { PGDATABASE: 'nonesuch' },
      5,
      /has no database nonesuch[\s\S]*PGDATABASE/,
      ['save 1', 'list', 'show 1', 'restore 1', 'undo', 'delete 1', 'diff 1'],
    ],
  ] as const)('%s', async (_, wrong, code, sentence, commands) => {
    const { LAB_PORTS: _ports, DATABASE_URL: _url, ...lab } = labEnv();
    const before = [await exactly(), await ownDatabases()];
    for (const command of commands) {
      const ran = await bmtool(['snapshot', ...command.split(' ')], { env: { ...lab, ...wrong } });
      expect(ran.exitCode, `${command}: ${ran.stderr}`).toBe(code);
      expect(ran.stderr).toMatch(sentence);
      expect(ran.stderr).not.toContain('not it');
    }
    expect([await exactly(), await ownDatabases()]).toEqual(before);
  });
});

/** Takes connections and says nothing. */
async function openSilentServer() {
  const sockets = new Set<Socket>();
  const server = createServer(socket => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => close() };
}

/** NetBox's worker has done what the last requests left to it. */
async function settled(): Promise<void> {
  await using tasks = await openRedisDatabase(0);
  await eventually(async () => {
    const [jobs] = await sql<{ busy: boolean }>(
      "SELECT EXISTS (SELECT FROM core_job WHERE status IN ('pending', 'running')) AS busy",
    );
    const waiting = await Promise.all(['high', 'default', 'low'].map(name => tasks.client.lLen(`rq:queue:${name}`)));
    return !jobs?.busy && waiting.every(count => count === 0) ? true : undefined;
  });
}

async function asOwner(database: string, query: string): Promise<void> {
  const client = new Client({
    connectionString: (labEnv().DATABASE_URL ?? '').replace(/\/[^/]*$/, `/${database}`),
  });
  await client.connect();
  try {
    await client.query(query);
  } finally {
    await client.end();
  }
}

/** A transaction in NetBox's database that is older than bmtool would end unasked. */
async function openWork() {
  const client = new Client({ connectionString: labEnv().DATABASE_URL, application_name: 'a dump' });
  client.on('error', () => {});
  await client.connect();
  await client.query('BEGIN');
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const pid = rows[0]?.pid;
  await client.query("SELECT 'a long piece of work', pg_sleep(2.2)");
  const end = () => client.end();
  return { pid, end, [Symbol.asyncDispose]: end };
}

async function openRedisDatabase(database: number) {
  const { REDIS_HOST = '', REDIS_PORT } = labEnv();
  const client = createClient({ socket: { host: REDIS_HOST, port: Number(REDIS_PORT) }, database });
  await client.connect();
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.destroy();
    },
  };
}
