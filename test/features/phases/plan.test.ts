import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { referenceOf } from '../../../src/adapters/netbox/kinds.ts';
import type { Change } from '../../../src/core/change.ts';
import { invertChanges } from '../../../src/core/invert.ts';
import { type PhaseNumber, phaseNumbers } from '../../../src/features/phases/phase.ts';
import { recognise } from '../../../src/features/phases/recognise.ts';
import { tries } from '../../support/tries.ts';
import {
  aRecord,
  type CablingCase,
  copyOf,
  factsOf,
  partOf,
  planFor,
  type RecordModel,
  recordOf,
  withoutIds,
  write,
} from './record.ts';

const aPhase = fc.constantFrom<PhaseNumber>(...phaseNumbers);
const clean = (cabling: CablingCase = 'designed') =>
  ({ status: 'offline', hosts: [], oob: false, cabling, reversed: false }) as const;

function restored(record: RecordModel, ...path: readonly PhaseNumber[]): RecordModel {
  const copy = copyOf(record);
  for (const phase of path) write(copy, planFor(copy, phase).changes);
  return copy;
}

/** What a phase leaves open: which address of the prefix a server has, where it had a right one. */
function withoutAddresses(record: RecordModel) {
  const { devices, addresses, ...rest } = withoutIds(record);
  const owners = [...record.addresses.values()].map(({ assigned_object_id: on }) => on).sort();
  return { ...rest, owners, devices: devices.map(device => ({ ...device, oob_ip: device.oob_ip !== null })) };
}

test('from any state: the plan can be written as NetBox writes, and the second plan is empty', () => {
  fc.assert(
    fc.property(aRecord, aPhase, (record, phase) => {
      const after = restored(record, phase);
      expect(planFor(after, phase).changes).toEqual([]);
    }),
    { numRuns: tries(400) },
  );
});

test('from any state: straight to a phase is the same as by the chain of phases before it', () => {
  fc.assert(
    fc.property(aRecord, aPhase, (record, phase) => {
      const stuck = new Set(
        phaseNumbers.flatMap(each =>
          planFor(record, each).decided.decisions.flatMap(({ problem, server }) => (problem ? [server.id] : [])),
        ),
      );
      fc.pre(stuck.size === 0 || phase < 2);
      const chain = phaseNumbers.filter(each => each <= phase);
      expect(withoutAddresses(restored(record, phase))).toEqual(withoutAddresses(restored(record, ...chain)));
    }),
    { numRuns: tries(400) },
  );
});

test('from any state: a run that was killed anywhere is finished by the next', () => {
  fc.assert(
    fc.property(aRecord, aPhase, fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), (record, phase, keep) => {
      // Somebody took away the entry that tells where the cables belong: the next test.
      fc.pre(record.cases.every(({ cabling }) => cabling !== 'inverted, entry gone'));
      const killed = copyOf(record);
      write(killed, partOf(planFor(killed, phase).changes, keep));
      expect(withoutAddresses(restored(killed, phase))).toEqual(withoutAddresses(restored(record, phase)));
    }),
    { numRuns: tries(400) },
  );
});

test('killed half way back, without the entry that somebody took away: named, left alone, and undone', () => {
  const record = recordOf([clean('inverted, entry gone')], 'none');
  const { changes } = planFor(record, 0);
  const done = changes.filter(({ key }) => key.endsWith('/out'));
  const ids = write(record, done);
  expect(planFor(record, 0).decided.decisions[0]?.problem?.message).toContain('plugged in at one end only');
  const results = done.map(change => ({
    change,
    result: { key: change.key, state: 'done' as const, id: ids.get(change.key) ?? 0 },
  }));
  write(record, invertChanges(results, referenceOf));
  expect(planFor(record, 0).changes).toEqual(changes);
});

test('from any state: a run, whole or killed, can be undone to the last field', () => {
  fc.assert(
    fc.property(aRecord, aPhase, fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), (record, phase, keep) => {
      const after = copyOf(record);
      const done = partOf(planFor(after, phase).changes, keep);
      const ids = write(after, done);
      const results = done.map((change: Change) => ({
        change,
        result: { key: change.key, state: 'done' as const, id: ids.get(change.key) ?? 0 },
      }));
      write(after, invertChanges(results, referenceOf));
      expect(withoutIds(after)).toEqual(withoutIds(record));
    }),
    { numRuns: tries(400) },
  );
});

test('0 → 1 → 2 → 0 leaves the record as it was', () => {
  for (const tag of ['none', 'theirs'] as const) {
    const record = recordOf([clean(), clean(), clean('one cable')], tag);
    expect(withoutIds(restored(record, 0, 1, 2, 0))).toEqual(withoutIds(record));
  }
});

test('servers that cannot get there are left as they are, and the others get there', () => {
  fc.assert(
    fc.property(aRecord, aPhase, (record, phase) => {
      const { decided } = planFor(record, phase);
      const after = withoutIds(restored(record, phase));
      const before = withoutIds(record);
      for (const { server, problem } of decided.decisions) {
        const same = after.devices.find(({ id }) => id === server.id);
        if (problem) expect(same).toEqual(before.devices.find(({ id }) => id === server.id));
      }
    }),
  );
});

