import { beforeAll, describe, expect, test } from 'vitest';
import { bmtool, bmtoolJson } from '../support/bmtool.ts';
import { api, changeCount, resetLab, sql } from '../support/netbox.ts';
import { openEvents, patch, post, remove, type Standing, standing } from '../support/phases.ts';
import { isThorough } from '../support/tries.ts';

/** A fleet of five servers under a role of their own, so that the whole of it is put into a phase in seconds. */
const bench = { env: { BMTOOL_SERVER_ROLE: 'Bench' } };
const size = 5;
let servers: Standing[] = [];

beforeAll(async () => {
  await resetLab();
  const role = await post('dcim/device-roles/', { name: 'Bench Server', slug: 'bench-server', color: 'ff0000' });
  servers = await standing(size);
  for (const { id } of servers) await patch(`dcim/devices/${id}/`, { role: role.id });
});

type Check = { asked: string; expected: number; found: number; ok: boolean; offenders: string[] };
type Verified = { phase: number; guessed: boolean; checks: Check[] };

const verify = (...phase: string[]) => bmtoolJson<Verified>(['verify', ...phase], bench);
const restore = (phase: number) => bmtool(['state', 'restore', String(phase)], bench);

/** `expected/found` of every question, by what was asked. */
const answers = ({ checks }: Verified) =>
  Object.fromEntries(checks.map(({ asked, expected, found }) => [asked, `${expected}/${found}`]));
/** The questions whose answer is otherwise, with who is. */
const otherwise = ({ checks }: Verified) =>
  Object.fromEntries(checks.filter(({ ok }) => !ok).map(({ asked, offenders }) => [asked, offenders]));

const asked = {
  oob: 'servers with an out-of-band address',
  any: 'addresses on BMC interfaces',
  inside: 'addresses of 10.20.0.0/22 on BMC interfaces',
  inAll: 'addresses on BMC interfaces in all',
  tags: 'cables with the tag cable-inverted',
  entries: 'journal entries "Cable Inversion" by bmtool',
  events: 'events in the queue',
};

const expectations = [
  [
    0,
    {
      'servers with status offline': '5/5',
      [asked.oob]: '0/0',
      [asked.any]: '0/0',
      [asked.tags]: '0/0',
      [asked.entries]: '0/0',
      [asked.events]: '0/0',
    },
  ],
  [
    1,
    {
      'servers with status planned': '5/5',
      [asked.oob]: '5/5',
      [asked.inside]: '5/5',
      [asked.inAll]: '5/5',
      [asked.tags]: '0/0',
      [asked.entries]: '0/0',
      [asked.events]: '0/0',
    },
  ],
  [
    2,
    {
      'servers with status failed': '5/5',
      [asked.oob]: '5/5',
      [asked.inside]: '5/5',
      [asked.inAll]: '5/5',
      [asked.tags]: '10/10',
      [asked.entries]: '5/5',
      [asked.events]: '0/0',
    },
  ],
] as const;

// Phase 2 has an answer to every question.
test.for(isThorough ? expectations : expectations.slice(2))(
  'phase %s: every question and its answer; without a number it is the phase recognised',
  async ([phase, expected]) => {
    const done = await restore(phase);
    expect(done.exitCode, done.stderr).toBe(0);
    const before = await changeCount();
    for (const [args, guessed] of [
      [[String(phase)], false],
      [[], true],
    ] as const) {
      const { exitCode, result } = await verify(...args);
      expect(answers(result)).toEqual(expected);
      expect(result).toMatchObject({ phase, guessed });
      expect(exitCode).toBe(0);
    }
    const other = (phase + 1) % 3;
    const wrong = await verify(String(other));
    expect(wrong.exitCode).toBe(3);
    expect(Object.values(otherwise(wrong.result))[0]).toEqual(servers.map(({ name }) => name));
    const shown = await bmtoolJson<{ phase: number }>(['state', 'show'], bench);
    expect(shown.result.phase).toBe(phase);
    expect(await changeCount()).toBe(before);
  },
);

