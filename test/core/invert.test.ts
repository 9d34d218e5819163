import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Change, type ChangeKey, type Fields, type ObjectKind, withoutRefs } from '../../src/core/change.ts';
import { type DoneChange, invertChanges } from '../../src/core/invert.ts';
import { checkPlan, depths } from '../../src/core/plan.ts';
import { tries } from '../support/tries.ts';
import { create, keysOf, remove, update } from './changes.ts';

const kind = 'dcim.interface';
/** In these tests an object may point at another with `link`. */
const linkOf = (_: ObjectKind, field: string) => (field === 'link' ? kind : undefined);

type Store = { readonly objects: Map<number, Fields>; nextId: number };

/** Applies a plan as NetBox would: in an order that needs allow, refs resolved, new ids for what is made. */
function carryOut(changes: readonly Change[], store: Store): DoneChange[] {
  checkPlan(changes);
  const deep = depths(changes);
  const ids = new Map<ChangeKey, number>();
  const resolve = (fields: Fields) => withoutRefs(fields, key => ids.get(key) ?? Number.NaN);
  for (const change of changes.toSorted((a, b) => (deep.get(a.key) ?? 0) - (deep.get(b.key) ?? 0))) {
    const id = change.op === 'create' ? store.nextId++ : change.id;
    ids.set(change.key, id);
    if (change.op !== 'create')
      expect(store.objects.get(id), `${change.op} of what is not there`).toMatchObject(change.before);
    if (change.op === 'delete') {
      expect(
        [...store.objects.values()].filter(({ link }) => link === id),
        'something still points at what is deleted',
      ).toEqual([]);
      store.objects.delete(id);
    } else {
      const after = resolve(change.after);
      if (typeof after.link === 'number') expect(store.objects.has(after.link), 'points at nothing').toBe(true);
      store.objects.set(id, { ...store.objects.get(id), ...after });
    }
  }
  return changes.map(change => ({
    change,
    result: { key: change.key, state: 'done', id: ids.get(change.key) ?? Number.NaN },
  }));
}

/** A store without its ids: names, and the names that links point at. */
function shapeOf({ objects }: Store): unknown[] {
  const nameOf = (id: unknown) => (typeof id === 'number' ? objects.get(id)?.name : null);
  return [...objects.values()]
    .map(({ name, size, link }) => ({ name, size, link: nameOf(link) }))
    .sort((a, b) => String(a.name).localeCompare(String(b.name)));
}

type Wish = { act: 'create' | 'update' | 'delete'; pick: number; size: number; link: number };
const wishes = fc.array(
  fc.record<Wish>({
    act: fc.constantFrom('create', 'update', 'delete'),
    pick: fc.nat(),
    size: fc.nat(9),
    link: fc.nat(),
  }),
  { maxLength: 12 },
);

/** A first store and a plan that is right for it: each object is touched once, links point at what stays, unlinking comes before deleting. */
function scene(list: readonly Wish[]): { store: Store; plan: Change[] } {
  const objects = new Map<number, Fields>();
  const planned = list.map((wish, i) => ({ ...wish, id: i + 1, key: `k${i}` }));
  for (const { id, act, size } of planned) if (act !== 'create') objects.set(id, { name: `o${id}`, size, link: null });
  const doomed = planned.filter(({ act }) => act === 'delete');
  const updated = planned.filter(({ act }) => act === 'update');
  // Before the plan, updated objects point at doomed ones: the plan has to let go of them first.
  const held = new Map<number, string[]>();
  for (const { id, key, link } of updated) {
    const target = doomed[link % Math.max(1, doomed.length)];
    if (target === undefined) continue;
    objects.set(id, { ...objects.get(id), link: target.id });
    held.set(target.id, [...(held.get(target.id) ?? []), key]);
  }
  const made = planned.filter(({ act }) => act === 'create');
  const plan = planned.map(({ act, id, key, size, pick }): Change => {
    if (act === 'delete') return remove(key, { kind, id, before: objects.get(id) ?? {}, needs: held.get(id) ?? [] });
    const target = made[pick % Math.max(1, made.length)];
    const link = target && target.key !== key && (act === 'update' || target.id < id) ? { ref: target.key } : null;
    const needs = link ? [link.ref] : [];
    if (act === 'create') return create(key, { kind, after: { name: `o${id}`, size, link }, needs });
    const before = objects.get(id) ?? {};
    return update(key, {
      kind,
      id,
      before: { size: before.size ?? null, link: before.link ?? null },
      after: { size: size + 1, link },
      needs,
    });
  });
  return { store: { objects, nextId: 1000 }, plan };
}

