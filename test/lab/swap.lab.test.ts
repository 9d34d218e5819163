import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectPostgres, type PostgresConnection } from '../../src/adapters/postgres/connect.ts';
import { cloneDatabase, exists, recoverSwap, replaceDatabase } from '../../src/adapters/postgres/swap.ts';
import { placesOf } from '../../src/lab/places.ts';
import { findFreePort } from '../../src/lab/ports.ts';
import { findPostgres } from '../../src/lab/postgres-binaries.ts';
import { createCluster, startPostgres, superuser } from '../../src/lab/postgres-service.ts';
import { stopService } from '../../src/lab/service.ts';
import type { ServiceRecord } from '../../src/lab/state.ts';
import { cacheDir, newStateDir } from './support.ts';

const names = { live: 'it', next: 'it next', retired: 'it "retired"' };
const places = placesOf(newStateDir(), cacheDir);
const password = 'secret';
let port: number;
let server: ServiceRecord;
let admin: PostgresConnection;

const connect = (database: string, user: string = superuser) =>
  connectPostgres({ host: '127.0.0.1', port, user, password, database });

beforeAll(async () => {
  port = await findFreePort();
  const bin = await findPostgres(process.env, places.postgresCache);
  await createCluster(places, { bin, password, env: process.env });
  const signal = new AbortController().signal;
  server = await startPostgres(places, { bin, port, password, env: process.env, signal, onStart() {} });
  await using postgres = await connect('postgres');
  await postgres.query(`CREATE ROLE ordinary LOGIN CREATEDB PASSWORD '${password}'`);
  // As a role without superpowers, which is what NetBox's own account is.
  admin = await connect('postgres', 'ordinary');
  for (const name of ['it', 'base']) {
    await admin.query(`CREATE DATABASE ${name}`);
    await using database = await connect(name, 'ordinary');
    await database.query(`CREATE TABLE here AS SELECT '${name}' AS name`);
  }
});

afterAll(async () => {
  await admin.close();
  await stopService(server, { first: 'SIGINT', graceMs: 5000 });
  await rm(places.postgresAccount ? dirname(places.postgresData) : places.postgresData, {
    recursive: true,
    force: true,
  });
});

async function whereAmI(): Promise<string | undefined> {
  await using client = await connect('it', 'ordinary');
  return (await client.query<{ name: string }>('SELECT name FROM here')).rows[0]?.name;
}

test('clients that hold on and reconnect land in the new database, and see nothing else than errors worth a retry', async () => {
  const done = new AbortController();
  const codes = new Set<string | undefined>();
  const seen: string[] = [];
  const client = async () => {
    while (!done.signal.aborted) {
      try {
        await using connection = await connect('it', 'ordinary');
        for (let n = 0; n < 20; n++) {
          seen.push((await connection.query<{ name: string }>('SELECT name FROM here')).rows[0]?.name ?? '');
        }
      } catch (error) {
        codes.add((error as { code?: string }).code);
        await new Promise(resolve => setImmediate(resolve));
      }
    }
  };
  const clients = [client(), client(), client(), client()];
  for (let round = 0; round < 5; round++) {
    await cloneDatabase(admin, { source: 'base', copy: names.next });
    expect(await replaceDatabase(admin, names)).toMatchObject({ blockedMs: expect.any(Number) });
  }
  done.abort();
  await Promise.all(clients);
  expect(new Set(seen)).toContain('base');
  expect(seen.lastIndexOf('it')).toBeLessThan(seen.indexOf('base'));
  // 57P01 terminated, 55000 not accepting connections, 3D000 between the two names, undefined: the socket was closed.
  for (const code of codes) expect(['57P01', '55000', '3D000', undefined, 'ECONNRESET', 'EPIPE']).toContain(code);
  expect(await whereAmI()).toBe('base');
  expect(await exists(admin, names.next)).toBe(false);
  expect(await exists(admin, names.retired)).toBe(false);
});

test('when there is nothing to put in its place, the live database stays and takes clients', async () => {
  await expect(replaceDatabase(admin, names)).rejects.toMatchObject({ code: '3D000' });
  expect(await whereAmI()).toBe('base');
});

test('what a killed swap leaves is put right', async () => {
  await cloneDatabase(admin, { source: 'base', copy: names.next });
  await admin.query('ALTER DATABASE it WITH ALLOW_CONNECTIONS false');
  await expect(whereAmI()).rejects.toMatchObject({ code: '55000' });
  await recoverSwap(admin, names);
  expect(await whereAmI()).toBe('base');
  expect(await exists(admin, names.next)).toBe(false);
});
