import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/core/change.ts';
import { conflictText } from '../../../src/features/macs/journal.ts';
import { planMacs } from '../../../src/features/macs/plan.ts';
import type { Verdict } from '../../../src/features/macs/verdict.ts';
import { create } from '../../core/changes.ts';
import { bmc, entry, factsOf, mac, mine, other, planOf, type Scene, server, withPrimary } from './scenes.ts';

/** `create dcim.macaddress`, in the order of the plan. */
const acts = (changes: readonly Change[]) => changes.map(({ op, kind }) => `${op} ${kind}`);

const writeAll = ['create dcim.macaddress', 'update dcim.interface', 'create extras.journalentry'];
const standing = conflictText(entry, 'iLO', other, 'march.csv').whole;

/** Facts → verdict and changes. Every verdict that planning can give, and every case that is nearly another one. */
const table: readonly (readonly [
  name: string,
  scene: Scene,
  verdict: Verdict,
  changes: readonly string[],
  reason?: string,
])[] = [
  ['no such serial', { devices: [] }, 'not-found', [], 'no device in NetBox has the serial CZ1'],
  [
    'the serial twice',
    { devices: [server, { ...server, id: 42, name: 'srv-042' }] },
    'ambiguous',
    [],
    '2 devices have the serial CZ1: srv-041 (id 41), srv-042 (id 42)',
  ],
  ['no interface at all', { bmcs: [] }, 'no-bmc-interface', [], 'srv-041 has no interfaces'],
  [
    'none that is a BMC’s',
    { bmcs: [], names: ['eth0', 'eth1'] },
    'no-bmc-interface',
    [],
    'srv-041 has no BMC interface, only eth0, eth1',
  ],
  [
    'many that are not',
    { bmcs: [], names: Array.from({ length: 20 }, (_, i) => `eth${i}`) },
    'no-bmc-interface',
    [],
    'eth7 and 12 more',
  ],
  [
    'two that may be',
    { bmcs: [bmc, { ...bmc, id: 402, name: 'bmc2' }] },
    'no-bmc-interface',
    [],
    "several interfaces that may be the BMC's: iLO, bmc2",
  ],
  ['no MAC there', {}, 'set', writeAll],
  ['this MAC there, as primary', { bmcs: [withPrimary(7)], on: [mac(7, mine, { id: 401 })] }, 'unchanged', []],
  [
    'this MAC as primary, another beside it',
    { bmcs: [withPrimary(7)], on: [mac(6, other, { id: 401 }), mac(7, mine, { id: 401 })] },
    'unchanged',
    [],
  ],
  [
    'this MAC there, not yet primary',
    { on: [mac(7, mine, { id: 401 })] },
    'set',
    ['update dcim.interface', 'create extras.journalentry'],
  ],
  [
    'this MAC and another there, none primary',
    { on: [mac(6, other, { id: 401 }), mac(7, mine, { id: 401 })] },
    'set',
    ['update dcim.interface', 'create extras.journalentry'],
  ],
  [
    'another MAC there',
    { bmcs: [withPrimary(6)], on: [mac(6, other, { id: 401 })] },
    'conflict',
    ['create extras.journalentry'],
    `NetBox has ${other} on iLO`,
  ],
  [
    'another MAC there that is not primary',
    { on: [mac(6, other, { id: 401 })] },
    'conflict',
    ['create extras.journalentry'],
    `NetBox has ${other} on iLO`,
  ],
  [
    'another is primary, this one is second',
    { bmcs: [withPrimary(6)], on: [mac(6, other, { id: 401 }), mac(7, mine, { id: 401 })] },
    'conflict',
    ['create extras.journalentry'],
  ],
  [
    'another MAC, and the warning stands',
    { bmcs: [withPrimary(6)], on: [mac(6, other, { id: 401 })], journal: ['x', standing] },
    'conflict',
    [],
    'the warning stands in the journal',
  ],
  [
    'another MAC, and another warning stands',
    {
      bmcs: [withPrimary(6)],
      on: [mac(6, other, { id: 401 })],
      journal: [conflictText(entry, 'iLO', '94:40:C9:00:00:98', 'a').whole],
    },
    'conflict',
    ['create extras.journalentry'],
  ],
  [
    'a primary MAC that this token may not see',
    { bmcs: [withPrimary(6)] },
    'conflict',
    [],
    'that this token may not see',
  ],
  [
    'this MAC on another server',
    { elsewhere: [mac(8, mine, { id: 999, label: 'srv-099 iLO' })] },
    'taken',
    [],
    `${mine} is on srv-099 iLO`,
  ],
  [
    'this MAC on another interface of the server',
    { elsewhere: [mac(8, mine, { id: 402, label: 'srv-041 eth0' })] },
    'taken',
    [],
    `${mine} is on srv-041 eth0`,
  ],
  [
    'this MAC on a virtual machine, with the same number',
    { elsewhere: [mac(8, mine, { type: 'virtualization.vminterface', id: 401, label: 'vm-1 eth0' })] },
    'taken',
    [],
    `${mine} is on vm-1 eth0`,
  ],
  [
    'this MAC on something without a name',
    { elsewhere: [mac(8, mine, { id: 999 })] },
    'taken',
    [],
    `${mine} is on dcim.interface 999`,
  ],
  [
    'this MAC here, not primary, and elsewhere',
    { on: [mac(7, mine, { id: 401 })], elsewhere: [mac(8, mine, { id: 999, label: 'srv-099 iLO' })] },
    'taken',
    [],
  ],
  [
    'this MAC loose',
    { elsewhere: [mac(8, mine, undefined)] },
    'set',
    ['update dcim.macaddress', 'update dcim.interface', 'create extras.journalentry'],
  ],
];