describe('what a phase does to a cabling', () => {
  const rows: [CablingCase, moves: [number, number, number], left: [boolean, boolean, boolean]][] = [
    // cabling, cable writes for phase 0, 1, 2; left alone in phase 0, 1, 2
    ['designed', [0, 0, 3], [false, false, false]],
    ['inverted', [3, 3, 0], [false, false, false]],
    ['out', [1, 1, 2], [false, false, false]],
    ['over', [2, 2, 1], [false, false, false]],
    ['mended, tags and entry left', [2, 2, 3], [false, false, false]],
    ['mended, entry left', [0, 0, 3], [false, false, false]],
    ['inverted, entry gone', [3, 3, 0], [false, false, false]],
    ['dangling, by somebody', [0, 0, 0], [false, false, true]],
    ['only tagged', [0, 0, 0], [true, true, true]],
    ['recabled, tags and entry left', [0, 0, 0], [true, true, true]],
    ['one cable', [0, 0, 0], [false, false, true]],
    ['several ends', [0, 0, 0], [false, false, true]],
    ['no cable', [0, 0, 0], [false, false, true]],
  ];
  test.each(rows)('%s', (cabling, writes, left) => {
    for (const phase of phaseNumbers) {
      for (const reversed of [false, true]) {
        const { changes, decided } = planFor(recordOf([{ ...clean(cabling), reversed }], 'none'), phase);
        expect(changes.filter(({ kind }) => kind === 'dcim.cable')).toHaveLength(writes[phase]);
        expect(decided.decisions[0]?.problem !== undefined).toBe(left[phase]);
      }
    }
  });
});

test('whoever looks in between sees the tag: it comes with the first write of a cable and goes with the last', () => {
  const writesOf = (cabling: CablingCase, phase: PhaseNumber) =>
    planFor(recordOf([clean(cabling)], 'ours'), phase).changes.flatMap(change =>
      change.op === 'update' && change.kind === 'dcim.cable'
        ? [`${change.key}${'tags' in change.after ? ' tag' : ''}`]
        : [],
    );
  expect(writesOf('designed', 2)).toEqual(['cable:211/out tag', 'cable:212 tag', 'cable:211']);
  expect(writesOf('inverted', 0)).toEqual(['cable:211/out', 'cable:212 tag', 'cable:211 tag']);
});

describe('addresses', () => {
  const hostsAfter = (...hosts: number[][]) => {
    const record = recordOf(
      hosts.map(own => ({ ...clean(), hosts: own, oob: false })),
      'none',
    );
    const after = restored(record, 1);
    return [...after.devices.values()].map(({ oob_ip: id }) => after.addresses.get(Number(id))?.address);
  };
  test('go by the place of the server; ranges are skipped', () => {
    expect(hostsAfter([], [], [], [])).toEqual(['10.20.0.1/26', '10.20.0.2/26', '10.20.0.3/26', '10.20.0.7/26']);
  });
  test('a right one is kept, and the others keep their places', () => {
    expect(hostsAfter([], [30], [], [])).toEqual(['10.20.0.1/26', '10.20.0.30/26', '10.20.0.3/26', '10.20.0.7/26']);
  });
  test('whose place another server keeps gets the first that is free', () => {
    expect(hostsAfter([], [], [], [], [7])).toEqual([
      '10.20.0.1/26',
      '10.20.0.2/26',
      '10.20.0.3/26',
      '10.20.0.8/26',
      '10.20.0.7/26',
    ]);
  });
  test('one outside of the prefix is replaced', () => {
    expect(hostsAfter([240])).toEqual(['10.20.0.1/26']);
  });
  test('a prefix that is too small gives nobody one, and says how many are free', () => {
    const record = recordOf(
      Array.from({ length: 60 }, () => clean()),
      'none',
    );
    const { decided, changes } = planFor(record, 1);
    expect(decided.short).toEqual({ fits: false, free: 59, wanted: 60 });
    expect(changes.filter(({ kind }) => kind === 'ipam.ipaddress')).toEqual([]);
  });
});

test('the tag goes with the last cable that carries it, if bmtool made it', () => {
  const gone = (tag: 'ours' | 'theirs') => restored(recordOf([clean('inverted')], tag), 0).tags.size === 0;
  expect([gone('ours'), gone('theirs')]).toEqual([true, false]);
});

test('a fleet is in the phase into which it was put, and between two in between', () => {
  const record = recordOf([clean(), clean(), clean()], 'none');
  const recognised = (one: RecordModel) =>
    recognise(new Map(phaseNumbers.map(phase => [phase, planFor(one, phase).decided])));
  for (const phase of phaseNumbers) expect(recognised(restored(record, phase)).phase).toBe(phase);
  const half = restored(record, 1);
  half.devices.set(1, { ...half.devices.get(1), status: 'failed' });
  expect(recognised(half)).toMatchObject({
    phase: undefined,
    distances: [{ phase: 1, there: 2, away: 1, differ: { status: 1, address: 0, cabling: 0, entry: 0 } }, {}, {}],
  });
  expect(factsOf(record).servers).toHaveLength(3);
});
