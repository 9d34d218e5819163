import type { Authored } from '../../adapters/netbox/change-log.ts';
import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { Change, ChangeKey, Delete, ObjectKind } from '../../core/change.ts';

/** That an object is in use by another one, which the undo does not change. */
export type Use = {
  /** What uses it. */
  readonly by: ObjectKind;
  readonly id: number;
  readonly field: string;
  /** Who changed that one last since the run, where somebody did. */
  readonly last?: Authored | undefined;
};

type UseRow = {
  readonly by: ObjectKind;
  readonly fields: readonly string[];
  readonly userOf: (change: Delete) => number | undefined;
};

/**
 * What may use an object of a kind without being made for it. NetBox lets it be deleted all the same and quietly empties the field (`SET_NULL`): an undo
 * would take from a later run what that built on. To keep another kind, add a row.
 */
const table: Partial<Record<ObjectKind, UseRow>> = {
  'dcim.macaddress': {
    by: 'dcim.interface',
    fields: ['primary_mac_address'],
    userOf: ({ before }) =>
      before.assigned_object_type === 'dcim.interface' ? Number(before.assigned_object_id) : undefined,
  },
  'ipam.ipaddress': {
    by: 'dcim.device',
    fields: ['oob_ip', 'primary_ip4', 'primary_ip6'],
    userOf: ({ subject }) => (subject.startsWith('device:') ? Number(subject.slice('device:'.length)) : undefined),
  },
};

/** Which of the objects that these changes delete are in use by something that they do not change themselves. */
export async function readUses(
  netbox: Pick<NetBox, 'standing'>,
  inverse: readonly Change[],
): Promise<Map<ChangeKey, Use>> {
  const uses = new Map<ChangeKey, Use>();
  for (const [kind, { by, fields, userOf }] of Object.entries(table)) {
    const own = new Set(
      inverse.flatMap(change =>
        change.op === 'update' && change.kind === by
          ? Object.keys(change.after).map(field => `${change.id} ${field}`)
          : [],
      ),
    );
    const asked = inverse.flatMap(change => {
      const user = change.op === 'delete' && change.kind === kind ? userOf(change) : undefined;
      return user === undefined ? [] : [{ change: change as Delete, user }];
    });
    const standing = await netbox.standing(by, [...new Set(asked.map(({ user }) => user))], fields);
    for (const { change, user } of asked) {
      const field = fields.find(name => !own.has(`${user} ${name}`) && standing.get(user)?.fields[name] === change.id);
      if (field !== undefined) uses.set(change.key, { by, id: user, field });
    }
  }
  return uses;
}
