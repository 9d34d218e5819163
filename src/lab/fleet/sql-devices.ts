import type { DeviceType, Fleet } from './fleet.ts';
import { interfaceSortName } from './natural-name.ts';
import { contentType, type Insert, idsOf, literal, objectColumns, writtenAt } from './sql-values.ts';

/** Columns that count components the fleet does not have. */
const componentKinds = [
  'console_port',
  'console_server_port',
  'power_port',
  'power_outlet',
  'front_port',
  'rear_port',
  'device_bay',
  'module_bay',
  'inventory_item',
  'cooling_intake',
  'cooling_outflow',
] as const;

/** Manufacturers, device types with their interface templates, device roles. */
export function typeRows(fleet: Fleet): Insert[] {
  return [
    {
      table: 'dcim_manufacturer',
      same: { ...objectColumns, description: "''", comments: "''" },
      columns: ['id', 'name', 'slug'],
      rows: fleet.manufacturers.map(({ name, slug }, i) => [i + 1, name, slug]),
    },
    deviceTypeRows(fleet),
    interfaceTemplateRows(fleet.deviceTypes),
    {
      table: 'dcim_devicerole',
      same: { ...objectColumns, vm_role: 'false', comments: "''" },
      columns: ['id', 'name', 'slug', 'color', 'description'],
      rows: fleet.deviceRoles.map(({ name, slug, color, description }, i) => [i + 1, name, slug, color, description]),
    },
  ];
}

function deviceTypeRows(fleet: Fleet): Insert {
  const manufacturer = idsOf(fleet.manufacturers, item => item.slug);
  const used = Map.groupBy(fleet.devices, device => device.deviceType);
  return {
    table: 'dcim_devicetype',
    same: {
      ...objectColumns,
      is_full_depth: 'true',
      exclude_from_utilization: 'false',
      front_image: "''",
      rear_image: "''",
      description: "''",
      comments: "''",
      weight_unit: "CASE WHEN v.weight IS NULL THEN NULL ELSE 'kg' END",
      _abs_weight: '(v.weight::numeric * 1000)::bigint', // grams
      ...zeros('_template_count'),
    },
    columns: [
      ...['id', 'manufacturer_id', 'model', 'slug', 'part_number', 'u_height'],
      ...['weight::numeric', 'interface_template_count', 'device_count'],
    ],
    rows: fleet.deviceTypes.map((type, i) => [
      ...[i + 1, manufacturer(type.manufacturer), type.model, type.slug, type.partNumber, type.uHeight],
      ...[type.weightKg, type.interfaces.length, used.get(type.slug)?.length ?? 0],
    ]),
  };
}

function interfaceTemplateRows(deviceTypes: readonly DeviceType[]): Insert {
  const templates = deviceTypes.flatMap((type, i) => type.interfaces.map(port => ({ ...port, typeId: i + 1 })));
  return {
    table: 'dcim_interfacetemplate',
    same: {
      created: literal(writtenAt),
      last_updated: literal(writtenAt),
      label: "''",
      description: "''",
      enabled: 'true',
    },
    columns: ['id', 'device_type_id', 'name', '_name', 'type', 'mgmt_only'],
    rows: templates.map(({ typeId, name, type, mgmtOnly }, i) => [
      ...[i + 1, typeId, name, interfaceSortName(name), type, mgmtOnly],
    ]),
  };
}

/** Devices and the tags on them. */
export function deviceRows(fleet: Fleet): Insert[] {
  const role = idsOf(fleet.deviceRoles, item => item.slug);
  const type = idsOf(fleet.deviceTypes, item => item.slug);
  const rack = idsOf(fleet.racks, item => item.name);
  const tag = idsOf(fleet.tags, item => item.slug);
  const tagged = fleet.devices.flatMap((device, i) => device.tags.map(slug => [tag(slug), i + 1]));
  const { custom_field_data: _, ...written } = objectColumns;
  return [
    {
      table: 'dcim_device',
      same: {
        ...written,
        site_id: '1',
        location_id: '(SELECT location_id FROM dcim_rack WHERE id = v.rack_id)',
        face: "'front'",
        description: "''",
        comments: "''",
        interface_count: '(SELECT count(*) FROM dcim_interfacetemplate t WHERE t.device_type_id = v.device_type_id)',
        // What the background job "Render config context" leaves behind where no config context applies.
        _config_context_data: "'{}'",
        ...zeros('_count'),
      },
      columns: [
        ...['id', 'name', 'role_id', 'device_type_id', 'serial', 'asset_tag'],
        ...['rack_id', 'position', 'status', 'custom_field_data::jsonb', '_config_context_generation'],
      ],
      rows: fleet.devices.map((device, i) => [
        ...[i + 1, device.name, role(device.role), type(device.deviceType), device.serial, device.assetTag],
        ...[rack(device.rack), device.position, device.status, JSON.stringify(device.customFields)],
        1 + Math.min(device.tags.length, 1), // raised when a device is made and again when it is tagged
      ]),
    },
    {
      table: 'extras_taggeditem',
      same: { content_type_id: contentType('dcim', 'device') },
      columns: ['id', 'tag_id', 'object_id'],
      rows: tagged.map(([tagId, deviceId], i) => [i + 1, tagId, deviceId]),
    },
  ];
}

function zeros(suffix: string): Record<string, string> {
  return Object.fromEntries(componentKinds.map(kind => [`${kind}${suffix}`, '0']));
}
