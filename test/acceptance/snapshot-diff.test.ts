import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bmtool, bmtoolJson, succeed } from '../support/bmtool.ts';
import { asLabSuperuser } from '../support/exact.ts';
import { resetLab, servers, sql } from '../support/netbox.ts';
import { ownDatabases, sweep } from '../support/own-databases.ts';
import { patch, post, remove } from '../support/phases.ts';

type Diff = {
  before: unknown;
  after: unknown;
  summary: { kind: string; removed: number; added: number; changed: number; remade: number; fields: object }[];
  objects: { kind: string; op: string; id: number; name: string; fields: Record<string, unknown> }[];
  tables: { table: string; before: number | null; after: number | null }[];
  shape: unknown[];
};
type Saved = { snapshot: { database: string; timestamp: string } };

async function save(name: string) {
  return (await succeed<Saved>(['snapshot', 'save', name, '--fast-next', 'off'])).snapshot;
}

async function diff(...args: string[]) {
  const { exitCode, result, stderr } = await bmtoolJson<Diff>(['snapshot', 'diff', ...args]);
  return { exitCode, stderr, ...result };
}

/** Snapshots that take clients. */
const open = async () => (await ownDatabases()).filter(one => one.open);

beforeAll(async () => {
  await resetLab({ indexing: true });
  await sweep();
});

afterAll(async () => {
  await sweep();
  await resetLab({ indexing: true });
});

/** The time of the oldest snapshot that is called a. */
async function firstOfA(): Promise<string> {
  const { result } = await bmtoolJson<{ snapshots: { name: string; timestamp: string }[] }>(['snapshot', 'list']);
  return result.snapshots.findLast(({ name }) => name === 'a')?.timestamp ?? expect.fail('there is no a');
}

