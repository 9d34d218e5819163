import { describe, expect, test } from 'vitest';
import { noteDecision } from '../../../src/core/lease-note.ts';
import { checkPlan } from '../../../src/core/plan.ts';
import { changesFor } from '../../../src/features/leases/changes.ts';
import {
  type Aspect,
  aspects,
  decide,
  judge,
  ruleFor,
  rules,
  type Situation,
} from '../../../src/features/leases/decide.ts';
import type { Facts } from '../../../src/features/leases/facts.ts';
import { decideScene, device, leased, sceneOf, statusMap } from './scenes.ts';

const names = Object.keys(aspects) as Aspect[];
const situations = names.reduce<Partial<Situation>[]>(
  (all, name) => all.flatMap(one => aspects[name].map(value => ({ ...one, [name]: value }))),
  [{}],
) as Situation[];

/** What no scene can be: an address of one's own that somebody else has. It is this BMC's then. */
const contradictory = ({ address, holder }: Situation) => address === 'same' && holder !== 'nobody';

describe('the table', () => {
  test('decides every situation, and each row decides at least one', () => {
    const used = new Set(situations.map(situation => ruleFor(situation)?.rule));
    expect([...used].sort()).toEqual(rules.map(({ rule }) => rule).sort());
  });

  test('every situation is recognised from its facts', () => {
    for (const situation of situations) {
      const { event, facts } = sceneOf(situation);
      const { order, lease, mac, looks } = situation;
      const told = contradictory(situation) ? { ...situation, holder: 'nobody' } : situation;
      // Without a BMC interface there is no device to look at, nor addresses that are in its way.
      const expected = mac === 'bmc' ? told : { order, lease, mac, looks };
      expect(judge(event.data, facts, { statusMap }), JSON.stringify(situation)).toMatchObject(expected);
    }
  });

  test('what a row says is what happens, to the device and an outdated holder alone', () => {
    for (const situation of situations) {
      const decision = decideScene(situation);
      const changes = changesFor(decision, decision.warnings);
      checkPlan(changes);
      const wrote = changes.some(({ kind }) => kind !== 'extras.journalentry');
      const warned = changes.some(({ kind }) => kind === 'extras.journalentry');
      expect({ wrote, warned }, JSON.stringify(situation)).toEqual({
        wrote: ['discover', 'move', 'assign'].includes(decision.act),
        warned: decision.act === 'warn',
      });
      const touched = changes.filter(({ op }) => op === 'update').map(({ subject }) => subject);
      const allowed = situation.holder === 'outdated' ? ['device:1', 'device:9'] : ['device:1'];
      expect(
        touched.filter(subject => !allowed.includes(subject)),
        JSON.stringify(situation),
      ).toEqual([]);
      expect(changes.every(({ op }) => op !== 'delete')).toBe(true);
    }
  });
});

const base: Situation = {
  order: 'newer',
  lease: 'granted',
  mac: 'bmc',
  looks: 'nothing',
  device: 'offline',
  address: 'none',
  holder: 'nobody',
};

/** What the changes write, in a form that a person can compare: `device 1 status=planned oob_ip=new`. */
function written(facts: Partial<Facts>, situation: Partial<Situation> = {}): string[] {
  const scene = sceneOf({ ...base, ...situation });
  const decision = decide({ event: scene.event, facts: { ...scene.facts, ...facts } }, { statusMap });
  return changesFor(decision, []).map(change => {
    const fields = change.op === 'delete' ? {} : change.after;
    const told = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    return [change.op, change.kind.split('.')[1], 'id' in change ? change.id : 'new', ...told].join(' ');
  });
}

const on = (id: number) => ({ type: 'dcim.interface', id });
const assigned = (id: number) => `assigned_object_type="dcim.interface" assigned_object_id=${id}`;
const ref = '{"ref":"address:94:40:C9:00:00:01"}';

