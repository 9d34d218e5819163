import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Digest, ObjectName, RecordObject } from '../../../src/adapters/postgres/record/record.ts';
import {
  commonColumns,
  fieldChanges,
  matchById,
  pairByKey,
  shapeDiffs,
  tableDiffs,
} from '../../../src/engine/snapshots/record-diff.ts';

/** In pages, as a database gives them. */
async function* pages(digests: readonly Digest[], size: number): AsyncGenerator<readonly Digest[]> {
  for (let at = 0; at < digests.length; at += size) yield digests.slice(at, at + size);
}

const row = (id: number, digest = 'x', made = 'then'): Digest => ({ id, digest, made });
const match = (before: Digest[], after: Digest[]) => matchById(pages(before, 2), pages(after, 3));
const none = { added: [], removed: [], changed: [] };

describe('by id', () => {
  test.each([
    ['nothing in either', [], [], none],
    ['the same', [row(1), row(2)], [row(1), row(2)], none],
    ['all new', [], [row(1), row(2)], { ...none, added: [1, 2] }],
    ['all gone', [row(1), row(2)], [], { ...none, removed: [1, 2] }],
    ['one changed', [row(1), row(2)], [row(1), row(2, 'y')], { ...none, changed: [2] }],
    ['one gone in the middle', [row(1), row(2), row(3)], [row(1), row(3)], { ...none, removed: [2] }],
    ['one new in the middle', [row(1), row(3)], [row(1), row(2), row(3)], { ...none, added: [2] }],
    ['a number given again', [row(1)], [row(1, 'x', 'now')], { added: [1], removed: [1], changed: [] }],
  ])('%s', async (_, before, after, ids) => expect(await match(before, after)).toEqual(ids));

  test('whatever there is: as sets say it, whatever the pages', async () => {
    const aSide = fc
      .uniqueArray(
        fc.record({
          id: fc.integer({ min: 1, max: 20 }),
          digest: fc.constantFrom('x', 'y'),
          made: fc.constantFrom('a', 'b'),
        }),
        {
          selector: ({ id }) => id,
        },
      )
      .map(side => side.sort((a, b) => a.id - b.id));
    await fc.assert(
      fc.asyncProperty(aSide, aSide, fc.integer({ min: 1, max: 5 }), async (before, after, size) => {
        const isIn = (side: Digest[]) => (one: Digest) =>
          side.some(({ id, made }) => id === one.id && made === one.made);
        const ids = (side: Digest[]) => side.map(({ id }) => id);
        expect(await matchById(pages(before, size), pages(after, 7))).toEqual({
          removed: ids(before.filter(one => !isIn(after)(one))),
          added: ids(after.filter(one => !isIn(before)(one))),
          changed: ids(
            before.filter(one =>
              after.some(other => other.id === one.id && other.made === one.made && other.digest !== one.digest),
            ),
          ),
        });
      }),
    );
  });
});

describe('by key', () => {
  const named = (id: number, key: string): ObjectName => ({ id, key, name: `${key} of a` });

  test('what is called the same once on each side was made anew', () => {
    const [gone, come] = [named(1, 'a'), named(9, 'a')];
    expect(pairByKey([gone, named(2, 'b')], [named(8, 'c'), come])).toEqual({
      remade: [{ before: gone, after: come }],
      removed: [named(2, 'b')],
      added: [named(8, 'c')],
    });
  });

  test('several of one name are told as they are', () => {
    const [removed, added] = [[named(1, 'a'), named(2, 'a')], [named(9, 'a')]];
    expect(pairByKey(removed, added)).toEqual({ remade: [], removed, added });
  });

  test('nothing gets lost', () => {
    const aList = fc.uniqueArray(fc.tuple(fc.nat(), fc.constantFrom('a', 'b', 'c', '__proto__')), {
      selector: ([id]) => id,
    });
    fc.assert(
      fc.property(aList, aList, (before, after) => {
        const [gone, come] = [before.map(one => named(...one)), after.map(one => named(...one))];
        const { remade, removed, added } = pairByKey(gone, come);
        expect(new Set([...removed, ...remade.map(pair => pair.before)])).toEqual(new Set(gone));
        expect(new Set([...added, ...remade.map(pair => pair.after)])).toEqual(new Set(come));
      }),
    );
  });
});

describe('fields', () => {
  const object = (fields: RecordObject['fields']): RecordObject => ({ id: 1, name: 'a', fields });
  test.each<[string, RecordObject['fields'], RecordObject['fields'], object]>([
    ['the same', { a: 1, b: null, c: { x: 1 } }, { a: 1, b: null, c: { x: 1 } }, {}],
    ['a value', { a: 'x' }, { a: 'y' }, { a: { before: 'x', after: 'y' } }],
    ['nothing and an empty text', { a: null }, { a: '' }, { a: { before: null, after: '' } }],
    ['a text and a number', { a: '1' }, { a: 1 }, { a: { before: '1', after: 1 } }],
    [
      'a reference to another one of the same name',
      { role: { id: 1, name: 'x' } },
      { role: { id: 2, name: 'x' } },
      { role: { before: { id: 1, name: 'x' }, after: { id: 2, name: 'x' } } },
    ],
    [
      'custom fields, each by itself',
      { custom_field_data: { phase: 'a', rack: 1, old: true } },
      { custom_field_data: { phase: 'b', rack: 1, more: [1] } },
      {
        'custom phase': { before: 'a', after: 'b' },
        'custom old': { before: true, after: null },
        'custom more': { before: null, after: [1] },
      },
    ],
    [
      'custom fields where there were none',
      { custom_field_data: null },
      { custom_field_data: { a: 1 } },
      { 'custom a': { before: null, after: 1 } },
    ],
  ])('%s', (_, before, after, changes) => {
    expect(fieldChanges(object(before), object(after))).toEqual(changes);
  });
});

test('tables with other numbers of rows, and such as only one has', () => {
  expect(tableDiffs({ a: 1, b: 2, old: 0 }, { a: 1, b: 3, fresh: 0 })).toEqual([
    { table: 'b', before: 2, after: 3 },
    { table: 'fresh', before: null, after: 0 },
    { table: 'old', before: 0, after: null },
  ]);
});

test('two versions of NetBox: what only one has is told, and the rest compared', () => {
  const before = new Map([
    ['device', ['name', 'face']],
    ['mac', ['mac_address']],
  ] as const);
  const after = new Map([
    ['device', ['name', 'owner_id']],
    ['cable', ['label']],
  ] as const);
  expect(shapeDiffs(before, after)).toEqual([
    { kind: 'device', column: 'face', only: 'before' },
    { kind: 'mac', column: null, only: 'before' },
    { kind: 'device', column: 'owner_id', only: 'after' },
    { kind: 'cable', column: null, only: 'after' },
  ]);
  expect(commonColumns(before, after)).toEqual(new Map([['device', ['name']]]));
});
