import { type NetBox, openNetBox } from '../../src/adapters/netbox/netbox.ts';
import type { Change, ChangeKey, ChangeResult, Update } from '../../src/core/change.ts';
import { labEnv } from './lab-env.ts';
import { sql } from './netbox.ts';

/** The real adapter on the tests' lab, or on a proxy in front of it. */
export async function openEngine(
  url = labEnv().NETBOX_URL ?? '',
  token = labEnv().NETBOX_TOKEN ?? '',
  signal = new AbortController().signal,
) {
  const netbox = await openNetBox({ url, token, signal, patienceMs: 60_000, userAgent: 'bmtool-test' });
  return Object.assign(netbox, { [Symbol.asyncDispose]: () => netbox.close() });
}

/** Applies changes and gives the result of each. */
export async function applyAll(netbox: NetBox, changes: readonly Change[]): Promise<Map<ChangeKey, ChangeResult>> {
  const results = new Map<ChangeKey, ChangeResult>();
  await netbox.apply(changes, {
    message: 'bmtool test run t-1',
    onSend: () => {},
    onLane: () => {},
    onResult(result) {
      if (results.has(result.key)) throw new Error(`${result.key} has two results`);
      results.set(result.key, result);
    },
  });
  return results;
}

export type DeviceRow = { id: number; name: string; comments: string; version: string };

/** Servers with what a status or comments change needs, read past the adapter. */
export function devices(count: number, from = 0): Promise<DeviceRow[]> {
  return sql(
    `SELECT d.id::int, d.name, d.comments, to_char(d.last_updated AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS version
     FROM dcim_device d JOIN dcim_devicerole r ON r.id = d.role_id WHERE r.name LIKE '%Server%' ORDER BY d.id OFFSET $2 LIMIT $1`,
    [count, from],
  );
}

export function setComments(row: DeviceRow, comments: string): Update {
  return {
    op: 'update',
    kind: 'dcim.device',
    key: `comments:${row.id}`,
    label: row.name,
    subject: `device:${row.id}`,
    id: row.id,
    before: { comments: row.comments },
    after: { comments },
    version: row.version,
  };
}

export async function commentsOf(ids: readonly number[]): Promise<string[]> {
  const rows = await sql<{ comments: string }>('SELECT comments FROM dcim_device WHERE id = ANY($1) ORDER BY id', [
    ids,
  ]);
  return rows.map(row => row.comments);
}

export async function journalCount(): Promise<number> {
  const [row] = await sql<{ count: string }>('SELECT count(*) FROM extras_journalentry');
  return Number(row?.count);
}

export function journalEntry(row: DeviceRow, comments: string): Change {
  return {
    op: 'create',
    kind: 'extras.journalentry',
    key: `journal:${row.id}`,
    label: `journal of ${row.name}`,
    subject: `device:${row.id}`,
    after: { assigned_object_type: 'dcim.device', assigned_object_id: row.id, kind: 'info', comments },
  };
}