describe('one row', () => {
  it.each(table)('%s', (_, scene, verdict, changes, reason) => {
    const plan = planOf(scene as Scene);
    expect(plan.row).toMatchObject({ line: 7, serial: 'CZ1', mac: mine, verdict });
    expect(acts(plan.changes)).toEqual(changes);
    if (reason !== undefined) expect(plan.row.reason).toContain(reason);
  });

  it('covers every verdict that a plan can give', () => {
    const given = new Set(table.map(([, , verdict]) => verdict));
    expect([...given].sort()).toEqual([
      'ambiguous',
      'conflict',
      'no-bmc-interface',
      'not-found',
      'set',
      'taken',
      'unchanged',
    ]);
  });
});

describe('the changes of a row that is set', () => {
  it('make the MAC, then make it primary, then tell', () => {
    const [made, primary, told] = planOf({}).changes;
    expect(made).toMatchObject({
      op: 'create',
      after: { mac_address: mine, assigned_object_type: 'dcim.interface', assigned_object_id: 401 },
      subject: 'device:41',
    });
    expect(primary).toMatchObject({
      op: 'update',
      id: 401,
      version: 'i1',
      before: { primary_mac_address: null },
      after: { primary_mac_address: { ref: made?.key } },
      needs: [made?.key],
    });
    expect(told).toMatchObject({
      op: 'create',
      after: { assigned_object_type: 'dcim.device', assigned_object_id: 41, kind: 'success' },
      needs: [primary?.key],
    });
    expect(told?.op === 'create' && told.after.comments).toBe(
      'BMC MAC address 94:40:C9:00:00:01 set on iLO, from `servers.csv` line 7 (serial CZ1).',
    );
  });

  it('take a MAC object that lies loose instead of making a second one', () => {
    const [taken, primary] = planOf({ elsewhere: [mac(8, mine, undefined)] }).changes;
    expect(taken).toMatchObject({
      op: 'update',
      id: 8,
      version: 'm8',
      before: { assigned_object_type: null, assigned_object_id: null },
      after: { assigned_object_type: 'dcim.interface', assigned_object_id: 401 },
    });
    expect(primary).toMatchObject({ after: { primary_mac_address: 8 }, needs: [taken?.key] });
  });

  it('are all about one device', () => {
    for (const row of table) for (const change of planOf(row[1]).changes) expect(change.subject).toBe('device:41');
  });
});

describe('the maker of the address', () => {
  it('is a warning when it is not the maker of the server', () => {
    expect(planOf({ organisation: 'Dell Inc.' }).row).toMatchObject({
      verdict: 'set',
      warning: 'OUI 94:40:C9 belongs to Dell Inc., but the device is made by HPE',
    });
    expect(planOf({ organisation: 'Hewlett Packard Enterprise' }).row.warning).toBeUndefined();
    expect(planOf({}).row.warning).toBeUndefined();
  });
});

describe('an entry that a killed run still owes', () => {
  const there: Scene = { bmcs: [withPrimary(7)], on: [mac(7, mine, { id: 401 })] };
  const [, , told] = planOf({}).changes;
  const owed = new Map(told?.op === 'create' ? [[told.key, told]] : []);

  it('is written now, by itself', () => {
    const plan = planOf({ ...there, owed });
    expect(plan.row).toMatchObject({
      verdict: 'set',
      reason: 'a run that was cut short set it; its journal entry is written now',
    });
    expect(plan.changes).toEqual([{ ...told, needs: undefined }]);
  });

  it('is not written when it stands in the journal after all', () => {
    const comments = told?.op === 'create' ? String(told.after.comments) : '';
    expect(planOf({ ...there, owed, journal: [comments] })).toMatchObject({
      row: { verdict: 'unchanged' },
      changes: [],
    });
  });

  it('is not written for another interface', () => {
    const elsewhere = new Map([['set-entry:srv-099/iLO#999', create('set-entry:srv-099/iLO#999')]]);
    expect(planOf({ ...there, owed: elsewhere }).row.verdict).toBe('unchanged');
  });
});

it('a manifest’s name does not break out of the journal’s Markdown', () => {
  const [plan] = planMacs([entry], factsOf({}), 'a`b\u0007.csv');
  const told = plan?.changes.at(-1);
  expect(told?.op === 'create' && told.after.comments).toContain('from `a?b?.csv` line 7');
});

it('no row stops another', () => {
  const rows = planMacs([{ ...entry, serial: 'none' }, entry], factsOf({}), 'a.csv').map(({ row }) => row.verdict);
  expect(rows).toEqual(['not-found', 'set']);
});
