import { expect, test } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { planRows } from '../../src/core/plan-rows.ts';
import { create, remove, update } from './changes.ts';

test.each<[string, Change, string]>([
  [
    'what is made, by its first line',
    create('entry', { after: { comments: '**one** of `a`\ntwo', kind: 'success' } }),
    'one of a',
  ],
  [
    'what is made, by its address',
    create('address', { after: { status: 'active', address: '10.0.0.1/24' } }),
    '10.0.0.1/24',
  ],
  ['what is made and said in its label', create('mac', { after: { mac_address: '94:40:C9:00:00:01' } }), ''],
  ['what goes', remove('mac'), ''],
  [
    'a MAC that is made primary',
    update('primary', { before: { primary_mac_address: null }, after: { primary_mac_address: { ref: 'mac' } } }),
    'primary MAC address none → the new one',
  ],
  [
    'a MAC that is put on an interface',
    update('mac', {
      before: { assigned_object_type: null, assigned_object_id: null },
      after: { assigned_object_type: 'dcim.interface', assigned_object_id: 7 },
    }),
    'interface none → 7',
  ],
  [
    'a cable that is moved and tagged',
    update('cable', {
      before: { b_terminations: [], tags: [] },
      after: { b_terminations: [{ object_type: 'dcim.interface', object_id: 9 }], tags: [{ ref: 'tag' }] },
    }),
    'far end no port → interface 9, tag cable-inverted set',
  ],
])('%s', (_, change, says) => {
  expect(planRows([change]).rows).toEqual([[change.op, change.label, says]]);
});

test('changes stand by verb and kind, of each as many as are wanted', () => {
  const changes = [create('a'), update('b'), create('c'), create('d')];
  expect(planRows(changes)).toMatchObject({
    hidden: 0,
    rows: [
      ['create', 'a', ''],
      ['create', 'c', ''],
      ['create', 'd', ''],
      ['update', 'b', ''],
    ],
  });
  expect(planRows(changes, 1)).toMatchObject({
    hidden: 2,
    rows: [
      ['create', 'a', ''],
      ['update', 'b', ''],
    ],
  });
});
