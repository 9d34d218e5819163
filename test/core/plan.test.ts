import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPlan, depths, kindText, planText, tally } from '../../src/core/plan.ts';
import { create, remove, update } from './changes.ts';

describe('checkPlan', () => {
  it.each([
    ['an empty plan', []],
    ['needs in any order', [update('b', { needs: ['a'] }), create('a')]],
    [
      'a diamond',
      [create('a'), create('b', { needs: ['a'] }), create('c', { needs: ['a'] }), create('d', { needs: ['b', 'c'] })],
    ],
  ])('takes %s', (_, changes) => {
    expect(() => checkPlan(changes)).not.toThrow();
  });

  it.each([
    ['a key twice', [create('a'), update('a')], 'two changes with the key a'],
    ['a need that is nowhere', [create('a', { needs: ['b'] })], 'change a needs b, which is not in the plan'],
    ['a change that needs itself', [create('a', { needs: ['a'] })], 'circle: a -> a'],
    [
      'a circle',
      [create('a', { needs: ['c'] }), create('b', { needs: ['a'] }), create('c', { needs: ['b'] })],
      'circle: a -> c -> b -> a',
    ],
    [
      'a ref without its need',
      [create('a'), update('b', { after: { primary_mac_address: { ref: 'a' } } })],
      'change b refers to a without needing it',
    ],
  ])('refuses %s', (_, changes, says) => {
    expect(() => checkPlan(changes)).toThrow(says);
  });
});

it('depths: one more than the deepest need', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(100), { maxLength: 3 }), { maxLength: 30 }), wishes => {
      const changes = wishes.map((needs, i) =>
        create(`c${i}`, { needs: i === 0 ? [] : needs.map(need => `c${need % i}`) }),
      );
      const found = depths(changes.toReversed());
      for (const { key, needs = [] } of changes) {
        expect(found.get(key)).toBe(
          needs.length === 0 ? 0 : Math.max(...needs.map(need => found.get(need) ?? Number.NaN)) + 1,
        );
      }
    }),
  );
});

it('says in words what would be written', () => {
  expect(planText([])).toBe('');
  expect(planText([create('a')])).toBe('create 1 MAC address');
  const changes = [
    create('a'),
    create('b'),
    update('c'),
    create('d', { kind: 'extras.journalentry' }),
    remove('e'),
    update('f', { kind: 'dcim.device' }),
  ];
  expect(planText(changes)).toBe(
    'create 2 MAC addresses, update 1 interface, create 1 journal entry, delete 1 MAC address, update 1 device',
  );
  expect(kindText('ipam.ipaddress', 0)).toBe('IP addresses');
});

it('tallies results', () => {
  const results = [
    { key: 'a', state: 'done', id: 1 },
    { key: 'b', state: 'failed', reason: 'x' },
    { key: 'c', state: 'skipped', reason: 'y' },
    { key: 'd', state: 'done', id: 2 },
  ] as const;
  expect(tally(results)).toEqual({ done: 2, failed: 1, skipped: 1 });
  expect(tally([])).toEqual({ done: 0, failed: 0, skipped: 0 });
});
