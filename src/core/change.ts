/** The kinds of NetBox object that bmtool writes, by NetBox's own `app.model` names. */
export type ObjectKind =
  | 'dcim.device'
  | 'dcim.interface'
  | 'dcim.macaddress'
  | 'dcim.cable'
  | 'ipam.ipaddress'
  | 'extras.journalentry'
  | 'extras.tag';

/** Names a change inside its plan, readable: `mac:srv-001/iDRAC`. */
export type ChangeKey = string;

/** Stands for the id of an object that another change of the same plan creates. */
export type Ref = {
  /** The key of that change. */
  readonly ref: ChangeKey;
};

export type FieldValue = string | number | boolean | null | Ref | readonly FieldValue[] | Fields;

/** Field values in the form in which NetBox takes them on a write: ids, not nested objects; `"planned"`, not `{value,label}`. */
export type Fields = { readonly [name: string]: FieldValue };

type About = {
  /** Names the change inside its plan. */
  readonly key: ChangeKey;
  /** The kind of object, by NetBox's own name. */
  readonly kind: ObjectKind;
  /** What a person calls the object: `MAC 94:40:C9:00:00:01 on srv-001 iLO`. */
  readonly label: string;
  /**
   * What the object belongs to, for instance `device:41`. Two requests that touch one subject are never in flight
   * together: NetBox saves the device from several endpoints, and two transactions that do so deadlock
   * (measured on 4.7.3: deleting OOB addresses beside a PATCH of their devices).
   */
  readonly subject: string;
  /** Changes that must be done before this one. What is needed and fails makes this one skipped. */
  readonly needs?: readonly ChangeKey[];
};

export type Create = About & {
  /** What is done. */
  readonly op: 'create';
  /** The fields of the new object. */
  readonly after: Fields;
};
export type Update = About & {
  /** What is done. */
  readonly op: 'update';
  /** NetBox's id of the object. */
  readonly id: number;
  /** The old values of exactly the fields in `after`. */
  readonly before: Fields;
  /** The new values. */
  readonly after: Fields;
  /** `last_updated` as read with `before`; guards the write where NetBox can (If-Match, 4.6 and later). */
  readonly version?: string;
  /**
   * The change of this plan, also among `needs`, that writes the same object right before this one (a cable is emptied, later
   * set): what that one leaves behind is what guards this one.
   */
  readonly follows?: ChangeKey;
};
export type Delete = About & {
  /** What is done. */
  readonly op: 'delete';
  /** NetBox's id of the object. */
  readonly id: number;
  /** Everything needed to make the object again. */
  readonly before: Fields;
  /** `last_updated` as read with `before`. */
  readonly version?: string;
};
/** One write to one object of NetBox. */
export type Change = Create | Update | Delete;

/** Why a change was skipped whose turn never came. */
export const interruptedReason = 'interrupted';

/** What became of one change. `skipped` was never sent. */
export type ChangeResult = Done | NotDone;

type Done = {
  /** The key of the change. */
  readonly key: ChangeKey;
  /** NetBox carried it out. */
  readonly state: 'done';
  /** NetBox's id of the object. */
  readonly id: number;
  /** `last_updated` after it. */
  readonly version?: string;
  /** NetBox's id of the request. */
  readonly request?: string;
};

type NotDone = {
  /** The key of the change. */
  readonly key: ChangeKey;
  /** `failed`: NetBox refused it. `skipped`: it was never sent. */
  readonly state: 'failed' | 'skipped';
  /** Why. */
  readonly reason: string;
};

export function isRef(value: FieldValue | undefined): value is Ref {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && typeof (value as Ref).ref === 'string';
}

/** Replaces every `Ref` in `fields` by what `resolve` gives for it. */
export function withoutRefs(fields: Fields, resolve: (key: ChangeKey) => number): Fields {
  return mapFields(fields, value => (isRef(value) ? resolve(value.ref) : value));
}

/** Applies `change` to every value in `fields`, innermost values included, refs as a whole. */
export function mapFields(fields: Fields, change: (value: FieldValue, name: string) => FieldValue): Fields {
  const walk = (value: FieldValue, name: string): FieldValue => {
    const changed = change(value, name);
    if (isRef(changed) || changed === null || typeof changed !== 'object') return changed;
    if (Array.isArray(changed)) return changed.map(item => walk(item, name));
    return mapFields(changed as Fields, change);
  };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, walk(value, name)]));
}

/** Whether two field values are the same to NetBox. Key order does not count, order in lists does. */
export function sameValue(a: FieldValue | undefined, b: FieldValue | undefined): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

/** Fields whose lists are sets: NetBox gives them back in an order of its own. */
const setFields: ReadonlySet<string> = new Set(['tags']);

/** The names of the fields in which `now` differs from `wanted`; fields that `wanted` does not name do not count. */
export function differingFields(wanted: Fields, now: Fields): string[] {
  const comparable = (fields: Fields, name: string) => {
    const value = fields[name];
    return setFields.has(name) && Array.isArray(value) ? value.toSorted((a, b) => Number(a) - Number(b)) : value;
  };
  return Object.keys(wanted).filter(name => !sameValue(comparable(wanted, name), comparable(now, name)));
}

function sorted(value: FieldValue | undefined): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
