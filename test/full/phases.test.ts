import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { stubText } from '../../src/features/leases/stub.ts';
import { eventually } from '../lab/support.ts';
import { bmtoolJson } from '../support/bmtool.ts';
import { startDnsmasq } from '../support/dhcp/dnsmasq.ts';
import { needsDhcp } from '../support/dhcp/machine.ts';
import { openManyBmcs } from '../support/dhcp/many-bmcs.ts';
import { openBmcNet } from '../support/dhcp/net.ts';
import { openSite } from '../support/leases.ts';
import { macOf } from '../support/manifest.ts';
import { api, changeCount, resetLab, sql } from '../support/netbox.ts';
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

/** The whole fleet through all phases: what a limit of 15 cannot show, such as pages, long plans and a prefix that fills up. */
const size = 601;
const { missing, titled } = needsDhcp();
let design: Standing[] = [];

beforeAll(async () => {
  await resetLab();
  design = await standing(1000);
  expect(design).toHaveLength(size);
  const body = design.map(({ bmcs: [bmc] }, i) => ({
    mac_address: macOf(i + 1),
    assigned_object_type: 'dcim.interface',
    assigned_object_id: bmc,
  }));
  expect((await api('dcim/mac-addresses/', { method: 'POST', body })).status).toBe(201);
});

/** There and back; WALK=short leaves phase 2 out, whose cables take most of the time, for CI on a slow machine. */
const walk = process.env.WALK === 'short' ? ([1, 0] as const) : ([1, 2, 1, 0, 2] as const);

const rest = walk.length === 2 ? '0' : '2 (killed, and resumed) → 1 → 0 → 2';

test(titled(`0 → 1, as 601 BMCs power on within a minute → ${rest}`), async () => {
  const seen = new Map<PhaseNumber, Rows>([[0, await record()]]);
  for (const [way, phase] of walk.entries()) {
    await using queue = await openEvents();
    if (way === 0 && missing === undefined) await powerOn();
    await queue.set(design.map(({ serial }) => JSON.stringify({ serial })).concat('not about anybody'));
    if (way === 1 && phase === 2) await killInTheMiddle();
    const { exitCode, result } = await bmtoolJson<Restored>(['state', 'restore', String(phase)]);
    expect([exitCode, result.problems, result.failures]).toEqual([0, [], []]);
    expect(await queue.all()).toEqual([]);

    expect(await countsInNetBox()).toEqual(expected[phase]);
    await expectPhase(phase, design);
    const rows = await record();
    expect(differences(seen.get(phase) ?? rows, rows)).toEqual({});
    seen.set(phase, rows);
    // The addresses that the DHCP server chose are gone: those of the next phase are bmtool's.
    if (phase === 0) seen.delete(2);

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

/** Real clients ask a real server, which tells bmtool's hook; a worker decides about each. What is left for `state restore` then is nothing. */
async function powerOn(): Promise<void> {
  await using net = await openBmcNet({ name: 'full' });
  const site = openSite();
  const hook = join(site.stateDir, 'dhcp-hook');
  writeFileSync(hook, stubText(site.folder), { mode: 0o755 });
  const worker = site.start();
  await startDnsmasq(net, { leaseSeconds: 600, hook });
  const all = await openManyBmcs(
    net,
    design.map((_, i) => ({ mac: macOf(i + 1).toLowerCase() })),
  );
  const { addresses, tookMs } = await all.powerOn({ withinMs: 30_000 });
  expect(tookMs).toBeLessThan(60_000);
  const discovered = async () => ((await countsInNetBox()).oob === size ? true : undefined);
  await eventually(discovered, 300_000);
  worker.child.kill('SIGINT');
  expect(await worker.ended, worker.stderr()).toMatchObject({ code: 0 });
  const given = new Map(design.map(({ name }, i) => [name, addresses.get(macOf(i + 1).toLowerCase())]));
  expect(new Map((await standing(size)).map(({ name, oob }) => [name, oob?.split('/')[0]]))).toEqual(given);
  const { result } = await site.ask<{ waiting: number; unread: number; dead: number }>('dhcp', 'spool');
  expect(result).toMatchObject({ waiting: 0, unread: 0, dead: 0 });
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
