import { beforeAll, expect, test } from 'vitest';
import { openSite } from '../support/leases.ts';
import { macOf } from '../support/manifest.ts';
import { api, resetLab } from '../support/netbox.ts';
import { differences, expectPhase, type PhaseNumber, type Restored, record, standing } from '../support/phases.ts';
import { isThorough } from '../support/tries.ts';

beforeAll(() => resetLab());

const count = isThorough ? 12 : 4;

test('phase 1 through lease events is the phase 1 that is written directly, from wherever', async () => {
  const design = await standing(count);
  const body = design.map(({ bmcs: [bmc] }, i) => ({
    mac_address: macOf(i + 1),
    assigned_object_type: 'dcim.interface',
    assigned_object_id: bmc,
  }));
  expect((await api('dcim/mac-addresses/', { method: 'POST', body })).status).toBe(201);
  const site = openSite();
  const restore = async (phase: PhaseNumber, ...args: string[]) => {
    const { exitCode, result, stderr } = await site.ask<Restored & { played?: number }>(
      ...['state', 'restore', String(phase), '--limit', String(count), '--yes', ...args],
    );
    expect(exitCode, stderr).toBe(0);
    return result;
  };
  await restore(1);
  const direct = await record();
  await restore(2);
  expect(await restore(1, '--through-events')).toMatchObject({ state: 'applied', played: count });
  await expectPhase(1, design);
  expect(differences(direct, await record())).toEqual({});
  // There already: nothing is powered off, and nothing asks.
  const again = await restore(1, '--through-events');
  expect([again.played, again.writes]).toEqual([undefined, 0]);
});

test('the fleet can be played for a worker that runs elsewhere', async () => {
  const site = openSite();
  await site.say('state', 'restore', '0', '--limit', '3', '--yes');
  expect((await site.say('dhcp', 'replay')).exitCode).toBe(2);
  const { exitCode, result } = await site.ask<{ played: number }>(
    'dhcp',
    'replay',
    '--fleet',
    '--limit',
    '3',
    '--rate',
    '50',
  );
  expect([exitCode, result.played]).toEqual([0, 3]);
  expect((await site.work()).map(({ act }) => act)).toEqual(['discover', 'discover', 'discover']);
  await expectPhase(1, await standing(3));
});
