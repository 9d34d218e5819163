import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { expect } from 'vitest';
import { bmtoolJson, type RunWish, startBmtool } from './bmtool.ts';
import { labEnv } from './lab-env.ts';
import { api, sql } from './netbox.ts';

/** What `bmtool state restore --json` says of itself. Tests believe NetBox, and compare this with it. */
export type Restored = {
  state: string;
  servers: number;
  total: number;
  events: number;
  writes: number;
  problems: { subject: string; message: string }[];
  failures: { subject: string; message: string }[];
  results: { op: string; kind: string; done: number; failed: number; skipped: number }[];
  checks: { asked: string; ok: boolean; offenders: string[] }[];
  runId?: string;
};

export type PhaseNumber = 0 | 1 | 2;

export function restore(phase: PhaseNumber, limit: number, wish: RunWish = {}, ...more: string[]) {
  return bmtoolJson<Restored>(['state', 'restore', String(phase), '--limit', String(limit), ...more], wish);
}

/** A server as NetBox's tables have it. */
export type Standing = {
  id: number;
  name: string;
  serial: string;
  status: string;
  /** Its BMC interfaces. */
  bmcs: number[];
  /** The out-of-band address, and all on its BMC interfaces: `10.20.0.2/22`. */
  oob: string | null;
  addresses: string[];
  /** Its cabled production NICs in natural order, each with its cable and the port at the other end. */
  nics: { id: number; name: string; cable: number; port: number | null; tagged: boolean }[];
  /** The texts of its journal entries of the kind `warning`. */
  entries: string[];
};

/** The first so many servers in natural order of their names, straight from the database. */
export async function standing(limit: number): Promise<Standing[]> {
  const rows = await sql<Standing>(`SELECT d.id::int, d.name, d.serial, d.status,
    ARRAY(SELECT i.id::int FROM dcim_interface i WHERE i.device_id = d.id AND i.mgmt_only ORDER BY i.id) AS bmcs,
    (SELECT a.address::text FROM ipam_ipaddress a WHERE a.id = d.oob_ip_id) AS oob,
    ARRAY(SELECT a.address::text FROM ipam_ipaddress a JOIN django_content_type t ON t.id = a.assigned_object_type_id
      JOIN dcim_interface i ON i.id = a.assigned_object_id AND t.model = 'interface'
      WHERE i.device_id = d.id AND i.mgmt_only ORDER BY a.address) AS addresses,
    COALESCE((SELECT json_agg(json_build_object('id', i.id, 'name', i.name, 'cable', n.cable_id, 'port', f.termination_id,
      'tagged', EXISTS (SELECT FROM extras_taggeditem ti JOIN extras_tag tag ON tag.id = ti.tag_id JOIN django_content_type c
        ON c.id = ti.content_type_id WHERE c.model = 'cable' AND ti.object_id = n.cable_id AND tag.slug = 'cable-inverted')))
      FROM dcim_interface i JOIN dcim_cabletermination n ON n.termination_id = i.id JOIN django_content_type t
      ON t.id = n.termination_type_id AND t.model = 'interface' LEFT JOIN dcim_cabletermination f
      ON f.cable_id = n.cable_id AND f.cable_end <> n.cable_end WHERE i.device_id = d.id AND NOT i.mgmt_only), '[]') AS nics,
    ARRAY(SELECT e.comments FROM extras_journalentry e JOIN django_content_type t ON t.id = e.assigned_object_type_id
      WHERE t.model = 'device' AND e.assigned_object_id = d.id AND e.kind = 'warning' ORDER BY e.id) AS entries
    FROM dcim_device d JOIN dcim_devicerole r ON r.id = d.role_id WHERE r.name LIKE '%Server%'`);
  const byName = new Intl.Collator('en', { numeric: true });
  for (const row of rows) row.nics.sort((a, b) => byName.compare(a.name, b.name));
  return rows.sort((a, b) => byName.compare(a.name, b.name)).slice(0, limit);
}

const statuses = { 0: 'offline', 1: 'planned', 2: 'failed' } as const;

