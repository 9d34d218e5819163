import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../lab/support.ts';
import { bmtool, bmtoolJson, startBmtool } from '../support/bmtool.ts';
import { type Fault, openFaultProxy } from '../support/fault-proxy.ts';
import { labEnv } from '../support/lab-env.ts';
import { api, changeCount, resetLab, sql } from '../support/netbox.ts';
import {
  differences,
  expectPhase,
  openEvents,
  patch,
  post,
  record,
  remove,
  restore,
  type Standing,
  standing,
  startInTheMiddle,
  taggedCount,
  tokenOf,
} from '../support/phases.ts';
import { isThorough } from '../support/tries.ts';

/** Settings that lead past the lab's own NetBox and still to its Redis. */
const lab = (env: Record<string, string> = {}) => {
  const { NETBOX_URL = '', NETBOX_TOKEN = '', REDIS_HOST = '', REDIS_PORT = '' } = labEnv();
  return { env: { NETBOX_URL, NETBOX_TOKEN, REDIS_HOST, REDIS_PORT, ...env } };
};

describe('servers with problems are named and left alone, the others go on', () => {
  beforeAll(() => resetLab());

  test.runIf(isThorough)('one cable, half a swap, no BMC, two BMCs, and one that NetBox refuses to save', async () => {
    const limit = 7;
    const [single, half, none, two, refused] = (await standing(limit)) as [
      Standing,
      Standing,
      Standing,
      Standing,
      Standing,
    ];
    await remove(`dcim/cables/${single.nics[1]?.cable}/`);
    await patch(`dcim/cables/${half.nics[0]?.cable}/`, { b_terminations: [] });
    await remove(`dcim/interfaces/${none.bmcs[0]}/`);
    await post('dcim/interfaces/', { device: two.id, name: 'iLO 2', type: '1000base-t', mgmt_only: true });
    // NetBox itself would never have let that in, and checks the whole device with every PATCH.
    await sql("UPDATE dcim_device SET face = '' WHERE id = $1", [refused.id]);
    const before = await standing(limit);

    const { exitCode, result } = await restore(2, limit);
    expect(exitCode).toBe(1);
    expect(Object.fromEntries(result.problems.map(({ subject, message }) => [subject, message]))).toEqual({
      [single.name]: `left alone: only ${single.nics[0]?.name} is cabled`,
      [half.name]: `left alone: the cable of ${half.nics[0]?.name} is plugged in at one end only`,
      [none.name]: 'left alone: it has no BMC interface',
      [two.name]: expect.stringMatching(/left alone: it has 2 BMC interfaces: .*iLO 2/),
    });
    expect(result.failures).toHaveLength(1);
    expect(result.failures[0]).toMatchObject({
      subject: `device ${refused.name}`,
      message: expect.stringMatching(/^update refused: .*Must specify rack face/),
    });
    const now = await standing(limit);
    expect(now.slice(0, 4)).toEqual(before.slice(0, 4));
    expect(now[4]).toMatchObject({ status: 'offline', oob: null });
    await expectPhase(2, before.slice(5), limit);

    // They do not get better by asking again, and nobody else is written.
    const changes = await changeCount();
    const again = await restore(2, limit);
    expect([again.exitCode, again.result.failures.length, await changeCount()]).toEqual([1, 1, changes]);
    expect((await standing(limit)).slice(5)).toEqual(now.slice(5));
  });
});