describe('sabotage in phase 2: the row that differs, and who it is', () => {
  const names = (...places: number[]) => places.map(place => servers[place]?.name);
  const all: Record<string, (string | undefined)[]> = {};

  beforeAll(async () => {
    expect((await restore(2)).exitCode).toBe(0);
  });

  /** Each comes on top of those before it: a row that differs hides none of the others. */
  test.for([
    ['a status', sabotageStatus, () => ({ 'servers with status failed': names(0) })],
    ['an address', removeAddress, () => ({ [asked.oob]: names(1), [asked.inside]: names(1), [asked.inAll]: names(1) })],
    ['an address too many', addAddress, () => ({ [asked.inAll]: names(1, 2) })],
    ['a tag', removeTag, () => ({ [asked.tags]: names(3) })],
    ["bmtool's own entry", removeEntry, () => ({ [asked.entries]: names(4) })],
    ['an event', addEvent, () => ({ [asked.events]: [] })],
  ] as const)('%s', async ([, sabotage, more]) => {
    await sabotage();
    Object.assign(all, more());
    const { exitCode, result } = await verify('2');
    expect(otherwise(result)).toEqual(all);
    expect(exitCode).toBe(3);
  });

  test.runIf(isThorough)(
    'people see it too: ✗ and the name on the row, exit 3; and one restore mends it all',
    async () => {
      const ran = await bmtool(['verify', '2'], bench);
      const row = (question: string) => ran.stdout.split('\n').find(line => line.includes(question)) ?? '';
      expect(row('servers with status failed')).toBe(`✗\tservers with status failed\t5\t4\t${servers[0]?.name}`);
      expect(row(asked.tags)).toMatch(/^✗/);
      expect(ran.exitCode).toBe(3);
      const mended = await restore(2);
      expect(mended.exitCode, mended.stdout + mended.stderr).toBe(0);
      expect(otherwise((await verify('2')).result)).toEqual({});
    },
  );

  async function sabotageStatus() {
    await patch(`dcim/devices/${servers[0]?.id}/`, { status: 'active' });
  }
  async function removeAddress() {
    const [address] = await sql<{ id: number }>(`SELECT id::int FROM ipam_ipaddress WHERE assigned_object_id = $1`, [
      servers[1]?.bmcs[0],
    ]);
    await remove(`ipam/ip-addresses/${address?.id}/`);
  }
  async function addAddress() {
    await post('ipam/ip-addresses/', {
      address: '192.168.7.7/24',
      assigned_object_type: 'dcim.interface',
      assigned_object_id: servers[2]?.bmcs[0],
    });
    await post('ipam/ip-addresses/', {
      address: '192.168.7.8/24',
      assigned_object_type: 'dcim.interface',
      assigned_object_id: servers[2]?.bmcs[0],
    });
  }
  async function removeTag() {
    await patch(`dcim/cables/${servers[3]?.nics[0]?.cable}/`, { tags: [] });
    await patch(`dcim/cables/${servers[3]?.nics[1]?.cable}/`, { tags: [] });
  }
  async function removeEntry() {
    const [entry] = await sql<{ id: number }>('SELECT id::int FROM extras_journalentry WHERE assigned_object_id = $1', [
      servers[4]?.id,
    ]);
    await remove(`extras/journal-entries/${entry?.id}/`);
  }
  async function addEvent() {
    await using queue = await openEvents();
    await queue.set(['{"device":"somebody else"}']);
  }
});

describe('verify cables', () => {
  type Row = { server: string; nic: string; cable: number; isIn?: string; belongsIn: string };
  type Cables = { otherwise: number; rows: Row[]; marked: string[] };
  const cables = () => bmtoolJson<Cables>(['verify', 'cables'], bench);

  /** `tor-r1-a Ethernet1` */
  async function portName(id: number | null | undefined): Promise<string> {
    const [row] = await sql<{ name: string }>(
      "SELECT d.name || ' ' || i.name AS name FROM dcim_interface i JOIN dcim_device d ON d.id = i.device_id WHERE i.id = $1",
      [id],
    );
    return row?.name ?? '';
  }

  beforeAll(async () => {
    expect((await restore(2)).exitCode).toBe(0);
  });

  test('each cable with the port that it is in and the one where it belongs', async () => {
    const { exitCode, result } = await cables();
    expect(exitCode).toBe(3);
    expect(result).toMatchObject({ otherwise: size, marked: [] });
    const expected = await Promise.all(
      servers.flatMap(({ name, nics: [a, b] }) =>
        [
          [a, b],
          [b, a],
        ].map(async ([nic, other]) => ({
          server: name,
          nic: nic?.name,
          cable: nic?.cable,
          isIn: await portName(other?.port),
          belongsIn: await portName(nic?.port),
        })),
      ),
    );
    expect(result.rows).toMatchObject(expected);
  });

  test.runIf(isThorough)('mended by hand through the API: no longer listed, but named as still marked', async () => {
    const [mended, half] = servers as [Standing, Standing];
    const plug = async (nic: Standing['nics'][number] | undefined, port: number | null | undefined) =>
      patch(`dcim/cables/${nic?.cable}/`, {
        b_terminations: port ? [{ object_type: 'dcim.interface', object_id: port }] : [],
      });
    const [a, b] = mended.nics;
    await plug(a, null);
    await plug(b, b?.port);
    await plug(a, a?.port);
    await plug(half.nics[0], null);
    const { exitCode, result } = await cables();
    expect(exitCode).toBe(3);
    expect(result).toMatchObject({ otherwise: size - 1, marked: [mended.name] });
    expect(result.rows.map(({ server }) => server)).not.toContain(mended.name);
    expect(result.rows.filter(({ server }) => server === half.name).map(({ isIn }) => isIn)).toEqual([
      undefined,
      await portName(half.nics[0]?.port),
    ]);
    expect((await bmtool(['verify', 'cables'], bench)).stdout).toMatch(new RegExp(`^${half.name}\t.*\tno port\t`, 'm'));
    const trace = await api<{ connected_endpoints: { id: number }[] }>(`dcim/interfaces/${a?.id}/`);
    expect(trace.body.connected_endpoints.map(({ id }) => id)).toEqual([a?.port]);
  });

  test.runIf(isThorough)('all mended: exit 0', async () => {
    expect((await restore(1)).exitCode).toBe(0);
    const { exitCode, result } = await cables();
    expect([exitCode, result.otherwise, result.rows, result.marked]).toEqual([0, 0, [], []]);
  });
});
