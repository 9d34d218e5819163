import { createClient } from '@redis/client';
import { Client } from 'pg';
import { cloneDatabase, recoverSwap, replaceDatabase } from '../../src/adapters/postgres/swap.ts';
import { connectAdmin, databases } from '../../src/lab/database.ts';
import { databaseAccount } from '../../src/lab/running.ts';
import { readState } from '../../src/lab/state.ts';
import { bmtool } from './bmtool.ts';
import { labEnv } from './lab-env.ts';

type Row = Record<string, unknown>;

/** NetBox itself, past bmtool: its API, one request. */
export async function api<T = Row>(
  path: string,
  wish: { method?: string; body?: unknown; token?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; body: T; headers: Headers }> {
  const { NETBOX_URL, NETBOX_TOKEN } = labEnv();
  const response = await fetch(`${NETBOX_URL}/api/${path}`, {
    method: wish.method ?? 'GET',
    headers: {
      authorization: `Token ${wish.token ?? NETBOX_TOKEN}`,
      'content-type': 'application/json',
      connection: 'close',
      ...wish.headers,
    },
    ...(wish.body === undefined ? {} : { body: JSON.stringify(wish.body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: (text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text) as T,
    headers: response.headers,
  };
}

/** NetBox's database itself. */
export async function sql<T = Row>(query: string, values: unknown[] = []): Promise<T[]> {
  const client = new Client({ connectionString: labEnv().DATABASE_URL });
  await client.connect();
  try {
    const { rows } = await client.query(query, values);
    return rows as T[];
  } finally {
    await client.end();
  }
}

/** Writes as NetBox's change log counts them: the only witness that a second run wrote nothing. */
export async function changeCount(): Promise<number> {
  const [row] = await sql<{ count: string }>('SELECT count(*) FROM core_objectchange');
  return Number(row?.count);
}

/**
 * Every test file starts from the base. NetBox's background worker rests, unless a test is about it: it would index for the search what tests write, on
 * the two cores that they share.
 */
export async function resetLab({ indexing = false }: { indexing?: boolean } = {}): Promise<void> {
  if (!indexing) return resetAroundWorker();
  const ran = await bmtool(['lab', 'reset']);
  if (ran.exitCode !== 0) throw new Error(ran.stderr);
}

/** As `bmtool lab reset` does it, but for the worker: starting it afresh is most of what that takes. */
async function resetAroundWorker(): Promise<void> {
  const { BMTOOL_STATE_DIR = '', REDIS_HOST, REDIS_PORT } = labEnv();
  const client = createClient({ socket: { host: REDIS_HOST ?? '', port: Number(REDIS_PORT) } });
  await client.connect();
  await client.set('rq:suspended', 'test');
  const state = readState(BMTOOL_STATE_DIR);
  if (state?.ports === undefined) throw new Error('no lab');
  await using admin = await connectAdmin({ port: state.ports.postgres, password: state.secrets.postgresPassword });
  await recoverSwap(admin, databases);
  await cloneDatabase(admin, { source: databases.base, copy: databases.next, owner: databaseAccount.user });
  await replaceDatabase(admin, databases);
  const keys = (await client.keys('*')).filter(key => !/^rq:(suspended|worker)/.test(key));
  if (keys.length > 0) await client.del(keys);
  // NetBox's cache.
  await client.select(1);
  await client.flushDb();
  client.destroy();
}

/** The fleet's servers with their BMC interface, straight from the database, in the order of their ids. */
export async function servers(
  limit: number,
): Promise<{ deviceId: number; name: string; serial: string; interfaceId: number; bmc: string }[]> {
  return sql(
    `SELECT d.id::int AS "deviceId", d.name, d.serial, i.id::int AS "interfaceId", i.name AS bmc
     FROM dcim_device d JOIN dcim_interface i ON i.device_id = d.id JOIN dcim_devicerole r ON r.id = d.role_id
     WHERE r.name LIKE '%Server%' AND i.mgmt_only ORDER BY d.id LIMIT $1`,
    [limit],
  );
}