describe('cut short', () => {
  const limit = 14;
  const args = (phase: number) => ['state', 'restore', String(phase), '--limit', String(limit)];
  const isMiddle = (tagged: number) => tagged >= 4 && tagged <= 24;
  let design: Standing[] = [];
  let first: Awaited<ReturnType<typeof record>>;
  let events: string[] = [];

  beforeAll(async () => {
    await resetLab();
    design = await standing(limit);
    first = await record();
    events = design.slice(0, 3).map(({ serial }) => JSON.stringify({ serial }));
  });

  test.runIf(isThorough)(
    'killed: the lock blocks nobody, `state show` tells the truth, the next run finishes',
    async () => {
      await using queue = await openEvents();
      const { child, ended } = await startInTheMiddle(args(2), isMiddle);
      child.kill('SIGKILL');
      await ended;
      // What it had sent goes on without it.
      await eventually(async () => ((await isWriting()) ? undefined : true));
      expect(await queue.client.exists('netbox:bmc:discovered:bmtool-lock')).toBe(1);
      const shown = await bmtoolJson<Record<string, unknown>>(['state', 'show']);
      expect(shown.exitCode).toBe(0);
      expect(shown.result).toMatchObject(await countsInNetBox(design));
      expect(shown.result.phase).toBeUndefined();
      const { exitCode, result } = await restore(2, limit);
      expect([exitCode, result.problems, result.failures]).toEqual([0, [], []]);
      await expectPhase(2, design);
    },
  );

  test.runIf(isThorough)('Ctrl-C: exit 130 with the command to go on; the next run finishes', async () => {
    const { child, ended, stdout, stderr } = await startInTheMiddle(args(0), isMiddle);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(stdout() + stderr()).toContain(`To go on: bmtool state restore 0 --limit ${limit}`);
    expect(await taggedCount()).toBeGreaterThan(0);
    expect((await restore(0, limit)).exitCode).toBe(0);
    expect(differences(first, await record())).toEqual({});
  });

  test.runIf(isThorough)('killed, and undone: every row and event is as it was', async () => {
    await using queue = await openEvents();
    await queue.set(events);
    const { child, ended } = await startInTheMiddle(args(2), isMiddle);
    child.kill('SIGKILL');
    await ended;
    expect(await queue.all()).toEqual([]);
    const { exitCode, result } = await bmtoolJson<{ refused: unknown[]; failed: unknown[] }>(['undo']);
    expect([exitCode, result.refused, result.failed]).toEqual([0, [], []]);
    expect(differences(first, await record())).toEqual({});
    expect(await queue.all()).toEqual(events);
  });
});

/** Whether a request to NetBox is in a transaction. */
async function isWriting(): Promise<boolean> {
  const [{ count } = { count: 0 }] = await sql<{ count: number }>(
    `SELECT count(*)::int FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL`,
  );
  return count > 0;
}

/** What `state show` must say, by NetBox's tables. */
async function countsInNetBox(design: readonly Standing[]) {
  const now = await standing(1000);
  const ports = new Map(design.flatMap(({ nics }) => nics.map(({ id, port }) => [id, port])));
  const moved = now.flatMap(({ nics }) => {
    const wrong = nics.filter(({ id, port }) => ports.has(id) && ports.get(id) !== port);
    return wrong.length === 0 ? [] : [wrong.every(({ port }) => port !== null)];
  });
  const count = (select: (server: Standing) => boolean) => now.filter(select).length;
  const statuses = Map.groupBy(now, ({ status }) => status);
  return {
    servers: now.length,
    statuses: Object.fromEntries([...statuses].map(([status, all]) => [status, all.length])),
    addressed: count(({ oob }) => oob !== null),
    addresses: now.reduce((sum, { addresses }) => sum + addresses.length, 0),
    entries: now.reduce((sum, { entries }) => sum + entries.length, 0),
    cabling: { inverted: moved.filter(Boolean).length, between: moved.filter(all => !all).length, unclear: 0 },
  };
}

describe('two at once', () => {
  beforeAll(() => resetLab());

  test.runIf(isThorough)('the second ends with 1 and says who is at work; with --wait it comes after', async () => {
    const design = await standing(12);
    const { child, ended } = await startInTheMiddle(['state', 'restore', '2', '--limit', '12'], tagged => tagged > 0);
    const waiting = startBmtool(['state', 'restore', '1', '--limit', '2', '--wait']);
    const refused = await bmtool(['state', 'restore', '0', '--limit', '2']);
    expect(child.exitCode, 'the first is still at work').toBeNull();
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(`bmtool state restore 2 --limit 12, process ${child.pid}`);
    expect(refused.stderr).toContain('--wait');
    expect((await ended).code).toBe(0);
    expect(await waiting.ended, waiting.stderr()).toMatchObject({ code: 0 });
    expect(waiting.stderr()).toContain(`process ${child.pid}`);
    // The second read what the first had left: the two servers came back from phase 2.
    await expectPhase(1, design.slice(0, 2));
    await expectPhase(2, design.slice(2), 12);
    const { result } = await bmtoolJson<{ command: string; startedAt: string; endedAt: string }[]>(['runs', 'list']);
    const [second, former] = result;
    expect([second?.command, former?.command]).toEqual(['state restore 1 --limit 2', 'state restore 2 --limit 12']);
  });
});

