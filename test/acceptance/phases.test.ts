import { beforeAll, describe, expect, test } from 'vitest';
import { bmtool } from '../support/bmtool.ts';
import { macOf } from '../support/manifest.ts';
import { api, changeCount, resetLab, sql } from '../support/netbox.ts';
import {
  differences,
  expectPhase,
  openEvents,
  type PhaseNumber,
  patch,
  post,
  type Rows,
  record,
  remove,
  restore,
  rowsOfOthers,
  type Standing,
  standing,
  tokenOf,
} from '../support/phases.ts';
import { isThorough } from '../support/tries.ts';

beforeAll(() => resetLab());

/** What other programs write into the queue about servers of the limit, and about others; each in a shape of its own. */
function eventsAbout(
  inside: readonly Standing[],
  outside: readonly Standing[],
  macs: { ours: string; theirs: string },
) {
  const [a, b, c] = inside as [Standing, Standing, Standing];
  const [x, y, z] = outside as [Standing, Standing, Standing];
  const about = [
    JSON.stringify({ event: 'dhcp', mac: macs.ours.toLowerCase().replaceAll(':', '-') }),
    JSON.stringify({ data: [{ serial: a.serial.toLowerCase() }] }),
    JSON.stringify({ device: b.name }),
    JSON.stringify({ device: b.name }),
    JSON.stringify({ device: { name: c.name.toUpperCase(), seen: 1 } }),
  ];
  const others = [
    JSON.stringify({ mac: macs.theirs }),
    JSON.stringify({ serial: x.serial }),
    JSON.stringify({ device: y.name }),
    JSON.stringify({ note: `next to ${a.name}` }),
    `no JSON: ${a.name}`,
    JSON.stringify({ device: z.name }),
    JSON.stringify({ device: z.name }),
  ];
  // Mixed, so that the order of those that stay shows.
  const all = others.flatMap((event, i) => (about[i] === undefined ? [event] : [event, about[i]]));
  return { all, about, others };
}

describe('every way from one phase to another, the first of all servers', () => {
  const limit = isThorough ? 15 : 4;
  let design: Standing[] = [];
  let others: Rows = new Map();
  let events: ReturnType<typeof eventsAbout>;
  let ids: Record<string, number[]> = {};
  const seen = new Map<PhaseNumber, Rows>();

  beforeAll(async () => {
    // One cable the other way round: its A side is in the switch.
    const [, , , server] = (await standing(4)) as [Standing, Standing, Standing, Standing];
    await turnRound(server.nics[1]);
    const outside = (await standing(limit + 20)).slice(limit);
    const [ours, theirs] = [macOf(1), macOf(2)];
    await giveMac(server, ours);
    await giveMac(outside[0], theirs);
    design = await standing(limit);
    events = eventsAbout(design, outside, { ours, theirs });
    others = await rowsOfOthers(design.map(({ id }) => id));
    seen.set(0, await record());
    ids = await idsMadeByPhases();
  });

  const ways = [
    [0, 1],
    [1, 2],
    [2, 0],
    [0, 2],
    [2, 1],
    [1, 0],
  ] as const;
  // The first three lead to each phase once, and back.
  for (const [from, to] of isThorough ? ways : ways.slice(0, 3)) {
    test(`${from} → ${to}, and again without a write`, async () => {
      await expectPhase(from, design);
      await using queue = await openEvents();
      await queue.set(events.all);
      const { exitCode, result } = await restore(to, limit);
      expect(result.problems).toEqual([]);
      expect(result.failures).toEqual([]);
      expect(exitCode).toBe(0);
      await expectPhase(to, design);
      expect(await queue.all()).toEqual(events.others);
      expect(result.events).toBe(events.about.length);
      expect(differences(others, await rowsOfOthers(design.map(({ id }) => id)))).toEqual({});

      // The way there leaves no trace: where a phase was before, every row of the database is as it was then.
      const rows = await record();
      expect(differences(seen.get(to) ?? rows, rows)).toEqual({});
      seen.set(to, rows);

      const before = await changeCount();
      const again = await restore(to, limit);
      expect(again.exitCode).toBe(0);
      expect(again.result).toMatchObject({ writes: 0, events: 0 });
      expect(again.result.runId).toBeUndefined();
      expect(await changeCount()).toBe(before);
      expect(await queue.all()).toEqual(events.others);
    });
  }

  test('back at the start nothing is left of it, not even an id', async () => {
    expect(await idsMadeByPhases()).toEqual(ids);
  });
});

