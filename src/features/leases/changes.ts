import type { Change, Create, FieldValue, Update } from '../../core/change.ts';
import type { Decision, Placing } from './decide.ts';
import type { HeldAddress } from './facts.ts';
import type { Warning } from './warnings.ts';

/** The changes that carry a decision out, and the journal entries that are due. Keys begin with the MAC, which a batch has once. */
export function changesFor(decision: Decision, due: readonly Warning[]): Change[] {
  const record = recordChanges(decision);
  return [...record, ...due.map((warning, i) => journalEntry(decision, warning, i, record))];
}

function recordChanges({ lease, facts, status, placing }: Decision): Change[] {
  const { device, ports } = facts;
  const port = ports[0];
  if (placing === undefined || device === undefined || port === undefined) return [];
  const about = {
    prefix: lease.mac,
    subject: `device:${device.id}`,
    on: `${device.name} ${port.name}`,
    portId: port.id,
  };
  const released = releaseHolder(placing, about);
  const placed = placeAddress(placing, about, released);
  const oob: FieldValue =
    placed.find(change => change.op === 'create') !== undefined
      ? { ref: addressKey(about) }
      : ((placing.use ?? placing.renumber)?.id ?? null);
  const fields: readonly (readonly [name: string, before: FieldValue, after: FieldValue])[] = [
    ...(status === undefined || status === device.status ? [] : ([['status', device.status, status]] as const)),
    ...(placing.setOob ? ([['oob_ip', device.oobIpId ?? null, oob]] as const) : []),
    ...primaryFields(device, placing.letGo),
  ];
  const update: Update[] =
    fields.length === 0
      ? []
      : [
          {
            op: 'update',
            kind: 'dcim.device',
            key: `device:${about.prefix}`,
            label: `device ${device.name}`,
            subject: about.subject,
            id: device.id,
            before: Object.fromEntries(fields.map(([name, before]) => [name, before])),
            after: Object.fromEntries(fields.map(([name, , after]) => [name, after])),
            version: device.version,
            ...needs(placed),
          },
        ];
  // NetBox refuses to take an address off an interface while the device points to it.
  const letGo = placing.letGo.map(
    (held): Update => ({
      op: 'update',
      kind: 'ipam.ipaddress',
      key: `let-go:${about.prefix}/${held.id}`,
      label: `address ${held.address} off ${about.on}`,
      subject: about.subject,
      id: held.id,
      before: { assigned_object_type: 'dcim.interface', assigned_object_id: port.id },
      after: { assigned_object_type: null, assigned_object_id: null },
      ...needs(update),
    }),
  );
  return [...released, ...placed, ...update, ...letGo];
}

type About = { readonly prefix: string; readonly subject: string; readonly on: string; readonly portId: number };

function addressKey({ prefix }: About): string {
  return `address:${prefix}`;
}

/** The device that has the address by an older lease stops pointing to it. */
function releaseHolder({ use }: Placing, { prefix }: About): Update[] {
  const device = use?.holder?.device;
  if (use === undefined || device === undefined) return [];
  const fields = [
    ...(device.oobIpId === use.id ? (['oob_ip'] as const) : []),
    ...(device.primaryIp4Id === use.id ? (['primary_ip4'] as const) : []),
  ];
  if (fields.length === 0) return [];
  return [
    {
      op: 'update',
      kind: 'dcim.device',
      key: `holder:${prefix}`,
      label: `device ${device.name}`,
      subject: `device:${device.id}`,
      id: device.id,
      before: Object.fromEntries(fields.map(name => [name, use.id])),
      after: Object.fromEntries(fields.map(name => [name, null])),
      version: device.version,
    },
  ];
}

function placeAddress(placing: Placing, about: About, released: readonly Change[]): (Create | Update)[] {
  const { use, renumber, make, address, vrfId } = placing;
  const assigned = { assigned_object_type: 'dcim.interface', assigned_object_id: about.portId };
  const base = { kind: 'ipam.ipaddress', key: addressKey(about), subject: about.subject } as const;
  if (make)
    return [
      {
        ...base,
        op: 'create',
        label: `address ${address} on ${about.on}`,
        after: { address, ...(vrfId === undefined ? {} : { vrf: vrfId }), status: 'active', ...assigned },
      },
    ];
  if (renumber)
    return [
      {
        ...base,
        op: 'update',
        label: `address ${renumber.address} of ${about.on}, now ${address}`,
        id: renumber.id,
        before: { address: renumber.address },
        after: { address },
      },
    ];
  if (use === undefined || use.on?.id === about.portId) return [];
  const before = { assigned_object_type: use.on?.type ?? null, assigned_object_id: use.on?.id ?? null };
  const remask = use.address === address ? {} : { address: use.address };
  return [
    {
      ...base,
      op: 'update',
      label: `address ${use.address} to ${about.on}`,
      id: use.id,
      before: { ...before, ...remask },
      after: { ...assigned, ...(use.address === address ? {} : { address }) },
      ...needs(released),
    },
  ];
}

function primaryFields(
  device: { primaryIp4Id: number | undefined },
  letGo: readonly HeldAddress[],
): (readonly [string, FieldValue, FieldValue])[] {
  const id = device.primaryIp4Id;
  return id !== undefined && letGo.some(held => held.id === id) ? [['primary_ip4', id, null]] : [];
}

/** Last, so that it never tells of something that did not happen. */
function journalEntry({ lease }: Decision, { deviceId, text }: Warning, i: number, record: readonly Change[]): Create {
  return {
    op: 'create',
    kind: 'extras.journalentry',
    key: `journal:${lease.mac}/${i}`,
    label: `journal entry about ${lease.mac}`,
    subject: `device:${deviceId}`,
    after: { assigned_object_type: 'dcim.device', assigned_object_id: deviceId, kind: 'warning', comments: text },
    ...needs(record),
  };
}

function needs(changes: readonly Change[]): { needs?: string[] } {
  return changes.length === 0 ? {} : { needs: changes.map(({ key }) => key) };
}
