import { describe, expect, it } from 'vitest';
import type { Authored } from '../../../src/adapters/netbox/change-log.ts';
import type { Change } from '../../../src/core/change.ts';
import { invertChanges } from '../../../src/core/invert.ts';
import { checkPlan } from '../../../src/core/plan.ts';
import { type Now, planUndo } from '../../../src/features/undo/plan.ts';
import { create, keysOf, remove, update } from '../../core/changes.ts';

/** What `load-macs` does for one server. */
const run: readonly Change[] = [
  create('mac', { label: 'MAC x', after: { mac_address: 'x', assigned_object_id: 401 } }),
  update('primary', {
    label: 'srv iLO',
    id: 401,
    before: { primary_mac_address: null },
    after: { primary_mac_address: { ref: 'mac' } },
    needs: ['mac'],
  }),
  create('entry', { label: 'entry', kind: 'extras.journalentry', after: { comments: 'set' }, needs: ['primary'] }),
];
const originals = new Map(run.map(change => [change.key, change]));
const inverse = invertChanges(
  run.map((change, i) => ({
    change,
    result: { key: change.key, state: 'done', id: change.op === 'create' ? 70 + i : change.id, version: 'v1' },
  })),
  (_, field) => (field === 'primary_mac_address' ? 'dcim.macaddress' : undefined),
);

const author: Authored = {
  user: 'eve',
  time: '2026-11-21T08:00:00.123456Z',
  action: 'update',
  message: 'by hand',
  request: 'r',
};
const asLeft: Record<string, Now> = {
  mac: { standing: { id: 70, fields: { mac_address: 'x', assigned_object_id: 401 }, version: 'v1' }, others: [] },
  primary: { standing: { id: 401, fields: { primary_mac_address: 70 }, version: 'v1' }, others: [] },
  entry: { standing: { id: 72, fields: { comments: 'set' }, version: 'v1' }, others: [] },
};

function undoWith(changed: Record<string, Now>, order: readonly Change[] = inverse) {
  const plan = planUndo(order, new Map(Object.entries({ ...asLeft, ...changed })), originals);
  checkPlan(plan.changes);
  return plan;
}

const gone: Now = { standing: undefined, others: [] };