describe("a person's things survive", () => {
  beforeAll(() => resetLab());

  test.runIf(isThorough)('a label, a colour, comments, tags, journal entries, and a tag of the same name', async () => {
    const design = await standing(3);
    const [a, b, c] = design as [Standing, Standing, Standing];
    const [, , , beyond] = await standing(4);
    const spare = await post('extras/tags/', { name: 'spare', slug: 'spare', description: 'to be reused' });
    const theirs = { name: 'Cable inverted', slug: 'cable-inverted', color: '00ff00', description: 'to be looked at' };
    const inverted = await post('extras/tags/', theirs);
    await patch(`dcim/cables/${a.nics[0]?.cable}/`, {
      label: 'by hand',
      color: 'aa1409',
      length: 7,
      length_unit: 'ft',
      description: 'stiff',
      comments: 'came from R9',
      tags: [spare.id],
    });
    await patch(`dcim/devices/${b.id}/`, { tags: [spare.id], description: 'on loan', comments: 'until May' });
    await patch(`dcim/cables/${beyond?.nics[0]?.cable}/`, { tags: [inverted.id] });
    const token = await tokenOf('ann', { 'extras.journalentry': ['view', 'add'] });
    for (const [server, kind, comments] of [
      [a, 'warning', 'Cable Inversion, seen on Tuesday'],
      [b, 'info', '**Cable Inversion** (bmtool phase 2): who did that?'],
      [c, 'warning', 'Fan 2 is loud'],
    ] as const)
      expect((await writeEntry(server, { kind, comments }, token)).status).toBe(201);
    const [before, ids] = [await record(), await idsMadeByPhases()];
    const cables = `SELECT id, label, color, length, length_unit, description, comments, type, status, profile FROM dcim_cable ORDER BY id`;
    const plain = await sql(cables);

    expect((await restore(2, 3)).exitCode).toBe(0);
    await expectPhase(2, design);
    expect(await sql(cables)).toEqual(plain);
    expect((await restore(0, 3)).exitCode).toBe(0);
    expect(differences(before, await record())).toEqual({});
    expect(await idsMadeByPhases()).toEqual(ids);
  });

  test("somebody's warning that quotes bmtool's is theirs: it stays, and does not count", async () => {
    const [server] = (await standing(1)) as [Standing];
    const token = await tokenOf('bob', { 'extras.journalentry': ['view', 'add'] });
    const comments = '> **Cable Inversion** (bmtool phase 2): the switch ends …\n\nI looked: they are not.';
    expect((await writeEntry(server, { kind: 'warning', comments }, token)).status).toBe(201);
    const before = await record();
    const { exitCode, result } = await restore(0, 1);
    expect(result.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(exitCode).toBe(0);
    expect(differences(before, await record())).toEqual({});
  });

  test.runIf(isThorough)(
    'an entry of bmtool that somebody wrote on in is theirs from then on: a new one is written, and theirs stays',
    async () => {
      await resetLab();
      const [server] = (await standing(1)) as [Standing];
      expect((await restore(2, 1)).exitCode).toBe(0);
      const [entry] = await sql<{ id: number; comments: string }>('SELECT id::int, comments FROM extras_journalentry');
      const comments = `${entry?.comments}\n\nSeen. Bob`;
      await patch(`extras/journal-entries/${entry?.id}/`, { comments });
      for (const phase of [2, 0] as const) {
        const { exitCode, result } = await restore(phase, 1);
        expect(result.checks.filter(({ ok }) => !ok)).toEqual([]);
        expect(exitCode).toBe(0);
        const [now] = (await standing(1)) as [Standing];
        expect(now.entries).toHaveLength(phase === 2 ? 2 : 1);
        expect(now.entries).toContain(comments);
      }
      expect((await standing(1))[0]?.nics.map(({ port }) => port)).toEqual(server.nics.map(({ port }) => port));
    },
  );
});

describe('addresses', () => {
  beforeAll(() => resetLab());
  const on = (id: number | undefined) => ({ assigned_object_type: 'dcim.interface', assigned_object_id: id });

  test('ranges and addresses of others are passed over, a right one stays, a wrong one goes', async () => {
    const servers = await standing(5);
    const [, , third, , fifth] = servers as [Standing, Standing, Standing, Standing, Standing];
    const [port] = await sql<{ id: number }>(
      "SELECT id::int FROM dcim_interface WHERE name = 'Management1' ORDER BY id",
    );
    await post('ipam/ip-ranges/', { start_address: '10.20.0.2/22', end_address: '10.20.0.5/22', status: 'active' });
    const foreign = await post('ipam/ip-addresses/', { address: '10.20.0.7/22', ...on(port?.id), dns_name: 'tor' });
    const right = await post('ipam/ip-addresses/', { address: '10.20.0.100/22', ...on(third.bmcs[0]), dns_name: 'c' });
    await post('ipam/ip-addresses/', { address: '192.168.7.5/24', ...on(fifth.bmcs[0]) });
    expect((await restore(1, 5)).exitCode).toBe(0);
    await expectPhase(1, servers);
    // The n-th server has the n-th address that is neither in a range nor somebody else's.
    expect((await standing(5)).map(({ oob }) => oob)).toEqual([
      '10.20.0.6/22',
      '10.20.0.8/22',
      '10.20.0.100/22',
      '10.20.0.10/22',
      '10.20.0.11/22',
    ]);
    const kept = await sql<{ id: number; dns_name: string }>(
      'SELECT id::int, dns_name FROM ipam_ipaddress WHERE id = ANY($1) ORDER BY id',
      [[foreign.id, right.id]],
    );
    expect(kept).toEqual([
      { id: foreign.id, dns_name: 'tor' },
      { id: right.id, dns_name: 'c' },
    ]);
  });

  test('a prefix that is too small: the numbers, and not a single write', async () => {
    await post('ipam/prefixes/', { prefix: '10.99.0.0/30', status: 'active' });
    const before = await changeCount();
    const ran = await bmtool(['state', 'restore', '1', '--limit', '5'], { env: { BMTOOL_BMC_PREFIX: '10.99.0.0/30' } });
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toMatch(/10\.99\.0\.0\/30 is too small: 5 servers .* 2 free/);
    expect(await changeCount()).toBe(before);
  });
});

/** What the phases make and take away again, by id. */
async function idsMadeByPhases(): Promise<Record<string, number[]>> {
  const ids = async (table: string) => (await sql(`SELECT id FROM ${table} ORDER BY id`)).map(({ id }) => Number(id));
  const tables = ['ipam_ipaddress', 'extras_tag', 'extras_journalentry', 'extras_taggeditem'];
  return Object.fromEntries(await Promise.all(tables.map(async table => [table, await ids(table)] as const)));
}

function writeEntry(server: Standing, fields: { kind: string; comments: string }, token: string) {
  return api('extras/journal-entries/', {
    method: 'POST',
    body: { assigned_object_type: 'dcim.device', assigned_object_id: server.id, ...fields },
    headers: { authorization: `Bearer ${token}` },
  });
}

/** The same cable, made anew with its sides exchanged. */
async function turnRound(nic: Standing['nics'][number] | undefined): Promise<void> {
  const { status, body } = await api<Record<string, unknown>>(`dcim/cables/${nic?.cable}/`);
  expect(status).toBe(200);
  await remove(`dcim/cables/${nic?.cable}/`);
  const end = (id: unknown) => [{ object_type: 'dcim.interface', object_id: id }];
  await post('dcim/cables/', { label: body.label, a_terminations: end(nic?.port), b_terminations: end(nic?.id) });
}

async function giveMac(server: Standing | undefined, mac: string): Promise<void> {
  await post('dcim/mac-addresses/', {
    mac_address: mac,
    assigned_object_type: 'dcim.interface',
    assigned_object_id: server?.bmcs[0],
  });
}