describe('how the address comes to the interface', () => {
  test('made, where NetBox does not have it: with the mask of the prefix', () => {
    expect(written({})).toEqual([
      `create ipaddress new address="10.20.0.5/22" status="active" ${assigned(10)}`,
      `update device 1 status="planned" oob_ip=${ref}`,
    ]);
  });

  test('taken, where it is there and on nothing; another mask is set right', () => {
    const free = { id: 70, address: `${leased}/24`, vrfId: undefined, on: undefined, onText: 'nothing' };
    expect(written({ claims: [free] })).toEqual([
      `update ipaddress 70 ${assigned(10)} address="10.20.0.5/22"`,
      'update device 1 status="planned" oob_ip=70',
    ]);
  });

  test('made in the prefix’s VRF, whoever has it in another one', () => {
    const elsewhere = { id: 70, address: `${leased}/22`, vrfId: 3, on: on(99), onText: 'srv-9 iLO' };
    const network = { text: '10.20.0.0/22', length: 22, vrfId: 4 };
    expect(written({ claims: [elsewhere], network })).toEqual([
      `create ipaddress new address="10.20.0.5/22" vrf=4 status="active" ${assigned(10)}`,
      `update device 1 status="planned" oob_ip=${ref}`,
    ]);
  });

  test('the interface’s own object is renumbered, and stays the out-of-band address', () => {
    expect(written({}, { device: 'discovered', address: 'other' })).toEqual([
      'update ipaddress 50 address="10.20.0.5/22"',
    ]);
  });

  test('released first by a discovered device whose lease is older', () => {
    expect(written({}, { device: 'discovered', address: 'other', holder: 'outdated' })).toEqual([
      'update device 9 oob_ip=null',
      `update ipaddress 90 ${assigned(10)}`,
      'update device 1 oob_ip=90',
      'update ipaddress 50 assigned_object_type=null assigned_object_id=null',
    ]);
  });

  test('there already: only the status and what points to it', () => {
    expect(written({}, { address: 'same' })).toEqual(['update device 1 status="planned"']);
    expect(written({ device: device(1) }, { address: 'same' })).toEqual(['update device 1 status="planned" oob_ip=50']);
  });

  test('no prefix around it: recorded as a host', () => {
    expect(written({ network: undefined })[0]).toContain('address="10.20.0.5/32"');
  });
});

test('the end of an earlier lease does not make a grant old, which it may overtake', () => {
  const { event, facts } = sceneOf(base);
  const ended = { ...event.data, kind: 'expired', time: '2026-11-21T10:00:05.000Z' } as const;
  const note = noteDecision(facts.note, {
    lease: ended,
    eventId: 'y',
    rule: '',
    act: 'note',
    reason: '',
    at: ended.time,
  });
  expect(decide({ event, facts: { ...facts, note } }, { statusMap }).act).toBe('discover');
});

describe('warnings', () => {
  const warningsOf = (situation: Partial<Situation>, lease: { hostname?: string } = {}) => {
    const { event, facts } = sceneOf({ ...base, ...situation });
    return decide({ event: { ...event, data: { ...event.data, ...lease } }, facts }, { statusMap }).warnings;
  };

  test('name both sides of a contradiction', () => {
    expect(warningsOf({ device: 'active', address: 'other' }).map(({ fact }) => fact)).toEqual([
      'The BMC of `srv-1` got 10.20.0.5 by DHCP, but NetBox has 10.20.0.9/22.',
    ]);
    expect(warningsOf({ holder: 'another' }).map(({ fact }) => fact)).toEqual([
      'The BMC of `srv-1` got 10.20.0.5 by DHCP, but in NetBox that address is on `srv-9 iLO (10.20.0.5/22)`.',
    ]);
    expect(warningsOf({ mac: 'elsewhere' }).map(({ deviceId }) => deviceId)).toEqual([1, 2]);
  });

  test('a serial in the hostname that is another device’s is told beside what is done', () => {
    expect(warningsOf({}, { hostname: 'ilomxq1111111' })).toEqual([]);
    expect(warningsOf({}, { hostname: 'XCC-7Z23-J101RZ43' }).map(({ fact }) => fact)).toEqual([
      'The BMC of `srv-1` calls itself `XCC-7Z23-J101RZ43`, but the serial of the device is `MXQ1111111`.',
    ]);
  });

  test('names from outside cannot break out of their code span', () => {
    expect(warningsOf({}, { hostname: 'idrac-ABC1234' })[0]?.text).not.toContain('``');
  });
});