/** That servers are in a phase, by NetBox's tables; `design` is how they were cabled at first. */
export async function expectPhase(phase: PhaseNumber, design: readonly Standing[], limit = design.length) {
  const now = (await standing(limit)).filter(({ id }) => design.some(server => server.id === id));
  expect(now.map(({ id }) => id)).toEqual(design.map(({ id }) => id));
  const given = now.flatMap(({ addresses }) => addresses);
  expect(new Set(given).size).toBe(given.length);
  for (const [i, server] of now.entries()) {
    const designed = design[i]?.nics.map(({ id, port }) => [id, port]) ?? [];
    const [a, b, ...rest] = designed as [number, number][];
    const swapped = a && b ? [[a[0], b[1]], [b[0], a[1]], ...rest] : designed;
    const cables = server.nics.filter(({ tagged }) => tagged).map(({ id }) => id);
    expect(server, server.name).toMatchObject({ status: statuses[phase] });
    expect(
      server.nics.map(({ id, port }) => [id, port]),
      server.name,
    ).toEqual(phase === 2 ? swapped : designed);
    expect(cables, server.name).toEqual(phase === 2 ? [a?.[0], b?.[0]] : []);
    expect(server.addresses, server.name).toHaveLength(phase === 0 ? 0 : 1);
    expect(server.oob, server.name).toBe(server.addresses[0] ?? null);
    // Neither the gateway nor the network and its broadcast.
    for (const address of server.addresses) expect(address).toMatch(/^10\.20\.(?!0\.[01]\/|3\.255\/)[0-3]\.\d+\/22$/);
    expectEntry(phase, server, design[i]);
  }
  await expectWholeCables(now.flatMap(({ nics }) => nics.map(({ cable }) => cable)));
}

