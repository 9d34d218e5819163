import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connectPostgres } from '../../src/adapters/postgres/connect.ts';
import { type Places, placesOf } from '../../src/lab/places.ts';
import { findFreePort } from '../../src/lab/ports.ts';
import { findPostgres } from '../../src/lab/postgres-binaries.ts';
import { createCluster, startPostgres, superuser } from '../../src/lab/postgres-service.ts';
import { stopService } from '../../src/lab/service.ts';
import { cacheDir, newStateDir } from '../lab/support.ts';

const password = 'secret';

/**
 * A PostgreSQL server of a test's own, with a role `ordinary` that has CREATEDB and no other power: as NetBox's own account.
 *
 * @param settings lines for its postgresql.conf
 * @param prepare is told the folder in which the data directory will be, before there is one
 */
export async function startOwnPostgres(
  settings: readonly string[] = [],
  prepare: (folder: string) => Promise<void> = async () => {},
) {
  const places = inMemory(placesOf(newStateDir(), cacheDir));
  const port = await findFreePort();
  const bin = await findPostgres(process.env, places.postgresCache);
  await prepare(dirname(places.postgresData));
  await createCluster(places, { bin, password, env: process.env });
  await appendFile(join(places.postgresData, 'postgresql.conf'), `${settings.join('\n')}\n`);
  const signal = new AbortController().signal;
  const start = () => startPostgres(places, { bin, port, password, env: process.env, signal, onStart() {} });
  let server = await start();
  const address = { host: '127.0.0.1', port, password };
  const connect = (database: string, user = 'ordinary') => connectPostgres({ ...address, user, database });
  const asSuperuser = (database: string) => connect(database, superuser);
  await using postgres = await asSuperuser('postgres');
  await postgres.query(`CREATE ROLE ordinary LOGIN CREATEDB PASSWORD '${password}'`);
  return {
    port,
    /** Of every role that a test makes with it, too. */
    password,
    connect,
    asSuperuser,
    /** Ends it as a power cut would: all its processes at once, with nothing written down. */
    crash: () => stopService(server, { first: 'SIGKILL', graceMs: 0 }),
    /** Again, after `crash`. */
    async start() {
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await stopService(server, { first: 'SIGINT', graceMs: 5000 });
      await rm(dirname(dirname(places.postgresData)), { recursive: true, force: true });
    },
  };
}

/**
 * Where Linux keeps files in memory. Tests make and drop databases of 300 files many times a second, and ext4 looks at every inode that was freed in the
 * last minute before it gives one (`recently_deleted` in fs/ext4/ialloc.c): there it takes ten times as long.
 */
function inMemory(places: Places): Places {
  const memory = '/dev/shm';
  const folder = join(existsSync(memory) ? memory : tmpdir(), `bmtool-test-${randomUUID()}`);
  // Two folders down: the lab sets the modes of the two above its data.
  return { ...places, postgresData: join(folder, 'cluster', 'postgres') };
}
