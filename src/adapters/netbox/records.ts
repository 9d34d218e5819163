import * as v from 'valibot';
import { Failure } from '../../core/failure.ts';
import type { Row } from './read.ts';

/** A device as found by its serial: names instead of nested objects, `''` where NetBox has nothing. */
export type DeviceRecord = {
  readonly id: number;
  readonly name: string;
  readonly serial: string;
  readonly manufacturer: string;
  readonly version: string;
};

/** A server with what its lifecycle looks at. No nested objects but addresses: they are what costs NetBox time. */
export type ServerRecord = {
  readonly id: number;
  readonly name: string;
  readonly serial: string;
  readonly status: string;
  readonly oobIpId: number | undefined;
  readonly primaryIp4Id: number | undefined;
  readonly primaryIp6Id: number | undefined;
  readonly version: string;
};

/** An interface, with what a person calls it: `srv-001 eno1`. */
export type PortRecord = {
  readonly id: number;
  readonly deviceId: number;
  readonly deviceName: string;
  readonly name: string;
};

export type InterfaceRecord = {
  readonly id: number;
  readonly deviceId: number;
  readonly deviceName: string;
  readonly name: string;
  readonly primaryMacId: number | undefined;
  readonly version: string;
};

export type MacRecord = {
  readonly id: number;
  readonly address: string;
  readonly version: string;
  /** Nothing when the address is not assigned. `label` names what it is on: `srv-001 iLO`. */
  readonly on: { readonly type: string; readonly id: number; readonly label: string } | undefined;
};

export type JournalRecord = {
  readonly id: number;
  readonly deviceId: number;
  readonly kind: string;
  readonly comments: string;
};

const named = v.object({ name: v.string() });
const identified = v.object({ id: v.number() });

export const device = v.pipe(
  v.object({
    id: v.number(),
    name: v.nullable(v.string()),
    serial: v.nullish(v.string()),
    device_type: v.object({ manufacturer: named }),
    last_updated: v.string(),
  }),
  v.transform(
    (row): DeviceRecord => ({
      id: row.id,
      name: deviceName(row),
      serial: row.serial ?? '',
      manufacturer: row.device_type.manufacturer.name,
      version: row.last_updated,
    }),
  ),
);

/** NetBox lets a device be without a name. */
function deviceName({ id, name }: { id: number; name: string | null }): string {
  return name ?? `device ${id}`;
}

export const deviceRole = v.pipe(
  v.object({ id: v.number(), name: v.string(), parent: v.nullish(identified) }),
  v.transform(row => ({ id: row.id, name: row.name, parentId: row.parent?.id })),
);

export const serverName = v.pipe(
  v.object({ id: v.number(), name: v.nullable(v.string()) }),
  v.transform(row => ({ id: row.id, name: deviceName(row) })),
);

export const server = v.pipe(
  v.object({
    id: v.number(),
    name: v.nullable(v.string()),
    serial: v.nullish(v.string()),
    status: v.object({ value: v.string() }),
    oob_ip: v.nullish(identified),
    primary_ip4: v.nullish(identified),
    primary_ip6: v.nullish(identified),
    last_updated: v.string(),
  }),
  v.transform(
    (row): ServerRecord => ({
      id: row.id,
      name: deviceName(row),
      serial: row.serial ?? '',
      status: row.status.value,
      oobIpId: row.oob_ip?.id,
      primaryIp4Id: row.primary_ip4?.id,
      primaryIp6Id: row.primary_ip6?.id,
      version: row.last_updated,
    }),
  ),
);

const portShape = {
  id: v.number(),
  device: v.object({ id: v.number(), name: v.nullable(v.string()) }),
  name: v.string(),
};

export const port = v.pipe(
  v.object(portShape),
  v.transform(
    (row): PortRecord => ({ id: row.id, deviceId: row.device.id, deviceName: deviceName(row.device), name: row.name }),
  ),
);

export const networkInterface = v.pipe(
  v.object({
    ...portShape,
    primary_mac_address: v.nullish(identified),
    last_updated: v.string(),
  }),
  v.transform(
    (row): InterfaceRecord => ({
      id: row.id,
      deviceId: row.device.id,
      deviceName: deviceName(row.device),
      name: row.name,
      primaryMacId: row.primary_mac_address?.id,
      version: row.last_updated,
    }),
  ),
);

export const mac = v.pipe(
  v.object({
    id: v.number(),
    mac_address: v.string(),
    assigned_object_type: v.nullish(v.string()),
    assigned_object_id: v.nullish(v.number()),
    assigned_object: v.nullish(
      v.object({
        name: v.fallback(v.string(), ''),
        device: v.nullish(v.object({ name: v.nullable(v.string()) })),
        virtual_machine: v.nullish(named),
      }),
    ),
    last_updated: v.string(),
  }),
  v.transform((row): MacRecord => {
    const on = row.assigned_object;
    const owner = on?.device?.name ?? on?.virtual_machine?.name ?? '';
    return {
      id: row.id,
      address: row.mac_address,
      version: row.last_updated,
      on:
        row.assigned_object_type && row.assigned_object_id
          ? {
              type: row.assigned_object_type,
              id: row.assigned_object_id,
              label: [owner, on?.name].filter(Boolean).join(' '),
            }
          : undefined,
    };
  }),
);

export const journal = v.pipe(
  v.object({
    id: v.number(),
    assigned_object_id: v.number(),
    kind: v.object({ value: v.string() }),
    comments: v.string(),
  }),
  v.transform(
    (row): JournalRecord => ({
      id: row.id,
      deviceId: row.assigned_object_id,
      kind: row.kind.value,
      comments: row.comments,
    }),
  ),
);

/** Rows of a list as records; a shape that NetBox never had so far is a `Failure` that names the field. */
export function decode<T>(schema: v.GenericSchema<unknown, T>, rows: readonly Row[]): T[] {
  const result = v.safeParse(v.array(schema), rows);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Failure(
    'netbox-answer-unknown',
    `NetBox answered in a shape that bmtool does not know: ${v.getDotPath(issue) ?? ''}: ${issue.message}`,
    { next: 'Check with bmtool doctor which version it is, and report this.' },
  );
}