describe('the inverse of a plan', () => {
  it('gives back the store as it was, and its own inverse the store as it became', () => {
    fc.assert(
      fc.property(wishes, list => {
        const { store, plan } = scene(list);
        const first = shapeOf(store);
        const done = carryOut(plan, store);
        const second = shapeOf(store);
        const undone = carryOut(invertChanges(done, linkOf), store);
        expect(shapeOf(store)).toEqual(first);
        const redone = carryOut(invertChanges(undone, linkOf), store);
        expect(shapeOf(store)).toEqual(second);
        carryOut(invertChanges(redone, linkOf), store);
        expect(shapeOf(store)).toEqual(first);
      }),
      { numRuns: tries(300) },
    );
  });

  it('is itself a plan whatever part of the run was done', () => {
    fc.assert(
      fc.property(wishes, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (list, luck) => {
        const { store, plan } = scene(list);
        const done = carryOut(plan, store);
        const lucky = new Set(keysOf(plan).filter((_, i) => luck[i]));
        // What needs something that failed was skipped.
        const deep = depths(plan);
        for (const change of plan.toSorted((a, b) => (deep.get(a.key) ?? 0) - (deep.get(b.key) ?? 0))) {
          if (change.needs?.some(need => !lucky.has(need))) lucky.delete(change.key);
        }
        checkPlan(
          invertChanges(
            done.filter(({ change }) => lucky.has(change.key)),
            linkOf,
          ),
        );
      }),
    );
  });

  it('turns needs round and goes backwards', () => {
    const plan = [
      create('mac'),
      update('primary', {
        after: { primary_mac_address: { ref: 'mac' } },
        before: { primary_mac_address: null },
        needs: ['mac'],
      }),
      create('entry', { needs: ['primary'] }),
    ];
    const done = plan.map((change, i) => ({
      change,
      result: { key: change.key, state: 'done' as const, id: 70 + i, version: `v${i}` },
    }));
    expect(invertChanges(done, () => undefined)).toMatchObject([
      { op: 'delete', key: 'entry', id: 72, needs: [], version: 'v2' },
      {
        op: 'update',
        key: 'primary',
        id: 1,
        before: { primary_mac_address: 70 },
        after: { primary_mac_address: null },
        needs: ['entry'],
        version: 'v1',
      },
      { op: 'delete', key: 'mac', id: 70, needs: ['primary'], version: 'v0' },
    ]);
  });

  it('lets a field follow the new id of what is made again, and no other field that holds the same number', () => {
    const done = [
      {
        change: update('clear', {
          kind: 'dcim.device',
          id: 5,
          before: { oob_ip: 9, position: 9 },
          after: { oob_ip: null, position: 1 },
        }),
        result: { key: 'clear', state: 'done' as const, id: 5 },
      },
      {
        change: remove('ip', { kind: 'ipam.ipaddress', id: 9, before: { address: '10.0.0.9/24' }, needs: ['clear'] }),
        result: { key: 'ip', state: 'done' as const, id: 9 },
      },
    ];
    const [again, restore] = invertChanges(done, (_, field) => (field === 'oob_ip' ? 'ipam.ipaddress' : undefined));
    expect(again).toMatchObject({ op: 'create', key: 'ip', after: { address: '10.0.0.9/24' } });
    expect(restore).toMatchObject({ op: 'update', after: { oob_ip: { ref: 'ip' }, position: 9 }, needs: ['ip'] });
  });
});