describe('undo', () => {
  it('takes back everything that stands as it was left', () => {
    const plan = undoWith({});
    expect(keysOf(plan.changes)).toEqual(['entry', 'primary', 'mac']);
    expect([plan.refused, plan.gone]).toEqual([[], 0]);
  });

  it('guards with the version as it is now: saving without changing anything moves it', () => {
    const plan = undoWith({
      primary: { standing: { id: 401, fields: { primary_mac_address: 70 }, version: 'v9' }, others: [] },
    });
    expect(plan.changes.find(change => change.key === 'primary')).toMatchObject({ version: 'v9' });
    expect(plan.refused).toEqual([]);
  });

  it('leaves alone what somebody else changed, says who, what and when, and keeps what that still uses', () => {
    const plan = undoWith({
      primary: { standing: { id: 401, fields: { primary_mac_address: 99 }, version: 'v2' }, others: [author] },
    });
    expect(keysOf(plan.changes)).toEqual(['entry']);
    expect(plan.refused).toEqual([
      {
        severity: 'error',
        subject: 'srv iLO',
        message: 'eve changed it (primary_mac_address) at 2026-11-21 08:00:00 UTC: "by hand"',
      },
      { severity: 'error', subject: 'MAC x', message: 'srv iLO still uses it' },
    ]);
  });

  it('also when other fields were changed than ours', () => {
    const plan = undoWith({
      primary: {
        standing: { id: 401, fields: { primary_mac_address: 70 }, version: 'v2' },
        others: [{ ...author, message: '' }],
      },
    });
    expect(plan.refused[0]?.message).toBe('eve changed it at 2026-11-21 08:00:00 UTC');
  });

  it('keeps what something else uses by now, and names the runs that are in the way', () => {
    const by = (run: string, time: string): Authored => ({ ...author, time, message: `bmtool load-macs run ${run}` });
    const plan = undoWith({
      mac: {
        ...(asLeft.mac as Now),
        use: { by: 'dcim.interface', id: 401, field: 'primary_mac_address', last: by('B', author.time) },
      },
      entry: { ...(asLeft.entry as Now), others: [by('C', author.time), by('A', author.time), author] },
    });
    expect(plan.refused.map(({ message }) => message)).toContain(
      'the interface has it as its primary_mac_address; eve changed the interface at 2026-11-21 08:00:00 UTC: "bmtool load-macs run B"',
    );
    expect(keysOf(plan.changes)).toEqual(['primary']);
    expect(plan.laterRuns).toEqual(['C', 'B', 'A']);
  });

  it('says nothing of what an undo took back already', () => {
    const back: Now = { standing: undefined, others: [], isTakenBack: true };
    const plan = undoWith({ mac: back, primary: back, entry: back });
    expect(plan).toEqual({ changes: [], refused: [], laterRuns: [], gone: 0, putBack: 0 });
  });

  it('makes nothing twice: what stands again is left alone, and taken for what refers to it', () => {
    const redo: readonly Change[] = [
      create('mac', { label: 'MAC x' }),
      update('primary', { after: { primary_mac_address: { ref: 'mac' } }, needs: ['mac'] }),
    ];
    const now = new Map<string, Now>([
      ['mac', { standing: undefined, others: [], twin: 99 }],
      ['primary', { standing: { id: 1, fields: {}, version: 'v' }, others: [] }],
    ]);
    const plan = planUndo(redo, now, new Map());
    checkPlan(plan.changes);
    expect(plan.refused.map(({ subject }) => subject)).toEqual(['MAC x']);
    expect(plan.changes).toMatchObject([{ key: 'primary', needs: [], after: { primary_mac_address: 99 } }]);
  });

  it('also when nobody knows who did it', () => {
    const plan = undoWith({
      entry: { standing: { id: 72, fields: { comments: 'other' }, version: 'v2' }, others: [] },
    });
    expect(plan.refused).toEqual([
      {
        severity: 'error',
        subject: 'entry',
        message: "comments changed since, NetBox's change log does not say by whom",
      },
    ]);
    expect(keysOf(plan.changes)).toEqual(['primary', 'mac']);
  });

  it('a journal entry that stays keeps nothing else: it uses nothing', () => {
    const plan = undoWith({ entry: { standing: asLeft.entry?.standing, others: [author] } });
    expect(keysOf(plan.changes)).toEqual(['primary', 'mac']);
    expect(plan.changes[0]?.needs).toEqual([]);
  });

  it('counts what was to be deleted and is gone, and goes on', () => {
    const plan = undoWith({ entry: gone, mac: gone });
    expect(keysOf(plan.changes)).toEqual(['primary']);
    expect(plan.gone).toBe(2);
  });

  it('takes nothing back of a record that was put back to before the run', () => {
    const plan = undoWith({
      entry: gone,
      primary: {
        standing: { id: 401, fields: { primary_mac_address: null }, version: 'v0' },
        others: [],
        isPutBack: true,
      },
      mac: gone,
    });
    expect(plan).toEqual({ changes: [], refused: [], laterRuns: [], gone: 2, putBack: 1 });
  });

  it('cannot restore what is gone', () => {
    const plan = undoWith({ primary: gone });
    expect(plan.refused[0]).toMatchObject({ subject: 'srv iLO', message: 'it is gone from NetBox' });
  });

  it('decides the same in whatever order the changes come', () => {
    const changed: Record<string, Now> = {
      primary: { standing: { id: 401, fields: { primary_mac_address: 99 }, version: 'v2' }, others: [author] },
    };
    const plan = undoWith(changed, inverse.toReversed());
    expect(keysOf(plan.changes)).toEqual(['entry']);
    expect(plan.refused).toHaveLength(2);
  });
});

describe('an object that the run wrote twice', () => {
  // A cable of an inversion: out of its port, and into the other one.
  const twice = [
    create('entry', { label: 'entry' }),
    update('out', { label: 'cable', id: 5, before: { port: 1 }, after: { port: 0 }, needs: ['entry'] }),
    update('in', {
      label: 'cable',
      id: 5,
      before: { port: 0 },
      after: { port: 2 },
      needs: ['entry', 'out'],
      follows: 'out',
    }),
  ];
  const back = invertChanges(
    twice.map((change, i) => ({
      change,
      result: { key: change.key, state: 'done', id: change.op === 'create' ? 9 : 5, version: `v${i}` },
    })),
    () => undefined,
  );
  const undo = (now: Now) =>
    planUndo(
      back,
      new Map([
        ['in', now],
        ['entry', asLeft.entry as Now],
      ]),
      new Map(twice.map(change => [change.key, change])),
    );

  it('is judged by how the last of them left it; the earlier one follows', () => {
    const plan = undo({ standing: { id: 5, fields: { port: 2 }, version: 'v2' }, others: [] });
    expect(plan.refused).toEqual([]);
    expect(plan.changes).toMatchObject([
      { key: 'in', before: { port: 2 }, after: { port: 0 }, version: 'v2' },
      { key: 'out', before: { port: 0 }, after: { port: 1 }, follows: 'in' },
      { key: 'entry', op: 'delete' },
    ]);
    expect(plan.changes[1]).not.toHaveProperty('version');
  });

  it('is left alone as a whole when somebody else changed it, and the entry about it stays', () => {
    const plan = undo({ standing: { id: 5, fields: { port: 3 }, version: 'v8' }, others: [author] });
    expect(plan.changes).toEqual([]);
    expect(plan.refused.map(({ subject }) => subject)).toEqual(['cable', 'cable', 'entry']);
  });
});