describe('what is not there, or not allowed, ends it before the first write', () => {
  let before: number;
  beforeEach(async () => {
    before = await changeCount();
  });

  test.for([
    ['Redis', { REDIS_PORT: '9' }, /Redis at .*:9/],
    ['NetBox', { NETBOX_URL: 'http://127.0.0.1:9' }, /127\.0\.0\.1:9/],
  ] as const)('%s does not answer: exit 5', async ([name, env, sentence]) => {
    const ran = await bmtool(['state', 'restore', '2', '--limit', '2'], lab(env));
    expect(ran.exitCode).toBe(5);
    expect(ran.stderr).toContain(name);
    expect(ran.stderr).toMatch(sentence);
    expect(await changeCount()).toBe(before);
  });

  test('a status that this NetBox does not have: exit 2', async () => {
    await using queue = await openEvents();
    await queue.set(['{"serial":"x"}']);
    const env = { BMTOOL_STATUS_MAP: 'discovered=burnin' };
    const ran = await bmtool(['state', 'restore', '1', '--limit', '2'], { env });
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toMatch(/"burnin", which BMTOOL_STATUS_MAP names[\s\S]*planned/);
    expect([await changeCount(), await queue.all()]).toEqual([before, ['{"serial":"x"}']]);
  });

  test.runIf(isThorough)('one permission is missing: exit 4 and its name; with it, it goes', async () => {
    await using queue = await openEvents();
    const [server] = (await standing(1)) as [Standing];
    const event = JSON.stringify({ serial: server.serial });
    await queue.set([event]);
    const all = ['view', 'add', 'change', 'delete'];
    const rights = {
      'dcim.device': ['view', 'change'],
      'dcim.devicerole': ['view'],
      'dcim.interface': ['view'],
      'dcim.macaddress': ['view'],
      'dcim.cable': ['view'],
      'dcim.cabletermination': ['view'],
      'ipam.prefix': ['view'],
      'ipam.role': ['view'],
      'ipam.iprange': ['view'],
      'ipam.ipaddress': all,
      'extras.journalentry': all,
      'extras.tag': all,
      'extras.taggeditem': ['view'],
      'core.objectchange': ['view'],
    };
    const NETBOX_TOKEN = await tokenOf('cautious', rights);
    before = await changeCount();
    const ran = await bmtool(['state', 'restore', '2', '--limit', '1'], lab({ NETBOX_TOKEN }));
    expect(ran.exitCode).toBe(4);
    expect(ran.stderr).toMatch(/it lacks dcim\.change_cable$/m);
    expect(ran.stderr).not.toContain(NETBOX_TOKEN);
    expect([await changeCount(), await queue.all()]).toEqual([before, [event]]);

    const [permission] = (await api<{ results: { id: number }[] }>('users/permissions/?name=cautious%20dcim.cable'))
      .body.results;
    await patch(`users/permissions/${permission?.id}/`, { actions: ['view', 'change'] });
    const allowed = await restore(2, 1, lab({ NETBOX_TOKEN }));
    expect(allowed.exitCode, allowed.stderr).toBe(0);
    expect(await queue.all()).toEqual([]);
  });
});

describe('faults in the middle', () => {
  beforeAll(() => resetLab());

  test.runIf(isThorough)('lost answers and 502 on every kind of write: all is there, and nothing twice', async () => {
    const limit = 8;
    const design = await standing(limit);
    const counts = new Map<string, number>();
    const faults: Record<number, Fault> = {
      1: { kind: 'lose-answer' },
      2: { kind: 'answer', status: 502 },
      3: { kind: 'lose-answer', answer: 504 },
      5: { kind: 'drop' },
    };
    await using proxy = await openFaultProxy(labEnv().NETBOX_URL ?? '', ({ method, path, body }) => {
      if (method === 'GET' || method === 'OPTIONS' || body === '[]') return { kind: 'pass' };
      const key = `${method} ${path.split('?')[0]}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return faults[counts.get(key) ?? 0] ?? { kind: 'pass' };
    });
    const { exitCode, result, stderr } = await restore(2, limit, lab({ NETBOX_URL: proxy.url }));
    expect([exitCode, result.problems, result.failures], stderr).toEqual([0, [], []]);
    expect(counts.get('PATCH /api/dcim/cables/')).toBeGreaterThan(3);
    await expectPhase(2, design);
    // Three steps a pair of cables, one of everything else: NetBox's own log has seen each once.
    const log = await sql<{ model: string; count: number }>(
      `SELECT t.model || ' ' || o.action AS model, count(*)::int FROM core_objectchange o
       JOIN django_content_type t ON t.id = o.changed_object_type_id
       WHERE t.model IN ('cable', 'device', 'ipaddress', 'journalentry', 'tag') GROUP BY 1`,
    );
    expect(Object.fromEntries(log.map(({ model, count }) => [model, count]))).toEqual({
      'cable update': 3 * limit,
      'device update': limit,
      'ipaddress create': limit,
      'journalentry create': limit,
      'tag create': 1,
    });

    counts.clear();
    const back = await restore(0, limit, lab({ NETBOX_URL: proxy.url }));
    expect([back.exitCode, back.result.failures], back.stderr).toEqual([0, []]);
    await expectPhase(0, design);
  });
});