describe('known changes, made through NetBox', () => {
  /** What is to be changed, and what it is called. */
  async function prepare() {
    const [first, second, third] = await servers(3);
    if (first === undefined || second === undefined || third === undefined) return expect.fail('no servers');
    const on = (interfaceId: number) => ({ assigned_object_type: 'dcim.interface', assigned_object_id: interfaceId });
    const mac = (address: string, interfaceId: number) =>
      post('dcim/mac-addresses/', { mac_address: address, ...on(interfaceId) });
    const address = (text: string, interfaceId: number) =>
      post('ipam/ip-addresses/', { address: text, ...on(interfaceId) });
    const [oldMac, movedMac, oldAddress] = [
      await mac('94:40:C9:00:00:01', first.interfaceId),
      await mac('94:40:C9:00:00:02', first.interfaceId),
      await address('10.99.0.1/24', first.interfaceId),
    ];
    const cables = await sql<{
      id: number;
      label: string;
      type: string;
      color: string;
      length: number;
      length_unit: string;
    }>('SELECT id::int, label, type, color, length::float8, length_unit FROM dcim_cable ORDER BY id LIMIT 3');
    const ends = await sql<{ cable: number; end: string; interface: number; name: string }>(
      `SELECT t.cable_id::int AS cable, t.cable_end AS end, i.id::int AS interface, d.name || ' ' || i.name AS name
       FROM dcim_cabletermination t JOIN dcim_interface i ON i.id = t.termination_id JOIN dcim_device d ON d.id = i.device_id
       WHERE t.cable_id = ANY($1)`,
      [cables.map(({ id }) => id)],
    );
    const end = (cable: number, side: 'A' | 'B') =>
      ends.find(one => one.cable === cable && one.end === side) ?? expect.fail(`no end ${side} of ${cable}`);
    const [labelled, gone, again] = cables.map(one => ({ ...one, a: end(one.id, 'A'), b: end(one.id, 'B') }));
    if (labelled === undefined || gone === undefined || again === undefined) return expect.fail('no cables');
    return { first, second, third, on, mac, address, oldMac, movedMac, oldAddress, labelled, gone, again };
  }

  test('are told, all of them and nothing else', async () => {
    const { first, second, third, on, mac, address, ...made } = await prepare();
    const { oldMac, movedMac, oldAddress, labelled, gone, again } = made;
    const snapshot = await save('a');
    expect(await diff('a')).toMatchObject({ exitCode: 0, objects: [], tables: [], shape: [] });

    await patch(`dcim/devices/${first.deviceId}/`, { status: 'failed', comments: 'line\nline' });
    await patch(`dcim/devices/${second.deviceId}/`, { serial: 'OTHER' });
    await patch(`dcim/interfaces/${first.interfaceId}/`, { description: 'ünder "quotes"', enabled: false });
    await remove(`dcim/mac-addresses/${oldMac.id}/`);
    await patch(`dcim/mac-addresses/${movedMac.id}/`, on(second.interfaceId));
    const newMac = await mac('94:40:C9:00:00:03', third.interfaceId);
    await remove(`ipam/ip-addresses/${oldAddress.id}/`);
    const sameAddress = await address('10.99.0.1/24', third.interfaceId);
    await patch(`dcim/devices/${third.deviceId}/`, { oob_ip: sameAddress.id });
    await patch(`dcim/cables/${labelled.id}/`, { label: 'x' });
    await remove(`dcim/cables/${gone.id}/`);
    await remove(`dcim/cables/${again.id}/`);
    const termination = (id: number) => [{ object_type: 'dcim.interface', object_id: id }];
    const cable = await post('dcim/cables/', {
      a_terminations: termination(again.a.interface),
      b_terminations: termination(again.b.interface),
      status: 'planned',
      label: again.label,
      type: again.type,
      color: again.color,
    });
    const entry = await post('extras/journal-entries/', {
      assigned_object_type: 'dcim.device',
      assigned_object_id: first.deviceId,
      comments: 'first line\nsecond line',
    });

    const found = await diff('a', 'live');
    expect(found.exitCode).toBe(3);
    expect(await open()).toEqual([]);
    expect(found.before).toMatchObject({ name: 'a', database: snapshot.database });
    const was = (before: unknown, after: unknown) => ({ before, after });
    const named = (id: number, name: string) => ({ id, name });
    const bmc = ({ name, bmc: port }: { name: string; bmc: string }) => `${name} ${port}`;
    const byId = (a: { kind: string; id: number }, b: { kind: string; id: number }) =>
      a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.id - b.id;
    const [endsOfGone, endsOfAgain] = [gone, again].map(({ a, b }) => `${a.name} – ${b.name}`);
    expect([...found.objects].sort(byId)).toEqual(
      [
        {
          kind: 'device',
          op: 'changed',
          id: first.deviceId,
          name: first.name,
          fields: { status: was('offline', 'failed'), comments: was('', 'line\nline') },
        },
        {
          kind: 'device',
          op: 'changed',
          id: second.deviceId,
          name: second.name,
          fields: { serial: was(second.serial, 'OTHER') },
        },
        {
          kind: 'device',
          op: 'changed',
          id: third.deviceId,
          name: third.name,
          fields: { oob_ip: was(null, named(sameAddress.id, '10.99.0.1/24')) },
        },
        {
          kind: 'interface',
          op: 'changed',
          id: first.interfaceId,
          name: bmc(first),
          fields: { description: was('', 'ünder "quotes"'), enabled: was(true, false) },
        },
        { kind: 'mac', op: 'removed', id: oldMac.id, name: `94:40:C9:00:00:01 of ${bmc(first)}`, fields: {} },
        {
          kind: 'mac',
          op: 'changed',
          id: movedMac.id,
          name: `94:40:C9:00:00:02 of ${bmc(second)}`,
          fields: {
            assigned_object: was(named(first.interfaceId, bmc(first)), named(second.interfaceId, bmc(second))),
          },
        },
        { kind: 'mac', op: 'added', id: newMac.id, name: `94:40:C9:00:00:03 of ${bmc(third)}`, fields: {} },
        {
          kind: 'address',
          op: 'remade',
          id: sameAddress.id,
          name: `10.99.0.1/24 of ${bmc(third)}`,
          fields: { assigned_object: was(named(first.interfaceId, bmc(first)), named(third.interfaceId, bmc(third))) },
        },
        {
          kind: 'cable',
          op: 'changed',
          id: labelled.id,
          name: `${labelled.a.name} – ${labelled.b.name}`,
          fields: { label: was(labelled.label, 'x') },
        },
        { kind: 'cable', op: 'removed', id: gone.id, name: endsOfGone, fields: {} },
        {
          kind: 'cable',
          op: 'remade',
          id: cable.id,
          name: endsOfAgain,
          fields: {
            status: was('connected', 'planned'),
            length: was(again.length, null),
            length_unit: was(again.length_unit, null),
          },
        },
        { kind: 'journal', op: 'added', id: entry.id, name: `${first.name}: first line`, fields: {} },
      ].sort(byId),
    );
    const rows = (table: string) => found.tables.find(one => one.table === table);
    expect(rows('core_objectchange')?.after).toBeGreaterThan(rows('core_objectchange')?.before ?? 0);
    for (const { table } of found.tables) expect(table).toMatch(/^(core|extras|django|users)_|^dcim_cablepath$/);
    expect(
      found.summary.map(({ kind, removed, added, changed, remade }) => [kind, removed, added, changed, remade]),
    ).toEqual([
      ['device', 0, 0, 3, 0],
      ['interface', 0, 0, 1, 0],
      ['mac', 1, 1, 1, 0],
      ['address', 0, 0, 0, 1],
      ['cable', 1, 0, 1, 1],
      ['journal', 0, 1, 0, 0],
    ]);
  });

  test('between two snapshots, and the other way round', async () => {
    await save('b');
    const [there, back] = [await diff('a', 'b'), await diff('b', 'a')];
    expect(there).toMatchObject({ exitCode: 3, after: { name: 'b' } });
    const { objects } = await diff('a');
    expect(there.objects).toEqual(objects);
    const opposite: Record<string, string> = { removed: 'added', added: 'removed' };
    const ops = (all: Diff['objects']) => all.map(({ kind, op }) => `${kind} ${op}`).sort();
    expect(ops(back.objects)).toEqual(ops(objects.map(one => ({ ...one, op: opposite[one.op] ?? one.op }))));
    expect(await diff('b')).toMatchObject({ exitCode: 0, objects: [] });
    expect(await open()).toEqual([]);
  });

  test('an earlier one of one name and the newest of it', async () => {
    const first = await firstOfA();
    await save('a');
    const { exitCode, objects } = await diff('a', 'a', '--timestamp', first);
    expect([exitCode, objects.length]).toEqual([3, 12]);
  });

  test('piped, each difference is a whole row, and the talk is beside it', async () => {
    const { stdout, stderr, exitCode } = await bmtool(['snapshot', 'diff', 'a', 'b', '--timestamp', await firstOfA()]);
    const { objects, tables } = await diff('a', 'b', '--timestamp', await firstOfA());
    const rows = stdout.split('\n').map(line => line.split('\t'));
    const [server] = objects.filter(({ fields }) => fields.serial !== undefined);
    expect(rows.filter(([, , id]) => id === String(server?.id))).toEqual([
      ['device', 'changed', String(server?.id), server?.name, 'serial', expect.any(String), 'OTHER'],
    ]);
    expect(rows.filter(([kind]) => kind !== 'table').length).toBe(
      objects.reduce((sum, { fields }) => sum + Math.max(1, Object.keys(fields).length), 0),
    );
    expect(rows.filter(([kind]) => kind === 'table').map(row => row[3])).toEqual(tables.map(({ table }) => table));
    expect(stderr).toMatch(/"a" of \d{8}-\d{6} UTC → "b" of/);
    expect(stderr).toContain('Different: 3 devices, 1 interface, 3 MAC');
    expect(exitCode).toBe(3);
  });
});

