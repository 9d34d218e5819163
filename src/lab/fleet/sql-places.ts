import type { Fleet } from './fleet.ts';
import { contentType, type Insert, idsOf, objectColumns } from './sql-values.ts';

const named = { ...objectColumns, description: "''", comments: "''" } as const;
const siteId = '1';

/** Site, halls and racks. Triggers of the database fill in the tree columns of locations (`path`, `sort_path`). */
export function placeRows(fleet: Fleet): Insert[] {
  const hall = idsOf(fleet.locations, location => location.slug);
  const { site } = fleet;
  return [
    {
      table: 'dcim_site',
      same: { ...objectColumns, status: "'active'", time_zone: "''", shipping_address: "''", comments: "''" },
      columns: ['id', 'name', 'slug', 'facility', 'description', 'physical_address'],
      rows: [[1, site.name, site.slug, site.facility, site.description, site.physicalAddress]],
    },
    {
      table: 'dcim_location',
      same: { ...named, site_id: siteId, status: "'active'", facility: "''" },
      columns: ['id', 'name', 'slug'],
      rows: fleet.locations.map(({ name, slug }, i) => [i + 1, name, slug]),
    },
    {
      table: 'dcim_rack',
      same: {
        ...named,
        site_id: siteId,
        status: "'active'",
        serial: "''",
        width: '19',
        desc_units: 'false',
        starting_unit: '1',
      },
      columns: ['id', 'name', 'facility_id', 'location_id', 'u_height'],
      rows: fleet.racks.map((rack, i) => [i + 1, rack.name, rack.facilityId, hall(rack.location), rack.uHeight]),
    },
  ];
}

/** Prefix roles, prefixes (scoped to the site) and reserved addresses. */
export function addressRows(fleet: Fleet): Insert[] {
  const role = idsOf(fleet.prefixRoles, item => item.slug);
  return [
    {
      table: 'ipam_role',
      same: { ...objectColumns, weight: '1000', comments: "''" },
      columns: ['id', 'name', 'slug', 'description'],
      rows: fleet.prefixRoles.map(({ name, slug, description }, i) => [i + 1, name, slug, description]),
    },
    {
      table: 'ipam_prefix',
      same: {
        ...objectColumns,
        is_pool: 'false',
        mark_utilized: 'false',
        comments: "''",
        scope_type_id: contentType('dcim', 'site'),
        scope_id: siteId,
        _site_id: siteId,
      },
      columns: ['id', 'prefix::cidr', 'status', 'role_id::bigint', 'description', '_depth', '_children'],
      rows: fleet.prefixes.map((item, i) => {
        const roleId = item.role === undefined ? null : role(item.role);
        return [i + 1, item.prefix, item.status, roleId, item.description, item.depth, item.children];
      }),
    },
    {
      table: 'ipam_ipaddress',
      same: { ...objectColumns, role: 'NULL', comments: "''" },
      columns: ['id', 'address::inet', 'status', 'dns_name', 'description'],
      rows: fleet.addresses.map((item, i) => [i + 1, item.address, item.status, item.dnsName, item.description]),
    },
  ];
}
