import { quoted } from '../swap.ts';

/** The kinds of objects that bmtool cares about, in the order in which people read of them. */
export const recordKinds = ['device', 'interface', 'mac', 'address', 'cable', 'journal'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** Columns by table, and which of them refer to another table. */
export type Shape = ReadonlyMap<string, ReadonlyMap<string, { readonly refersTo: string | undefined }>>;

type Kind = {
  readonly table: string;
  /** Tables whose rows are part of it. */
  readonly parts: readonly string[];
  /** Beside those that every table has: columns that NetBox works out from others. */
  readonly derived: RegExp;
  /** What it is called, of the row `t`. */
  readonly name: (shape: Shape) => string;
  /** By what it is the same thing when it was deleted and made again; its name when nothing is said. */
  readonly key?: string;
  /** What belongs to it and is in other tables: for the digest, and as people read it. */
  readonly more?: Readonly<Record<string, { readonly digest: string; readonly value: (shape: Shape) => string }>>;
};

const nothing = /^$/;
const macText = (alias: string) => `upper(${alias}.mac_address::text)`;
const assigned = (shape: Shape) => targetName(shape, 't.assigned_object_type_id', 't.assigned_object_id');
const deviceName = (alias: string) => `coalesce(${alias}.name, 'device ' || ${alias}.id)`;

/** To compare another table, add a row. */
const kinds: Readonly<Record<RecordKind, Kind>> = {
  device: { table: 'dcim_device', parts: [], derived: /_count$/, name: () => deviceName('t') },
  interface: {
    table: 'dcim_interface',
    parts: [],
    // Of its cable, which is told of as a cable.
    derived: /^cable_/,
    name: () => `(SELECT ${deviceName('d')} FROM dcim_device d WHERE d.id = t.device_id) || ' ' || t.name`,
  },
  mac: {
    table: 'dcim_macaddress',
    parts: [],
    derived: nothing,
    name: shape => `${macText('t')} || coalesce(' of ' || ${assigned(shape)}, '')`,
    key: macText('t'),
  },
  address: {
    table: 'ipam_ipaddress',
    parts: [],
    derived: nothing,
    name: shape => `t.address::text || coalesce(' of ' || ${assigned(shape)}, '')`,
    key: "t.address::text || ' ' || coalesce(t.vrf_id, 0)",
  },
  cable: {
    table: 'dcim_cable',
    parts: ['dcim_cabletermination'],
    derived: nothing,
    name: shape =>
      `coalesce(${endsName(shape, 'A')}, 'nothing') || ' – ' || coalesce(${endsName(shape, 'B')}, 'nothing')`,
    more: { a: end('A'), b: end('B') },
  },
  journal: {
    table: 'extras_journalentry',
    parts: [],
    derived: nothing,
    name: shape => `coalesce(${assigned(shape)}, '?') || ': ' || left(split_part(t.comments, E'\\n', 1), 80)`,
  },
};

function end(side: 'A' | 'B') {
  const of = `FROM dcim_cabletermination e WHERE e.cable_id = t.id AND e.cable_end = '${side}'`;
  return {
    digest: `(SELECT string_agg(${model('e.termination_type_id')} || e.termination_id, ' ' ORDER BY e.termination_type_id, e.termination_id) ${of})`,
    value: (shape: Shape) =>
      `(SELECT to_jsonb(string_agg(${targetName(shape, 'e.termination_type_id', 'e.termination_id')}, ', ' ORDER BY e.termination_type_id, e.termination_id)) ${of})`,
  };
}

function endsName(shape: Shape, side: 'A' | 'B'): string {
  return `(${end(side).value(shape)} #>> '{}')`;
}

/** Parts of a device that have a name of their own: `content type` by table. */
const components: readonly (readonly [model: string, table: string])[] = [
  ['dcim.interface', 'dcim_interface'],
  ['dcim.frontport', 'dcim_frontport'],
  ['dcim.rearport', 'dcim_rearport'],
  ['dcim.consoleport', 'dcim_consoleport'],
  ['dcim.consoleserverport', 'dcim_consoleserverport'],
  ['dcim.powerport', 'dcim_powerport'],
  ['dcim.poweroutlet', 'dcim_poweroutlet'],
];

/** `dcim.interface`: ids of content types may differ between two databases. */
function model(typeColumn: string): string {
  return `(SELECT ct.app_label || '.' || ct.model FROM django_content_type ct WHERE ct.id = ${typeColumn})`;
}

/** What a reference to any kind of object means: `srv-r1-u01 bmc`. What is gone, or has no name, by its kind and number. */
function targetName(shape: Shape, typeColumn: string, idColumn: string): string {
  const named = components
    .filter(([, table]) => shape.has(table))
    .map(
      ([name, table]) =>
        `WHEN '${name}' THEN (SELECT ${deviceName('d')} || ' ' || c.name FROM ${table} c JOIN dcim_device d ON d.id = c.device_id WHERE c.id = ${idColumn})`,
    );
  const device = `WHEN 'dcim.device' THEN (SELECT ${deviceName('d')} FROM dcim_device d WHERE d.id = ${idColumn})`;
  return `coalesce(CASE ${model(typeColumn)} ${[...named, device].join(' ')} END, ${model(typeColumn)} || ' ' || ${idColumn})`;
}

/** Columns by which a row of another table is known to people; the first that it has. */
const naming = ['name', 'address', 'mac_address', 'model', 'username', 'prefix', 'title'] as const;

/** Tables that have rows in `diff` under the kind that they belong to. */
export const toldTables: readonly string[] = recordKinds.flatMap(kind => [kinds[kind].table, ...kinds[kind].parts]);

export function tablesOf(kind: RecordKind): readonly string[] {
  return [kinds[kind].table, ...kinds[kind].parts, 'django_content_type', 'dcim_device'];
}

/** The columns of a kind that are worth comparing: nothing that NetBox works out from others, and no times. */
export function columnsOf(kind: RecordKind, shape: Shape): string[] {
  const { table, derived } = kinds[kind];
  return [...(shape.get(table)?.keys() ?? [])].filter(
    column => !['id', 'created', 'last_updated'].includes(column) && !column.startsWith('_') && !derived.test(column),
  );
}

/** Pages in the order of ids: `id`, when it was made, and a digest of the given columns. */
export function digestQuery(kind: RecordKind, columns: readonly string[], shape: Shape): string {
  const { table, more = {} } = kinds[kind];
  const values = columns.map(column => {
    const own = `t.${quoted(column)}`;
    return shape.get(table)?.get(column)?.refersTo === 'django_content_type' ? model(own) : own;
  });
  const parts = Object.values(more).map(({ digest }) => digest);
  return `SELECT t.id::float8 AS id, coalesce(t.created::text, '') AS made, md5(ROW(${[...values, ...parts].join(', ')})::text) AS digest
    FROM ${table} t WHERE t.id > $1 ORDER BY t.id LIMIT $2`;
}

export function namesQuery(kind: RecordKind, shape: Shape): string {
  const { table, name, key } = kinds[kind];
  return `SELECT t.id::float8 AS id, ${name(shape)} AS name, ${key ?? name(shape)} AS key FROM ${table} t WHERE t.id = ANY($1)`;
}

/** Objects with their name and all fields: references with what they refer to. */
export function objectsQuery(kind: RecordKind, columns: readonly string[], shape: Shape): string {
  const { table, name, more = {} } = kinds[kind];
  const fields = [
    ...columns.flatMap(column => fieldOf(column, { table, columns, shape })),
    ...Object.entries(more).map(([field, { value }]) => `${value(shape)} AS ${quoted(field)}`),
  ];
  return `SELECT t.id::float8 AS id, ${name(shape)} AS name, (SELECT to_jsonb(f) FROM (SELECT ${fields.join(', ')}) f) AS fields
    FROM ${table} t WHERE t.id = ANY($1)`;
}

function fieldOf(
  column: string,
  { table, columns, shape }: { table: string; columns: readonly string[]; shape: Shape },
) {
  const own = `t.${quoted(column)}`;
  if (column === 'assigned_object_id' && columns.includes('assigned_object_type_id'))
    return [`${reference(own, targetName(shape, 't.assigned_object_type_id', own))} AS assigned_object`];
  if (column === 'assigned_object_type_id' && columns.includes('assigned_object_id')) return [];
  const refersTo = shape.get(table)?.get(column)?.refersTo;
  const known = naming.find(name => refersTo !== undefined && shape.get(refersTo)?.has(name));
  const field = quoted(refersTo === undefined ? column : column.replace(/_id$/, ''));
  if (refersTo === undefined || known === undefined) return [`${own} AS ${field}`];
  return [
    `${reference(own, `(SELECT ${known === 'mac_address' ? macText('r') : `r.${known}::text`} FROM ${quoted(refersTo)} r WHERE r.id = ${own})`)} AS ${field}`,
  ];
}

function reference(id: string, name: string): string {
  return `CASE WHEN ${id} IS NOT NULL THEN jsonb_build_object('id', ${id}, 'name', ${name}) END`;
}
