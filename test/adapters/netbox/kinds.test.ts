import { describe, expect, it } from 'vitest';
import { kinds, referenceOf, writeForm, writeForms } from '../../../src/adapters/netbox/kinds.ts';
import type { ObjectKind } from '../../../src/core/change.ts';

describe('what NetBox prints, as it takes it', () => {
  it.each([
    ['a text', 'x', 'x'],
    ['a number', 12, 12],
    ['false', false, false],
    ['nothing', null, null],
    ['what is not there', undefined, null],
    ['a choice', { value: 'planned', label: 'Planned' }, 'planned'],
    ['a choice that is empty', { value: '', label: '' }, ''],
    ['a nested object', { id: 900, url: '…', display: '10.0.0.41/24', family: { value: 4, label: 'IPv4' } }, 900],
    [
      'tags',
      [
        { id: 1, slug: 'a' },
        { id: 2, slug: 'b' },
      ],
      [1, 2],
    ],
    [
      'a cable’s end',
      [{ object_type: 'dcim.interface', object_id: 4658, object: { id: 4658 } }],
      [{ object_type: 'dcim.interface', object_id: 4658 }],
    ],
    [
      'custom fields of 4.7',
      { phase: { value: 'burn-in', label: 'Burn-in' }, rack: null, n: 3 },
      { phase: 'burn-in', rack: null, n: 3 },
    ],
  ])('%s', (_, printed, taken) => {
    expect(writeForm(printed)).toEqual(taken);
  });

  it('goes for a whole object', () => {
    const printed = {
      id: 41,
      status: { value: 'active', label: 'Active' },
      oob_ip: { id: 7, address: '10.0.0.1/24' },
      serial: 'X',
    };
    expect(writeForms(printed)).toEqual({ id: 41, status: 'active', oob_ip: 7, serial: 'X' });
  });
});

describe.each(Object.entries(kinds))('%s', (kind, spec) => {
  it('ends its path with the slash that NetBox insists on', () => {
    expect(spec.path).toMatch(/^[a-z-]+\/[a-z-]+\/$/);
  });

  it('keeps its batches below what If-Match has room for', () => {
    // 8 KiB of headers in gunicorn, 38 bytes a row: 200 rows go through, 220 do not (measured on 4.7.3).
    expect(spec.batch).toBeLessThanOrEqual(150);
  });

  it('looks for a twin by a field that must match, too', () => {
    expect(spec.twin.fields).toContain(spec.twin.by);
    expect(spec.twin.filter).not.toBe('');
  });

  it('knows which of its fields hold ids', () => {
    for (const [field, target] of Object.entries(spec.references))
      expect(referenceOf(kind as ObjectKind, field)).toBe(target);
    expect(referenceOf(kind as ObjectKind, 'name')).toBeUndefined();
  });
});