describe('what is still used', () => {
  it('holds over several steps', () => {
    const chain = [
      create('a', { label: 'a', after: { n: 1 } }),
      create('b', { label: 'b', after: { link: { ref: 'a' } }, needs: ['a'] }),
      create('c', { label: 'c', after: { links: [{ ref: 'b' }] }, needs: ['b'] }),
    ];
    const back = invertChanges(
      chain.map((change, i) => ({ change, result: { key: change.key, state: 'done', id: i + 1 } })),
      () => undefined,
    );
    const standing = (id: number, fields: Record<string, number | number[]>): Now => ({
      standing: { id, fields, version: 'v' },
      others: [],
    });
    const now = new Map([
      ['a', standing(1, { n: 1 })],
      ['b', standing(2, { link: 1 })],
      ['c', { ...standing(3, { links: [2] }), others: [author] }],
    ]);
    const plan = planUndo(back, now, new Map(chain.map(change => [change.key, change])));
    expect(plan.changes).toEqual([]);
    expect(plan.refused.map(({ subject, message }) => `${subject}: ${message}`)).toEqual([
      'c: eve changed it at 2026-11-21 08:00:00 UTC: "by hand"',
      'b: c still uses it',
      'a: b still uses it',
    ]);
  });
});

it('what was deleted is made again, whatever is there now', () => {
  const [again] = invertChanges(
    [{ change: remove('entry', { id: 5, before: { comments: 'x' } }), result: { key: 'entry', state: 'done', id: 5 } }],
    () => undefined,
  );
  const plan = planUndo(again ? [again] : [], new Map(), new Map());
  expect(plan.changes).toMatchObject([{ op: 'create', after: { comments: 'x' } }]);
});

describe('two writes to one object, in a record that was put back', () => {
  const done = [
    update('emptied', { id: 13, before: { ends: 'a' }, after: { ends: '' } }),
    update('set', { id: 13, before: { ends: '' }, after: { ends: 'b' }, needs: ['emptied'], follows: 'emptied' }),
  ].map(change => ({ change, result: { key: change.key, state: 'done', id: 13, version: 'v2' } as const }));
  const inverted = invertChanges(done, () => undefined);
  const putBack: Now = { standing: undefined, others: [], isPutBack: true };
  const planWith = (now: Record<string, Now>) => {
    const originals = new Map(done.map(({ change }) => [change.key, change]));
    const plan = planUndo(inverted, new Map(Object.entries(now)), originals);
    checkPlan(plan.changes);
    return plan;
  };

  it('to before both: nothing is to be done', () => {
    expect(planWith({ set: putBack, emptied: putBack })).toEqual({
      changes: [],
      refused: [],
      laterRuns: [],
      gone: 0,
      putBack: 2,
    });
  });

  it('to between them: the first is taken back', () => {
    const standing = { id: 13, fields: { ends: '' }, version: 'v1' };
    const plan = planWith({ set: putBack, emptied: { standing, others: [] } });
    expect(plan).toMatchObject({
      changes: [{ key: 'emptied', after: { ends: 'a' }, version: 'v1', needs: [] }],
      putBack: 1,
    });
    expect(plan.changes[0]).not.toHaveProperty('follows');
  });
});

it('does not make again what stands again, and refers to it as it stands', () => {
  const done = [
    update('device', { id: 41, before: { oob_ip: 7 }, after: { oob_ip: null } }),
    remove('address', { kind: 'ipam.ipaddress', id: 7, before: { address: '10.0.0.1/22' }, needs: ['device'] }),
  ].map(change => ({ change, result: { key: change.key, state: 'done', id: change.id, version: 'v1' } as const }));
  const inverted = invertChanges(done, (_, field) => (field === 'oob_ip' ? 'ipam.ipaddress' : undefined));
  const plan = planUndo(
    inverted,
    new Map<string, Now>([
      ['device', { standing: { id: 41, fields: { oob_ip: null }, version: 'v1' }, others: [] }],
      [
        'address',
        { standing: { id: 7, fields: { address: '10.0.0.1/22' }, version: 'v0' }, others: [], isPutBack: true },
      ],
    ]),
    new Map(done.map(({ change }) => [change.key, change])),
  );
  checkPlan(plan.changes);
  expect(plan.changes).toMatchObject([{ key: 'device', after: { oob_ip: 7 }, needs: [] }]);
  expect(plan.putBack).toBe(1);
});
