import type { Change, Create, Delete, Update } from '../../src/core/change.ts';

/** Changes for tests: what a test does not name is filled in. */
export function create(key: string, rest: Partial<Omit<Create, 'op' | 'key'>> = {}): Create {
  return { op: 'create', kind: 'dcim.macaddress', key, label: key, subject: key, after: {}, ...rest };
}

export function update(key: string, rest: Partial<Omit<Update, 'op' | 'key'>> = {}): Update {
  return { op: 'update', kind: 'dcim.interface', key, label: key, subject: key, id: 1, before: {}, after: {}, ...rest };
}

export function remove(key: string, rest: Partial<Omit<Delete, 'op' | 'key'>> = {}): Delete {
  return { op: 'delete', kind: 'dcim.macaddress', key, label: key, subject: key, id: 1, before: {}, ...rest };
}

export function keysOf(changes: readonly Change[]): string[] {
  return changes.map(change => change.key);
}
