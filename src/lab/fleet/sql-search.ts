import { contentType, literal, writtenAt } from './sql-values.ts';

type Field = readonly [column: string, weight: number];

/**
 * What NetBox's global search knows about each kind of object: the search indexes of NetBox 4.7 (dcim, ipam and
 * extras/search.py), for the models and fields that a fleet fills. Lower weights come first in the results.
 */
const indexes: readonly { app: string; model: string; fields: readonly Field[] }[] = [
  { app: 'dcim', model: 'site', fields: [...named(100), ['facility', 100], ['physical_address', 2000]] },
  { app: 'dcim', model: 'location', fields: named(100) },
  {
    app: 'dcim',
    model: 'rack',
    fields: [
      ['name', 100],
      ['facility_id', 200],
    ],
  },
  { app: 'dcim', model: 'manufacturer', fields: named(100) },
  { app: 'dcim', model: 'devicerole', fields: named(100) },
  {
    app: 'dcim',
    model: 'devicetype',
    fields: [
      ['model', 100],
      ['part_number', 200],
    ],
  },
  {
    app: 'dcim',
    model: 'device',
    fields: [
      ['asset_tag', 50],
      ['serial', 60],
      ['name', 100],
    ],
  },
  { app: 'dcim', model: 'interface', fields: [['name', 100]] },
  { app: 'dcim', model: 'cable', fields: [['label', 100]] },
  { app: 'dcim', model: 'moduletypeprofile', fields: [['name', 100]] }, // not ours: NetBox's migrations make some
  { app: 'ipam', model: 'role', fields: named(100) },
  {
    app: 'ipam',
    model: 'prefix',
    fields: [
      ['prefix', 110],
      ['description', 500],
    ],
  },
  {
    app: 'ipam',
    model: 'ipaddress',
    fields: [
      ['address', 100],
      ['dns_name', 300],
      ['description', 500],
    ],
  },
  { app: 'extras', model: 'tag', fields: named(100) },
  {
    app: 'extras',
    model: 'customfield',
    fields: [
      ['name', 100],
      ['label', 100],
      ['description', 500],
    ],
  },
];

/** How values of columns that are not text are marked; search compares them as addresses. */
const columnTypes: Record<string, string> = { prefix: 'cidr', address: 'inet' };

/** The rows `netbox reindex` would write, with ids made from what they index. */
export function* searchIndexSql(): Iterable<string> {
  for (const { app, model, fields } of indexes) {
    for (const [column, weight] of fields) {
      yield entriesSql({ app, model, field: column, value: `${column}::text`, weight });
    }
  }
  // Texts and dates of custom fields are searched; choices are not.
  yield entriesSql({
    app: 'dcim',
    model: 'device',
    field: 'cf_',
    value: 'custom_field_data ->> cf.name',
    weight: 1000,
    join: " CROSS JOIN (SELECT name FROM extras_customfield WHERE type IN ('text', 'date')) cf",
  });
}

function entriesSql(entry: {
  app: string;
  model: string;
  field: string;
  value: string;
  weight: number;
  join?: string;
}): string {
  const { app, model, field, value, weight, join } = entry;
  const table = `${app}_${model}`;
  const name = join === undefined ? literal(field) : `${literal(field)} || cf.name`;
  return `INSERT INTO extras_cachedvalue (id, timestamp, object_type_id, object_id, field, type, weight, value)
SELECT md5('${table}/' || o.id || '/' || ${name})::uuid, ${literal(writtenAt)}, ${contentType(app, model)}, o.id, ${name}, ${literal(columnTypes[field] ?? 'str')}, ${weight}, o.${value}
FROM ${table} o${join ?? ''} WHERE o.${value} <> '' ORDER BY o.id;\n`;
}

function named(nameWeight: number): Field[] {
  return [
    ['name', nameWeight],
    ['slug', 110],
    ['description', 500],
  ];
}
