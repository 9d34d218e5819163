import { createClient } from '@redis/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathOf } from '../../src/adapters/netbox/rights.ts';
import { allRights, jobs, permissionOf, type Right, rightsOf } from '../../src/core/rights.ts';
import { bmtool, bmtoolJson, succeed } from '../support/bmtool.ts';
import { asLabSuperuser } from '../support/exact.ts';
import { openFaultProxy, type Seen } from '../support/fault-proxy.ts';
import { labEnv } from '../support/lab-env.ts';
import { type Bmc, bmcs, openSite } from '../support/leases.ts';
import { manifestOf, targets } from '../support/manifest.ts';
import { api, resetLab } from '../support/netbox.ts';
import { sweep } from '../support/own-databases.ts';
import { patch, post, standing } from '../support/phases.ts';
import { copied, makeToken } from '../support/security-page.ts';
import { isThorough } from '../support/tries.ts';

type Check = { name: string; state: string; message: string; fix?: string };

beforeAll(async () => {
  await resetLab();
  await sweep();
});

afterAll(async () => {
  await sweep();
  await resetLab();
});

const lacking = (checks: readonly Check[]) =>
  checks
    .filter(({ name, message }) => name === 'rights' && message.startsWith('may not'))
    .map(({ message }) => message);

describe.runIf(isThorough)('the token that the page makes', () => {
  let proxy: Awaited<ReturnType<typeof openFaultProxy>>;
  let env: Record<string, string>;
  /** By job, the permissions that its requests took. */
  const took = new Map<string, Set<string>>();
  const permissionAt = new Map<string, string>();

  beforeAll(async () => {
    for (const { op, kind } of allRights())
      permissionAt.set(`${methods[op]} ${pathOf(kind)}`, permissionOf({ op, kind }));
    proxy = await openFaultProxy(labEnv().NETBOX_URL ?? '', () => ({ kind: 'pass' }));
    env = { ...labEnv(), NETBOX_URL: proxy.url, NETBOX_TOKEN: await makeToken('token') };
    // A fleet of their own, for what looks at the whole of it.
    const role = await post('dcim/device-roles/', { name: 'Bench Server', slug: 'bench-server', color: 'ff0000' });
    for (const { id } of await standing(2)) await patch(`dcim/devices/${id}/`, { role: role.id });
  });

  afterAll(() => proxy[Symbol.asyncDispose]());

  /** Runs a command that must succeed, and notes what its requests took as a part of the job. */
  const as = (job: string, args: readonly string[]) => noting(job, () => succeed(args, { env }));

  async function noting(job: string, act: () => Promise<unknown>): Promise<void> {
    const before = proxy.seen.length;
    await act();
    const used = took.get(job) ?? new Set();
    for (const seen of proxy.seen.slice(before)) for (const name of permissionFor(seen)) used.add(name);
    took.set(job, used);
  }

  function permissionFor({ method, path, body }: Seen): string[] {
    const place = path.replace(/^\/api\//, '').replace(/\?.*/, '');
    // An empty list only asks whether it may; these need no permission.
    if (body === '[]' || method === 'OPTIONS' || ['status/', 'authentication-check/'].includes(place)) return [];
    return [permissionAt.get(`${method} ${place}`) ?? `nothing in the table: ${method} ${place}`];
  }

  test('may do every job, says doctor', async () => {
    const { exitCode, result } = await bmtoolJson<{ checks: Check[] }>(['doctor'], { env });
    expect(lacking(result.checks)).toEqual([]);
    expect(result.checks.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(exitCode).toBe(0);
  });

  test('loads MACs, and takes that back', async () => {
    await as('load-macs', ['load-macs', manifestOf(await targets(3))]);
    await as('undo of load-macs', ['undo']);
    await as('why', ['why', (await targets(1))[0]?.serial ?? '']);
  });

  test('puts two servers through the phases, and verifies', async () => {
    for (const phase of ['1', '2']) await as('state restore', ['state', 'restore', phase, '--limit', '2']);
    await as('verify, state show', ['verify', '2', '--server-role', 'Bench']);
    await as('verify, state show', ['state', 'show', '--server-role', 'Bench']);
  });

  test('clears them all away, and takes that back', async () => {
    await as('state restore', ['state', 'restore', '0', '--limit', '2']);
    await as('undo of state restore', ['undo']);
  });

  test('works leases off, and takes that back', async () => {
    const site = openSite({ NETBOX_URL: proxy.url, NETBOX_TOKEN: env.NETBOX_TOKEN ?? '' });
    const [a, b] = (await bmcs(2, 10)) as [Bmc, Bmc];
    // Each has the other's name, of which the journal warns.
    site.see(
      { mac: a.mac, address: '10.20.1.10', hostname: `idrac-${b.serial}` },
      { mac: b.mac, address: '10.20.1.11', hostname: `idrac-${a.serial}` },
    );
    await noting('dhcp worker', () => site.work());
    site.see({ mac: a.mac, address: '10.20.1.12' });
    await noting('dhcp worker', () => site.work());
    const { result: runs } = await site.ask<{ id: string }[]>('runs', 'list');
    expect(runs).toHaveLength(2);
    for (const { id } of runs)
      await noting('undo of dhcp worker', async () => {
        const ran = await site.say('undo', id);
        expect(ran.exitCode, ran.stdout + ran.stderr).toBe(0);
      });
    const macs = await api<{ results: { id: number }[] }>(
      `dcim/mac-addresses/?mac_address=${a.mac}&mac_address=${b.mac}`,
    );
    await api('dcim/mac-addresses/', { method: 'DELETE', body: macs.body.results.map(({ id }) => ({ id })) });
  });

  test('keeps the record and puts it back', async () => {
    await as('snapshot save, snapshot restore', ['snapshot', 'save', 'rights']);
    await as('snapshot save, snapshot restore', ['snapshot', 'restore', 'rights']);
  });

  test('no job took a permission that the table does not give it, and none has one for nothing', () => {
    expect([...took.keys()].sort()).toEqual(jobs.map(({ name }) => name).sort());
    for (const job of jobs) {
      const used = [...(took.get(job.name) ?? [])];
      expect(rightsOf(job).map(permissionOf), job.name).toEqual(expect.arrayContaining(used));
    }
    const used = new Set([...took.values()].flatMap(names => [...names]));
    const unused = jobs
      .filter(({ name }) => ['load-macs', 'state restore', 'dhcp worker'].includes(name))
      .flatMap(rightsOf)
      .map(permissionOf)
      .filter(name => !used.has(name) && !onBadDays.has(name));
    expect(unused).toEqual([]);
  });
});

/** Taken only where something was there already that these tests do not make. */
const onBadDays = new Set(['dcim.change_macaddress']);

const methods = { read: 'GET', create: 'POST', update: 'PATCH', delete: 'DELETE' } as const satisfies Record<
  Right['op'],
  string
>;

describe('the token that can only look', () => {
  let env: Record<string, string>;

  beforeAll(async () => {
    env = { NETBOX_TOKEN: await makeToken('reading-token') };
  });

  test('verifies, and doctor says that this is what it may', async () => {
    const { exitCode } = await bmtool(['verify', '0'], { env });
    expect([0, 3]).toContain(exitCode);
    const { exitCode: doctor, result } = await bmtoolJson<{ checks: Check[] }>(['doctor'], { env });
    expect(doctor).toBe(0);
    const may = result.checks.find(({ message }) => message.startsWith('may: '));
    expect(may?.message).toBe('may: verify, state show, why');
    expect(lacking(result.checks)).toContainEqual(
      expect.stringMatching(/^may not: load-macs \(lacks .*dcim\.add_macaddress/),
    );
  });

  test('loads nothing: exit 4, with the permissions by name', async () => {
    const ran = await bmtool(['load-macs', manifestOf(await targets(2))], { env });
    expect(ran.exitCode).toBe(4);
    expect(ran.stderr).toContain('dcim.add_macaddress');
    expect(ran.stderr).toContain('dcim.change_interface');
    expect(ran.stderr).toContain('Nothing was changed');
  });
});

test('the PostgreSQL role that the page makes keeps the record and puts it back', async () => {
  await asLabSuperuser(copied('postgres'));
  try {
    const env = { PGUSER: 'bmtool', PGPASSWORD: 'a-password-of-your-own' };
    const { result } = await bmtoolJson<{ checks: Check[] }>(['doctor'], { env });
    expect(result.checks.find(({ name }) => name === 'postgresql')).toMatchObject({
      state: 'ok',
      message: expect.stringContaining('bmtool may make snapshots'),
    });
    await succeed(['snapshot', 'save', '1'], { env });
    await succeed(['snapshot', 'restore', '1'], { env });
  } finally {
    await sweep();
    await asLabSuperuser('REASSIGN OWNED BY bmtool TO netbox');
    await asLabSuperuser('REVOKE netbox FROM bmtool; DROP ROLE bmtool');
  }
});

test.runIf(isThorough)('the Redis user that the page makes does all that bmtool does there', async () => {
  const { REDIS_HOST = '', REDIS_PORT } = labEnv();
  const redis = createClient({ socket: { host: REDIS_HOST, port: Number(REDIS_PORT) } });
  await redis.connect();
  await redis.sendCommand(copied('redis').trim().split(/\s+/));
  await redis.sendCommand(['ACL', 'LOG', 'RESET']);
  try {
    const env = { REDIS_USERNAME: 'bmtool', REDIS_PASSWORD: 'a-password-of-your-own' };
    const event = JSON.stringify({ serial: (await targets(1))[0]?.serial });
    await redis.rPush('netbox:bmc:discovered', [event, 'other']);
    await succeed(['doctor'], { env });
    await succeed(['snapshot', 'save', '1'], { env });
    await succeed(['state', 'restore', '1', '--limit', '2'], { env });
    await succeed(['undo'], { env });
    await succeed(['snapshot', 'restore', '1'], { env });
    await succeed(['load-macs', manifestOf(await targets(4))], { env });
    // The others of the fleet have no MAC yet, which it says.
    const { result } = await bmtoolJson<{ played: number }>(['dhcp', 'replay', '--fleet'], { env });
    expect(result.played).toBe(4);
    const worked = await bmtool(['dhcp', 'worker', '--once', '--via', 'redis'], { env });
    expect(worked).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('discover') });
    await succeed(['dhcp', 'spool', '--via', 'redis'], { env });
    expect(await redis.sendCommand(['ACL', 'LOG'])).toEqual([]);
  } finally {
    await redis.sendCommand(['ACL', 'DELUSER', 'bmtool']);
    redis.destroy();
  }
});
