import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differingFields, type FieldValue, isRef, mapFields, sameValue, withoutRefs } from '../../src/core/change.ts';

it('takes tags for a set: NetBox gives them back in an order of its own', () => {
  expect(differingFields({ tags: [10, 9] }, { tags: [9, 10] })).toEqual([]);
  expect(differingFields({ tags: [10, 9] }, { tags: [9] })).toEqual(['tags']);
  expect(differingFields({ ports: [2, 1] }, { ports: [1, 2] })).toEqual(['ports']);
});

describe('sameValue', () => {
  it.each<[FieldValue | undefined, FieldValue | undefined, boolean]>([
    [1, 1, true],
    [1, '1', false],
    [null, null, true],
    [null, undefined, false],
    ['', null, false],
    [[1, 2], [2, 1], false],
    [{ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [{ ref: 'x' }, { ref: 'x' }, true],
  ])('%j and %j: %s', (a, b, same) => {
    expect(sameValue(a, b)).toBe(same);
    expect(sameValue(b, a)).toBe(same);
  });

  it('never minds the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fields => {
        const turned = Object.fromEntries(Object.entries(fields).toReversed());
        expect(sameValue(fields as FieldValue, turned as FieldValue)).toBe(true);
      }),
    );
  });
});

it('names the wanted fields that differ, and no others', () => {
  expect(
    differingFields({ status: 'planned', oob_ip: 5, name: 'a' }, { status: 'active', oob_ip: 5, comments: 'x' }),
  ).toEqual(['status', 'name']);
});

describe('refs', () => {
  it('are told from fields that happen to be objects', () => {
    expect(isRef({ ref: 'mac:1' })).toBe(true);
    for (const value of [null, undefined, 'ref', 5, [], ['ref'], { object_id: 1 }, { ref: 5 }] as (
      | FieldValue
      | undefined
    )[])
      expect(isRef(value)).toBe(false);
  });

  it('are resolved wherever they stand', () => {
    const fields = {
      a: { ref: 'x' },
      b: [{ ref: 'y' }, 1],
      c: { d: { ref: 'x' }, e: [{ object_id: { ref: 'y' } }] },
      f: null,
    };
    expect(withoutRefs(fields, key => (key === 'x' ? 10 : 20))).toEqual({
      a: 10,
      b: [20, 1],
      c: { d: 10, e: [{ object_id: 20 }] },
      f: null,
    });
  });

  it('keep their names on the way: a list’s items have the name of the list', () => {
    const seen: string[] = [];
    mapFields({ tags: [1, 2], custom_fields: { rack: 3 } }, (value, name) => {
      if (typeof value === 'number') seen.push(`${name}=${value}`);
      return value;
    });
    expect(seen).toEqual(['tags=1', 'tags=2', 'rack=3']);
  });
});
