import type { Fields, FieldValue, ObjectKind } from '../../core/change.ts';

/** How one kind of object is spoken to. To write another kind, add a row. */
export type KindSpec = {
  /** Below `/api/`, with the slash that NetBox insists on. */
  readonly path: string;
  /** Fields that hold another object's id. Undo follows them when that object gets a new id. */
  readonly references: Readonly<Record<string, ObjectKind>>;
  /**
   * How to find the object, should it exist, that creating some fields would have made: a filter, the field that has its
   * value, and the fields that must match. Used when the answer to a create was lost: MACs and journal entries have no
   * uniqueness in NetBox, and a blind repeat would double them.
   */
  readonly twin: { readonly filter: string; readonly by: string; readonly fields: readonly string[] };
  /** All fields that making the object again takes: the before-image of a delete. Nothing for what bmtool never deletes. NetBox ignores names that it does not know. */
  readonly whole?: readonly string[];
  /** NetBox makes these one request after another, behind a lock: a second one at a time would only keep a web worker waiting. */
  readonly createsAlone?: true;
  /** Choices that may be null, and that a create must leave out then. */
  readonly nullChoices?: readonly string[];
  /** Rows in one request; NetBox's cost per row is flat from about 50 on, and one transaction should stay short. */
  readonly batch: number;
  /** CPU that NetBox 4.7 spends on a row of a list, milliseconds: weighs progress and throughput when kinds are mixed. */
  readonly cost: number;
};

export const kinds: Readonly<Record<ObjectKind, KindSpec>> = {
  'dcim.device': {
    path: 'dcim/devices/',
    references: { oob_ip: 'ipam.ipaddress', primary_ip4: 'ipam.ipaddress', primary_ip6: 'ipam.ipaddress' },
    twin: { filter: 'name', by: 'name', fields: ['name', 'serial'] },
    batch: 50,
    cost: 25,
  },
  'dcim.interface': {
    path: 'dcim/interfaces/',
    references: { primary_mac_address: 'dcim.macaddress' },
    twin: { filter: 'device_id', by: 'device', fields: ['device', 'name'] },
    batch: 50,
    cost: 43,
  },
  'dcim.macaddress': {
    path: 'dcim/mac-addresses/',
    references: {},
    twin: {
      filter: 'assigned_object_id',
      by: 'assigned_object_id',
      fields: ['mac_address', 'assigned_object_type', 'assigned_object_id'],
    },
    whole: [
      'mac_address',
      'assigned_object_type',
      'assigned_object_id',
      'description',
      'comments',
      'tags',
      'custom_fields',
    ],
    batch: 100,
    cost: 15,
  },
  'dcim.cable': {
    path: 'dcim/cables/',
    references: { tags: 'extras.tag' },
    twin: { filter: 'label', by: 'label', fields: ['label', 'a_terminations', 'b_terminations'] },
    batch: 25,
    cost: 95,
  },
  'ipam.ipaddress': {
    path: 'ipam/ip-addresses/',
    references: { tags: 'extras.tag', nat_inside: 'ipam.ipaddress' },
    twin: { filter: 'address', by: 'address', fields: ['address', 'assigned_object_type', 'assigned_object_id'] },
    whole: [
      'address',
      'vrf',
      'tenant',
      'status',
      'role',
      'assigned_object_type',
      'assigned_object_id',
      'nat_inside',
      'dns_name',
      'description',
      'comments',
      'owner',
      'tags',
      'custom_fields',
    ],
    createsAlone: true,
    nullChoices: ['role'],
    batch: 50,
    cost: 17,
  },
  'extras.journalentry': {
    path: 'extras/journal-entries/',
    references: { tags: 'extras.tag' },
    twin: {
      filter: 'assigned_object_id',
      by: 'assigned_object_id',
      fields: ['assigned_object_type', 'assigned_object_id', 'kind', 'comments'],
    },
    whole: ['assigned_object_type', 'assigned_object_id', 'created_by', 'kind', 'comments', 'tags', 'custom_fields'],
    batch: 100,
    cost: 17,
  },
  'extras.tag': {
    path: 'extras/tags/',
    references: {},
    twin: { filter: 'slug', by: 'slug', fields: ['slug', 'name'] },
    whole: ['name', 'slug', 'color', 'description', 'weight', 'object_types', 'owner'],
    batch: 50,
    cost: 15,
  },
};

/** The kind whose id a field holds, for `invertChanges`. */
export function referenceOf(kind: ObjectKind, field: string): ObjectKind | undefined {
  return kinds[kind].references[field];
}

/**
 * A value as NetBox prints it → the form in which it takes it (trap 8): `{value,label}` → value, a nested object → its
 * id, a termination → `{object_type, object_id}`.
 */
export function writeForm(value: unknown): FieldValue {
  if (Array.isArray(value)) return value.map(writeForm);
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return value as string | number | boolean;
  const fields = value as Record<string, unknown>;
  if ('object_type' in fields && 'object_id' in fields) {
    return { object_type: String(fields.object_type), object_id: Number(fields.object_id) };
  }
  if ('value' in fields && 'label' in fields) return writeForm(fields.value);
  if (typeof fields.id === 'number') return fields.id;
  return Object.fromEntries(Object.entries(fields).map(([name, inner]) => [name, writeForm(inner)]));
}

/** An object as NetBox prints it → its fields in write form. */
export function writeForms(object: Readonly<Record<string, unknown>>): Fields {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, writeForm(value)]));
}