test.each([
  ['a name that is not there', ['nothing'], /There is no snapshot "nothing"/],
  ['another that is not there', ['a', 'nothing'], /There is no snapshot "nothing"/],
  ['one with itself', ['a', 'a'], /one and the same[\s\S]*--timestamp/],
  ['the live record with itself', ['live', 'live'], /one and the same/],
  ['no name at all', [], /name/],
])('%s is wrong usage', async (_, args, message) => {
  const { exitCode, stderr } = await bmtool(['snapshot', 'diff', ...args]);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
});

test('a snapshot is no more open than the record, and is found where its settings say', async () => {
  const settings = (name: string) =>
    asLabSuperuser<{ grants: string; settings: string[] }>(
      `SELECT datacl::text AS grants, setconfig AS settings FROM pg_database d LEFT JOIN pg_db_role_setting s ON s.setdatabase = d.oid
       WHERE datname = '${name}'`,
    );
  await sql('REVOKE CONNECT ON DATABASE netbox FROM PUBLIC');
  await sql('ALTER DATABASE netbox SET search_path = elsewhere, public');
  try {
    const { database } = await save('closed');
    expect(await settings(database)).toEqual(await settings('netbox'));
    expect(await diff('closed')).toMatchObject({ exitCode: 0 });
  } finally {
    await sql('GRANT CONNECT ON DATABASE netbox TO PUBLIC');
    await sql('ALTER DATABASE netbox RESET search_path');
  }
});
