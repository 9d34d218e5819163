import { createClient } from '@redis/client';
import { beforeAll, expect, test } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { bmtool } from '../support/bmtool.ts';
import { applyAll, commentsOf, devices, openEngine, setComments } from '../support/engine.ts';
import { labEnv, smallFleet } from '../support/lab-env.ts';
import { targets } from '../support/manifest.ts';
import { api, resetLab, sql } from '../support/netbox.ts';

/** The ten ways in which NetBox's API breaks a naive client, each first shown on the real server and then handled. */
beforeAll(() => resetLab());

type Page = { count: number; results: { id: number; name: string }[] };

test('1. one missing row refuses a whole list: it is named and the others land', async () => {
  const rows = await devices(5);
  const naive = await api('dcim/devices/', {
    method: 'PATCH',
    body: [...rows.map(({ id }) => ({ id, comments: 'naive' })), { id: 999_999, comments: 'naive' }],
  });
  expect(naive.status).toBe(400);
  expect(await commentsOf(rows.map(row => row.id))).not.toContain('naive');
  await using netbox = await openEngine();
  const ghost = {
    ...setComments({ id: 999_999, name: 'ghost', comments: '', version: rows[0]?.version ?? '' }, 'kept'),
  };
  const { version: _, ...unguarded } = ghost;
  const results = await applyAll(netbox, [...rows.map(row => setComments(row, 'kept')), unguarded]);
  expect(results.get('comments:999999')).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('does not exist'),
  });
  expect(await commentsOf(rows.map(row => row.id))).toEqual(rows.map(() => 'kept'));
});

test('2. an unknown or empty filter answers the whole table: it never comes through', async () => {
  const all = (await api<Page>('dcim/devices/?limit=1')).body.count;
  expect((await api<Page>('dcim/devices/?rack=R1&limit=1')).body.count).toBe(all);
  expect((await api<Page>('dcim/devices/?serial=&limit=1')).body.count).toBe(all);
  await using netbox = await openEngine();
  expect(await netbox.fleet.devicesBySerial([])).toEqual([]);
  expect(await netbox.fleet.interfacesOf([])).toEqual([]);
  expect(await netbox.fleet.devicesBySerial(['no such serial'])).toEqual([]);
});

test('3. every write validates the whole object: a legacy value blocks its row, not its batch', async () => {
  const rows = await devices(4, 10);
  await sql("UPDATE dcim_device SET status = 'burnin' WHERE id = $1", [rows[1]?.id]);
  await using netbox = await openEngine();
  const results = [
    ...(
      await applyAll(
        netbox,
        rows.map(row => setComments(row, 'whole')),
      )
    ).values(),
  ];
  expect(results.map(result => result.state).sort()).toEqual(['done', 'done', 'done', 'failed']);
  expect(results.find(result => result.state === 'failed')).toMatchObject({ reason: expect.stringMatching(/burnin/) });
});

test('4. the last write wins: a row that somebody changed since it was read is left alone and said', async () => {
  const rows = await devices(4, 20);
  const theirs = rows[2]?.id ?? 0;
  await api(`dcim/devices/${theirs}/`, { method: 'PATCH', body: { comments: 'theirs' } });
  await using netbox = await openEngine();
  const results = await applyAll(
    netbox,
    rows.map(row => setComments(row, 'ours')),
  );
  expect(results.get(`comments:${theirs}`)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('somebody changed comments'),
  });
  expect(await commentsOf(rows.map(row => row.id))).toEqual(['ours', 'ours', 'theirs', 'ours']);
});

test('4b. somebody changed another field of the row: both changes stand', async () => {
  const [row] = (await devices(1, 30)) as [Awaited<ReturnType<typeof devices>>[number]];
  await api(`dcim/devices/${row.id}/`, { method: 'PATCH', body: { description: 'theirs' } });
  await using netbox = await openEngine();
  expect([...(await applyAll(netbox, [setComments(row, 'ours')])).values()][0]?.state).toBe('done');
  expect((await sql('SELECT comments, description FROM dcim_device WHERE id = $1', [row.id]))[0]).toEqual({
    comments: 'ours',
    description: 'theirs',
  });
});

test('5. a refused token is a 403, not a 401, and told apart from a missing permission', async () => {
  expect((await api('dcim/devices/', { token: 'f'.repeat(40) })).status).toBe(403);
  const wrong = await bmtool(['runs', 'list', '--json'], {});
  expect(wrong.exitCode).toBe(0);
  const ran = await bmtool(['undo', '--dry-run'], {
    env: { NETBOX_URL: labEnv().NETBOX_URL ?? '', NETBOX_TOKEN: 'f'.repeat(40) },
  });
  expect(ran.exitCode).toBe(4);
  expect(ran.stderr).toContain('does not accept the token');
  expect(ran.stderr).not.toContain('ffff');
});

