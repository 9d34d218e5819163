import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bmtool, bmtoolJson } from '../support/bmtool.ts';
import { asLabSuperuser } from '../support/exact.ts';
import { resetLab, sql } from '../support/netbox.ts';
import { ownDatabases, sweep } from '../support/own-databases.ts';
import { differences, openEvents, patch, type Restored, record } from '../support/phases.ts';

type ShortWay = Restored & { via?: { snapshot: string; timestamp: string }; checks: { ok: boolean }[] };

const clean = async () => {
  await sweep();
  await resetLab({ indexing: true });
};
beforeAll(clean);
afterAll(clean);

describe('state restore --via snapshot', () => {
  test('takes a snapshot of the phase, and verifies; undo is that of snapshots', async () => {
    const before = await record();
    expect((await bmtool(['snapshot', 'save', 'zero'])).exitCode).toBe(0);
    expect((await bmtool(['state', 'restore', '1', '--limit', '3'])).exitCode).toBe(0);
    await using queue = await openEvents();
    await queue.set(['an event']);

    const { exitCode, result, stderr } = await bmtoolJson<ShortWay>(['state', 'restore', '0', '--via', 'snapshot']);
    expect([exitCode, result.via?.snapshot], stderr).toEqual([0, 'zero']);
    expect(result.checks.length).toBeGreaterThan(4);
    expect(result.checks.every(({ ok }) => ok)).toBe(true);
    expect(differences(before, await record())).toEqual({});
    expect(await queue.all()).toEqual([]);

    expect((await bmtool(['snapshot', 'undo'])).exitCode).toBe(0);
    const planned = await sql("SELECT 1 FROM dcim_device WHERE status = 'planned'");
    expect([planned.length, await queue.all()]).toEqual([3, ['an event']]);
  });

  test('--dry-run says which one, and touches nothing', async () => {
    const [before, databases] = [await record(), await ownDatabases()];
    const { exitCode, stderr, stdout } = await bmtool(['state', 'restore', '0', '--via', 'snapshot', '--dry-run']);
    expect(exitCode).toBe(0);
    expect(stderr + stdout).toMatch(/Would put the snapshot "zero" of \d{8}-\d{6}/);
    expect(differences(before, await record())).toEqual({});
    expect(await ownDatabases()).toEqual(databases);
  });

  const refused = async (phase: string, ...more: string[]) => {
    const databases = await ownDatabases();
    const ran = await bmtool(['state', 'restore', phase, '--via', 'snapshot', ...more]);
    expect(await ownDatabases()).toEqual(databases);
    return [ran.exitCode, ran.stderr] as const;
  };

  test('names the long way where no snapshot is of the phase', async () => {
    expect(await refused('1')).toEqual([
      2,
      expect.stringMatching(/no snapshot of phase 1\n.*bmtool state restore 1 && bmtool snapshot save 1/),
    ]);
  });

  test('is of the whole record', async () => {
    expect(await refused('0', '--limit', '3')).toEqual([2, expect.stringContaining('--limit')]);
  });

  test('takes none of another fleet', async () => {
    const [device] = await sql<{ id: number }>('SELECT min(id)::int AS id FROM dcim_device');
    await patch('dcim/devices/', [{ id: device?.id, serial: 'ANOTHER' }]);
    expect(await refused('0')).toEqual([2, expect.stringContaining('of another fleet')]);
  });
});

test("a database that is not this NetBox's is refused before anything is made in it", async () => {
  const [live] = await asLabSuperuser<{ owner: string }>(
    "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = 'netbox'",
  );
  await asLabSuperuser(`CREATE DATABASE another TEMPLATE netbox_base OWNER ${live?.owner}`);
  try {
    for (const args of [['save', 'x'], ['restore', 'x'], ['undo']]) {
      const ran = await bmtool(['snapshot', ...args, '--yes'].slice(0, args[0] === 'save' ? -1 : undefined), {
        env: { PGDATABASE: 'another' },
      });
      expect([ran.exitCode, ran.stderr]).toEqual([
        2,
        expect.stringMatching(/does not work on the database another[\s\S]*bmtool doctor/),
      ]);
    }
  } finally {
    await asLabSuperuser('DROP DATABASE another WITH (FORCE)');
  }
});
