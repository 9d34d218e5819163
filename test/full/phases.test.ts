import { beforeAll, expect, test } from 'vitest';
import { bmtoolJson } from '../support/bmtool.ts';
import { changeCount, resetLab, sql } from '../support/netbox.ts';
import {
  differences,
  expectPhase,
  openEvents,
  type PhaseNumber,
  type Restored,
  type Rows,
  record,
  type Standing,
  standing,
  startInTheMiddle,
  taggedCount,
} from '../support/phases.ts';

/** The whole fleet through all phases: what a limit of 40 cannot show, such as pages, long plans and a prefix that fills up. */
const size = 601;
let design: Standing[] = [];

beforeAll(async () => {
  await resetLab();
  // NetBox's worker would index 10,000 objects for the search meanwhile, on the same two cores: two minutes that show nothing here.
  await using redis = await openEvents();
  await redis.client.set('rq:suspended', 'test');
  design = await standing(1000);
  expect(design).toHaveLength(size);
});

test('0 → 1 → 2 (killed, and resumed) → 1 → 0 → 2', async () => {
  const seen = new Map<PhaseNumber, Rows>([[0, await record()]]);
  for (const phase of [1, 2, 1, 0, 2] as const) {
    await using queue = await openEvents();
    await queue.set(design.map(({ serial }) => JSON.stringify({ serial })).concat('not about anybody'));
    if (phase === 2 && !seen.has(2)) await killInTheMiddle();
    const { exitCode, result } = await bmtoolJson<Restored>(['state', 'restore', String(phase)]);
    expect([exitCode, result.problems, result.failures]).toEqual([0, [], []]);
    expect(await queue.all()).toEqual([]);

    expect(await countsInNetBox()).toEqual(expected[phase]);
    await expectPhase(phase, design);
    const rows = await record();
    expect(differences(seen.get(phase) ?? rows, rows)).toEqual({});
    seen.set(phase, rows);

    const before = await changeCount();
    const again = await bmtoolJson<Restored>(['state', 'restore', String(phase)]);
    expect([again.exitCode, again.result.writes, await changeCount()]).toEqual([0, 0, before]);
    const shown = await bmtoolJson<{ phase: number }>(['state', 'show']);
    expect(shown.result.phase).toBe(phase);
  }
});

const none = { oob: 0, addresses: 0, entries: 0, tagged: 0 };
const each = { oob: size, addresses: size };
const expected = {
  0: { status: 'offline', ...none },
  1: { status: 'planned', ...none, ...each },
  2: { status: 'failed', ...each, entries: size, tagged: 2 * size },
} as const;

/** By counts alone, so that a mistake in `expectPhase` shows here. */
async function countsInNetBox() {
  const [row] = await sql<{ status: string; oob: number; addresses: number; entries: number }>(
    `SELECT string_agg(DISTINCT d.status, ',') AS status, count(d.oob_ip_id)::int AS oob,
     (SELECT count(*)::int FROM ipam_ipaddress a WHERE host(a.address)::inet << '10.20.0.0/22' AND a.assigned_object_id IS NOT NULL) AS addresses,
     (SELECT count(*)::int FROM extras_journalentry) AS entries
     FROM dcim_device d JOIN dcim_devicerole r ON r.id = d.role_id WHERE r.name LIKE '%Server%'`,
  );
  return { ...row, tagged: await taggedCount() };
}

async function killInTheMiddle(): Promise<void> {
  const { child, ended } = await startInTheMiddle(['state', 'restore', '2'], tagged => tagged > size / 2, 600_000);
  child.kill('SIGKILL');
  expect(await ended).toMatchObject({ signal: 'SIGKILL' });
  const tagged = await taggedCount();
  expect(tagged).toBeLessThan(2 * size);
  const shown = await bmtoolJson<{ phase?: number; cabling: { between: number } }>(['state', 'show']);
  expect(shown.result.phase).toBeUndefined();
}
