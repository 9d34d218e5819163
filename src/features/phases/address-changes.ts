import type { Change, Create, FieldValue, Update } from '../../core/change.ts';
import type { Decision } from './decide.ts';
import { beforeOf, type Details, needs } from './details.ts';
import type { Facts } from './facts.ts';

/** Status and out-of-band address are one PATCH: it costs NetBox what one of them costs. */
export function addressChanges({ server, status, address }: Decision, facts: Facts, details: Details): Change[] {
  const subject = `device:${server.id}`;
  const bmc = server.bmcs[0];
  const made: Create[] =
    address?.give === undefined
      ? []
      : [
          {
            op: 'create',
            kind: 'ipam.ipaddress',
            key: `address:${server.id}`,
            label: `address ${address.give} on ${server.name} ${bmc?.name}`,
            subject,
            after: {
              address: address.give,
              ...(facts.bmcNetwork?.vrfId === undefined ? {} : { vrf: facts.bmcNetwork.vrfId }),
              status: 'active',
              assigned_object_type: 'dcim.interface',
              assigned_object_id: bmc?.id ?? 0,
            },
          },
        ];
  const removed = new Set(address?.remove.map(({ id }) => id));
  const fields: [name: string, before: FieldValue, after: FieldValue][] = [
    ...(status === undefined ? [] : ([['status', server.status, status]] as const)),
    ...oobField(address, server.oobIpId, made[0]),
    ...(
      [
        ['primary_ip4', server.primaryIp4Id],
        ['primary_ip6', server.primaryIp6Id],
      ] as const
    ).flatMap(([name, id]) =>
      id !== undefined && removed.has(id) ? [[name, id, null] as [string, FieldValue, FieldValue]] : [],
    ),
  ] as [string, FieldValue, FieldValue][];
  const update: Update[] =
    fields.length === 0
      ? []
      : [
          {
            op: 'update',
            kind: 'dcim.device',
            key: `device:${server.id}`,
            label: `device ${server.name}`,
            subject,
            id: server.id,
            before: Object.fromEntries(fields.map(([name, before]) => [name, before])),
            after: Object.fromEntries(fields.map(([name, , after]) => [name, after])),
            version: server.version,
            ...needs(made),
          },
        ];
  // The device lets go of an address first: deleting one that it points to saves the device behind our back, and deadlocks with a PATCH of it.
  const deleted = (address?.remove ?? []).map(
    (old): Change => ({
      op: 'delete',
      kind: 'ipam.ipaddress',
      key: `address:${server.id}/${old.id}`,
      label: `address ${old.address} on ${server.name}`,
      subject,
      id: old.id,
      ...beforeOf(details, 'ipam.ipaddress', old.id),
      ...needs(update),
    }),
  );
  return [...made, ...update, ...deleted];
}

function oobField(
  address: Decision['address'],
  before: number | undefined,
  made: Create | undefined,
): [string, FieldValue, FieldValue][] {
  if (address === undefined) return [];
  if (made) return [['oob_ip', before ?? null, { ref: made.key }]];
  if (address.promote) return [['oob_ip', before ?? null, address.promote.id]];
  return address.clearOob ? [['oob_ip', before ?? null, null]] : [];
}
