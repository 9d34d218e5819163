import type { Fleet } from './fleet.ts';
import { contentType, type Insert, idsOf, literal, objectColumns, writtenAt } from './sql-values.ts';

/** Cables, and a temporary table that says which ports they join; dropped when the interfaces are made. */
export const cableEndsTable = `CREATE TEMPORARY TABLE fleet_cable (
  id bigint, a_device_id bigint, a_name text, b_device_id bigint, b_name text
);\n`;

export function cableRows(fleet: Fleet): Insert[] {
  const device = idsOf(fleet.devices, item => item.name);
  return [
    {
      table: 'fleet_cable',
      same: {},
      columns: ['id', 'a_device_id', 'a_name', 'b_device_id', 'b_name'],
      rows: fleet.cables.map(({ a, b }, i) => [i + 1, device(a.device), a.interface, device(b.device), b.interface]),
    },
    {
      table: 'dcim_cable',
      same: {
        ...objectColumns,
        status: "'connected'",
        profile: "''",
        description: "''",
        comments: "''",
        length_unit: "'m'",
        _abs_length: 'v.length', // metres
      },
      columns: ['id', 'label', 'type', 'color', 'length'],
      rows: fleet.cables.map(({ label, type, color, lengthM }, i) => [i + 1, label, type, color, lengthM]),
    },
  ];
}

const ports = {
  type: contentType('dcim', 'interface'),
  cable: contentType('dcim', 'cable'),
};

/**
 * One interface per device and template, as NetBox makes them, already joined to cable and path. Ends of cable n are
 * terminations and paths 2n - 1 (A) and 2n (B), as when NetBox saves one cable after the other.
 */
export const interfacesSql = `INSERT INTO dcim_interface (id, created, last_updated, custom_field_data, device_id, name, _name,
  type, mgmt_only, label, description, enabled, mark_connected, _site_id, _location_id, _rack_id, cable_id, cable_end, _path_id)
SELECT row_number() OVER (ORDER BY d.id, t.id), ${literal(writtenAt)}, ${literal(writtenAt)}, '{}', d.id, t.name, t._name,
  t.type, t.mgmt_only, '', '', t.enabled, false, d.site_id, d.location_id, d.rack_id, c.id, c.cable_end, c.path_id
FROM dcim_device d
JOIN dcim_interfacetemplate t ON t.device_type_id = d.device_type_id
LEFT JOIN (
  SELECT id, 'A' AS cable_end, 2 * id - 1 AS path_id, a_device_id AS device_id, a_name AS name FROM fleet_cable
  UNION ALL
  SELECT id, 'B', 2 * id, b_device_id, b_name FROM fleet_cable
) c ON c.device_id = d.id AND c.name = t.name
ORDER BY d.id, t.id;\n`;

export const terminationsSql = `INSERT INTO dcim_cabletermination (id, created, last_updated, cable_id, cable_end,
  termination_type_id, termination_id, _device_id, _rack_id, _location_id, _site_id)
SELECT i._path_id, ${literal(writtenAt)}, ${literal(writtenAt)}, i.cable_id, i.cable_end,
  ${ports.type}, i.id, i.device_id, i._rack_id, i._location_id, i._site_id
FROM dcim_interface i WHERE i.cable_id IS NOT NULL ORDER BY i._path_id;\n`;

/** A path per origin: near interface, cable, far interface, each as "content type:id". */
export const pathsSql = `INSERT INTO dcim_cablepath (id, path, _nodes, is_active, is_complete, is_split)
SELECT id, jsonb_build_array(jsonb_build_array(near), jsonb_build_array(cable), jsonb_build_array(far)),
  ARRAY[near, cable, far], true, true, false
FROM (
  SELECT i._path_id AS id, type.id || ':' || i.id AS near, cable_type.id || ':' || i.cable_id AS cable, type.id || ':' || far.id AS far
  FROM dcim_interface i
  JOIN dcim_interface far ON far.cable_id = i.cable_id AND far.id <> i.id
  CROSS JOIN ${ports.type} AS type
  CROSS JOIN ${ports.cable} AS cable_type
) paths ORDER BY id;\n`;