test('6. a MAC is an object of its own: created, assigned, then made primary', async () => {
  const [target] = await targets(1, 40);
  if (target === undefined) throw new Error('no server');
  // POSTing the object alone leaves the interface without a primary MAC.
  const made = await api<{ id: number }>('dcim/mac-addresses/', {
    method: 'POST',
    body: { mac_address: target.mac, assigned_object_type: 'dcim.interface', assigned_object_id: target.interfaceId },
  });
  expect(
    (await api<{ primary_mac_address: unknown }>(`dcim/interfaces/${target.interfaceId}/`)).body.primary_mac_address,
  ).toBeNull();
  const ran = await bmtool(['load-macs', '-', '--json'], {
    input: `server_serial,server_bmc_mac\n${target.serial},${target.mac}\n`,
  });
  expect(ran.exitCode).toBe(0);
  // The object that was there is used; NetBox would have taken a second one with the same address.
  expect(
    (await api<{ primary_mac_address: { id: number } }>(`dcim/interfaces/${target.interfaceId}/`)).body
      .primary_mac_address.id,
  ).toBe(made.body.id);
  expect((await api<Page>(`dcim/mac-addresses/?mac_address=${target.mac}`)).body.count).toBe(1);
});

test('7. a move takes steps in order: an OOB address goes from one device to another', async () => {
  const [from, to] = (await targets(2, 50)) as [
    Awaited<ReturnType<typeof targets>>[number],
    Awaited<ReturnType<typeof targets>>[number],
  ];
  const ip = (
    await api<{ id: number }>('ipam/ip-addresses/', {
      method: 'POST',
      body: { address: '10.20.1.77/22', assigned_object_type: 'dcim.interface', assigned_object_id: from.interfaceId },
    })
  ).body.id;
  expect((await api(`dcim/devices/${from.deviceId}/`, { method: 'PATCH', body: { oob_ip: ip } })).status).toBe(200);
  const naive = await api(`ipam/ip-addresses/${ip}/`, {
    method: 'PATCH',
    body: { assigned_object_id: to.interfaceId },
  });
  expect(naive.status).toBe(400);
  const device = (key: string, id: number, before: number | null, after: number | null, needs: string[]): Change => ({
    op: 'update',
    kind: 'dcim.device',
    key,
    label: key,
    subject: `device:${id}`,
    id,
    before: { oob_ip: before },
    after: { oob_ip: after },
    needs,
  });
  await using netbox = await openEngine();
  const results = await applyAll(netbox, [
    device('release', from.deviceId, ip, null, []),
    {
      op: 'update',
      kind: 'ipam.ipaddress',
      key: 'move',
      label: 'move',
      subject: `device:${from.deviceId}`,
      id: ip,
      before: { assigned_object_id: from.interfaceId },
      after: { assigned_object_id: to.interfaceId },
      needs: ['release'],
    },
    device('take', to.deviceId, null, ip, ['move']),
  ]);
  expect([...results.values()].map(result => result.state)).toEqual(['done', 'done', 'done']);
  expect((await api<{ oob_ip: { id: number } }>(`dcim/devices/${to.deviceId}/`)).body.oob_ip.id).toBe(ip);
});

test('8. ?fields= drops written fields without a word: every write is compared with what NetBox stored', async () => {
  const [row] = (await devices(1, 60)) as [Awaited<ReturnType<typeof devices>>[number]];
  const naive = await api('dcim/devices/?fields=id,name', {
    method: 'PATCH',
    body: [{ id: row.id, comments: 'dropped' }],
  });
  expect(naive.status).toBe(200);
  expect(await commentsOf([row.id])).toEqual([row.comments]);
  await using netbox = await openEngine();
  const [fresh] = await devices(1, 60);
  const results = await applyAll(netbox, [
    setComments(fresh ?? row, 'stored'),
    {
      op: 'update',
      kind: 'dcim.interface',
      key: 'ignored',
      label: 'ignored',
      subject: 'x',
      id: (await targets(1, 61))[0]?.interfaceId ?? 0,
      before: { no_such_field: null },
      after: { no_such_field: 'x' },
    },
  ]);
  expect(results.get(`comments:${row.id}`)?.state).toBe('done');
  expect(await commentsOf([row.id])).toEqual(['stored']);
  expect(results.get('ignored')).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('did not store no_such_field'),
  });
});

// 9. A time-out is no rollback: faults.test.ts loses answers of writes that NetBox did.

test('10. configuration lives outside the database: after a reset NetBox does not go on with the old one', async () => {
  const { REDIS_HOST, REDIS_PORT } = labEnv();
  const rows = async () => (await api<Page>('dcim/devices/?limit=1000&fields=id,name')).body.results.length;
  await sql(
    `INSERT INTO core_configrevision (active, created, comment, data) VALUES (true, now(), 'test', '{"MAX_PAGE_SIZE": 7}')`,
  );
  const redis = createClient({ socket: { host: REDIS_HOST ?? '', port: Number(REDIS_PORT) }, database: 1 });
  await redis.connect();
  // NetBox asks its database only when Redis has forgotten.
  await redis.flushDb();
  redis.destroy();
  expect(await rows()).toBe(7);
  await resetLab();
  expect(await rows()).toBe(smallFleet.devices);
});

test("11. writes carry the run in NetBox's change log", async () => {
  const [row] = (await devices(1, 62)) as [Awaited<ReturnType<typeof devices>>[number]];
  await using netbox = await openEngine();
  await applyAll(netbox, [setComments(row, 'logged')]);
  const [entry] = await sql<{ message: string }>(
    'SELECT message FROM core_objectchange WHERE changed_object_id = $1 ORDER BY id DESC LIMIT 1',
    [row.id],
  );
  expect(entry?.message).toBe('bmtool test run t-1');
});