function expectEntry(phase: PhaseNumber, server: Standing, design: Standing | undefined): void {
  const own = server.entries.filter(text => text.startsWith('**Cable Inversion** (bmtool phase 2)'));
  expect(own, server.name).toHaveLength(phase === 2 ? 1 : 0);
  if (phase !== 2) return;
  const [a, b] = design?.nics ?? [];
  const rows = (own[0] ?? '').split('\n').filter(line => /^\| \[/.test(line));
  const links = rows.map(line => [...line.matchAll(/\/dcim\/interfaces\/(\d+)\//g)].map(([, id]) => Number(id)));
  // NIC, the port it is in, the port where it belongs.
  expect(links).toEqual([
    [a?.id, b?.port, a?.port],
    [b?.id, a?.port, b?.port],
  ]);
}

/** What NetBox derives from the ends of cables says the same as the ends: the interfaces' own cable, and complete paths. */
async function expectWholeCables(cables: readonly number[]): Promise<void> {
  const wrong = await sql(
    `SELECT i.id, i.name, i.cable_id, n.cable_id AS "end" FROM dcim_cabletermination n JOIN django_content_type t
     ON t.id = n.termination_type_id AND t.model = 'interface' JOIN dcim_interface i ON i.id = n.termination_id
     LEFT JOIN dcim_cablepath p ON p.id = i._path_id
     WHERE n.cable_id = ANY($1) AND (i.cable_id IS DISTINCT FROM n.cable_id OR i.cable_end IS DISTINCT FROM n.cable_end
       OR p.is_complete IS NOT TRUE OR p.is_active IS NOT TRUE)`,
    [cables],
  );
  expect(wrong).toEqual([]);
}

/** How many cables carry the tag, for tests that wait until a run is in its middle. */
export async function taggedCount(): Promise<number> {
  const [row] = await sql<{ count: string }>(
    `SELECT count(*) FROM extras_taggeditem ti JOIN extras_tag t ON t.id = ti.tag_id WHERE t.slug = 'cable-inverted'`,
  );
  return Number(row?.count);
}

/** Starts a restore and comes back when the number of tagged cables is such that it is between its first cable and its last. */
export async function startInTheMiddle(
  args: readonly string[],
  isMiddle: (tagged: number) => boolean,
  deadlineMs = 60_000,
) {
  const started = startBmtool(args);
  let stdout = '';
  started.child.stdout.on('data', chunk => {
    stdout += chunk;
  });
  const deadline = Date.now() + deadlineMs;
  // Each look is a connection of its own, and what is waited for wants the same two cores.
  for (; !isMiddle(await taggedCount()); await pause(30)) {
    if (Date.now() > deadline || started.child.exitCode !== null)
      throw new Error(`it was never in the middle: ${stdout}${started.stderr()}`);
  }
  return { ...started, stdout: () => stdout };
}

/** A device's field by NetBox's API; fails where NetBox refuses. */
export async function patch(path: string, body: unknown): Promise<void> {
  const answer = await api(path, { method: 'PATCH', body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
}

export async function post<T extends { id: number }>(path: string, body: unknown): Promise<T> {
  const answer = await api<T>(path, { method: 'POST', body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

export async function remove(path: string): Promise<void> {
  expect((await api(path, { method: 'DELETE' })).status).toBe(204);
}

/** Tables that NetBox writes for itself, whatever is done: the change log, its workers' jobs and the search index they make, sessions. */
const ownBooks = ['core_objectchange', 'core_job', 'extras_cachedvalue', 'django_session', 'users_token'];

/** Tables whose rows are made anew with a new id, and which nothing of the record refers to by it. */
const anonymous = ['dcim_cabletermination', 'dcim_cablepath', 'extras_taggeditem', 'extras_tag_object_types'];
const named = ['ipam_ipaddress', 'extras_journalentry', 'extras_tag'];
/** Columns that NetBox's workers fill some time after: the config context of a device as rendered. */
const derived = ['_config_context_data', '_config_context_generation'];

export type Rows = ReadonlyMap<string, readonly string[]>;

/**
 * Every row of every table, without the times of writing. What is deleted and made again gets a new id: ids of such rows are left out, and
 * who refers to one gets what it stands for instead: an address, a tag's slug, a cable path's nodes.
 */
export async function record(): Promise<Rows> {
  const tables = await sql<{ table: string; rows: Record<string, unknown>[] }>(await everyTable());
  const all = new Map(tables.map(({ table, rows }) => [table, rows]));
  const names = (table: string, field: string) =>
    new Map((all.get(table) ?? []).map(row => [row.id, JSON.stringify(row[field])]));
  const [addresses, tags, paths] = [
    names('ipam_ipaddress', 'address'),
    names('extras_tag', 'slug'),
    names('dcim_cablepath', 'path'),
  ];
  const refers: Record<string, ReadonlyMap<unknown, string>> = {
    oob_ip_id: addresses,
    primary_ip4_id: addresses,
    primary_ip6_id: addresses,
    nat_inside_id: addresses,
    tag_id: tags,
    _path_id: paths,
  };
  const tagged = new Set((await contentTypes('ipaddress')).map(Number));
  const normal = (table: string, row: Record<string, unknown>) => {
    const { id, created: _, last_updated: __, ...fields } = row;
    const entries = Object.entries(fields)
      .filter(([name]) => !derived.includes(name))
      .map(([name, value]) => [name, refers[name]?.get(value) ?? value]);
    const isNew = anonymous.includes(table) || named.includes(table);
    const told = Object.fromEntries(isNew ? entries : [...entries, ['id', id]]);
    if (table === 'extras_taggeditem' && tagged.has(Number(row.content_type_id)))
      told.object_id = addresses.get(row.object_id);
    return JSON.stringify(told);
  };
  return new Map(tables.map(({ table, rows }) => [table, rows.map(row => normal(table, row)).sort()]));
}

async function everyTable(): Promise<string> {
  const tables = await sql<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> ALL($1)`,
    [ownBooks],
  );
  return tables
    .map(({ name }) => `SELECT '${name}' AS "table", COALESCE(json_agg(t), '[]') AS rows FROM "${name}" t`)
    .join(' UNION ALL ');
}

async function contentTypes(model: string): Promise<number[]> {
  return (await sql<{ id: number }>('SELECT id FROM django_content_type WHERE model = $1', [model])).map(
    ({ id }) => id,
  );
}

/** The rows that one record has and the other has not, table by table; empty when both are the same. */
export function differences(before: Rows, after: Rows): Record<string, { gone: string[]; come: string[] }> {
  const less = (some: readonly string[] = [], others: readonly string[] = []) => {
    const counts = Map.groupBy(others, row => row);
    return some.filter(row => counts.get(row)?.pop() === undefined);
  };
  const found = [...new Set([...before.keys(), ...after.keys()])].map(table => {
    const [old, now] = [before.get(table), after.get(table)];
    return [table, { gone: less(old, now), come: less(now, old) }] as const;
  });
  return Object.fromEntries(found.filter(([, { gone, come }]) => gone.length + come.length > 0));
}

/** All rows that have to do with other servers than these, byte for byte: ids and times of writing too. */
export async function rowsOfOthers(ids: readonly number[]): Promise<Rows> {
  const own = `(SELECT n.cable_id FROM dcim_cabletermination n WHERE n._device_id = ANY($1))`;
  const ports = `(SELECT n.termination_id FROM dcim_cabletermination n WHERE n.cable_id IN ${own})`;
  const questions = {
    devices: 'SELECT * FROM dcim_device t WHERE t.id <> ALL($1)',
    interfaces: `SELECT * FROM dcim_interface t WHERE t.device_id <> ALL($1) AND t.id NOT IN ${ports}`,
    cables: `SELECT * FROM dcim_cable t WHERE t.id NOT IN ${own}`,
    ends: `SELECT * FROM dcim_cabletermination t WHERE t.cable_id NOT IN ${own}`,
    paths: `SELECT p.* FROM dcim_cablepath p JOIN dcim_interface i ON i._path_id = p.id
      WHERE i.device_id <> ALL($1) AND i.id NOT IN ${ports}`,
    addresses: `SELECT * FROM ipam_ipaddress t WHERE t.assigned_object_id IS NULL
      OR t.assigned_object_id NOT IN (SELECT id FROM dcim_interface WHERE device_id = ANY($1))`,
    entries: 'SELECT * FROM extras_journalentry t WHERE t.assigned_object_id <> ALL($1)',
    macs: 'SELECT * FROM dcim_macaddress t WHERE $1::int[] IS NOT NULL',
  };
  const tables = Object.entries(questions).map(async ([name, query]) => {
    const rows = await sql(`SELECT row_to_json(q)::text AS row FROM (${query}) q`, [ids]);
    return [name, rows.map(({ row }) => String(row)).sort()] as const;
  });
  return new Map(await Promise.all(tables));
}

/** The discovery queue itself, past bmtool. */
export async function openEvents(key = 'netbox:bmc:discovered') {
  const { REDIS_HOST, REDIS_PORT } = labEnv();
  const client = createClient({ socket: { host: REDIS_HOST ?? '', port: Number(REDIS_PORT) } });
  await client.connect();
  return {
    client,
    /** Puts these in, and nothing else. */
    async set(events: readonly string[]) {
      await client.del(key);
      if (events.length > 0) await client.rPush(key, [...events]);
    },
    all: () => client.lRange(key, 0, -1),
    async [Symbol.asyncDispose]() {
      client.destroy();
    },
  };
}

/** A user of its own with just these permissions, as a token; `actions` by object type. */
export async function tokenOf(username: string, actions: Readonly<Record<string, readonly string[]>>): Promise<string> {
  const user = await post<{ id: number }>('users/users/', { username, password: 'Not-a-secret-1' });
  for (const [type, allowed] of Object.entries(actions)) {
    const body = { name: `${username} ${type}`, object_types: [type], actions: allowed, users: [user.id] };
    await post('users/permissions/', body);
  }
  const made = await post<{ id: number; key: string; token: string }>('users/tokens/', { user: user.id, version: 2 });
  return `nbt_${made.key}.${made.token}`;
}
