import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { connectPostgres } from '../../src/adapters/postgres/connect.ts';
import { placesOf } from '../../src/lab/places.ts';
import { findFreePort } from '../../src/lab/ports.ts';
import { findPostgres } from '../../src/lab/postgres-binaries.ts';
import { createCluster, startPostgres, superuser } from '../../src/lab/postgres-service.ts';
import { stopService } from '../../src/lab/service.ts';
import { cacheDir, newStateDir } from '../lab/support.ts';

const password = 'secret';

/** A PostgreSQL server of a test's own, with a role `ordinary` that has CREATEDB and no other power: as NetBox's own account. */
export async function startOwnPostgres() {
  const places = placesOf(newStateDir(), cacheDir);
  const port = await findFreePort();
  const bin = await findPostgres(process.env, places.postgresCache);
  await createCluster(places, { bin, password, env: process.env });
  const signal = new AbortController().signal;
  const server = await startPostgres(places, { bin, port, password, env: process.env, signal, onStart() {} });
  const connect = (database: string, user = 'ordinary') =>
    connectPostgres({ host: '127.0.0.1', port, user, password, database });
  const asSuperuser = (database: string) => connect(database, superuser);
  await using postgres = await asSuperuser('postgres');
  await postgres.query(`CREATE ROLE ordinary LOGIN CREATEDB PASSWORD '${password}'`);
  return {
    port,
    connect,
    asSuperuser,
    async [Symbol.asyncDispose]() {
      await stopService(server, { first: 'SIGINT', graceMs: 5000 });
      await rm(places.postgresAccount ? dirname(places.postgresData) : places.postgresData, {
        recursive: true,
        force: true,
      });
    },
  };
}
