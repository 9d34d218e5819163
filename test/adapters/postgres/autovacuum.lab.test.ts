import { expect, test } from 'vitest';
import { openCluster } from '../../../src/adapters/postgres/cluster.ts';
import { eventually } from '../../lab/support.ts';
import { startOwnPostgres } from '../../support/postgres.ts';
import { isThorough } from '../../support/tries.ts';

/** Comes within a second, and takes its time. */
const settings = ['autovacuum_naptime = 1', 'autovacuum_vacuum_cost_delay = 100', 'autovacuum_vacuum_cost_limit = 1'];

test.runIf(isThorough)(
  'a database in which autovacuum is at work is copied and dropped by an ordinary role',
  async () => {
    await using postgres = await startOwnPostgres(settings);
    await using admin = await postgres.connect('postgres');
    await using watcher = await postgres.asSuperuser('postgres');
    const cluster = openCluster(admin, 'netbox');
    await admin.query('CREATE DATABASE netbox');
    const fill = async (database: string) => {
      {
        await using inside = await postgres.connect(database);
        await inside.query('DROP TABLE IF EXISTS much');
        await inside.query(
          'CREATE TABLE much AS SELECT i, repeat(i::text, 50) AS text FROM generate_series(1, 30000) i',
        );
        await inside.query('UPDATE much SET i = i + 1');
      }
      await eventually(async () => {
        const { rowCount } = await watcher.query(
          "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND datname = $1",
          [database],
        );
        return rowCount ? true : undefined;
      });
    };

    await fill('netbox');
    const copy = cluster.newName('next', new Date());
    await cluster.whileBlocked(() => cluster.clone('netbox', copy));
    await fill(copy);
    await cluster.drop(copy);
    expect(await cluster.own()).toEqual([]);
  },
);
