import { existsSync, readdirSync, statSync } from 'node:fs';
import { createClient } from '@redis/client';
import { beforeAll, describe, expect, test } from 'vitest';
import { bmtool, bmtoolJson } from '../support/bmtool.ts';
import { labEnv } from '../support/lab-env.ts';
import { changeCount, resetLab, sql } from '../support/netbox.ts';
import { differences, openEvents, patch, post, record, restore, type Standing, standing } from '../support/phases.ts';
import { isThorough } from '../support/tries.ts';

describe('--dry-run', () => {
  beforeAll(() => resetLab());

  test('lists ten changes of each kind, all with --verbose, and writes nothing to NetBox, Redis and disk', async () => {
    const events = (await standing(3)).map(({ name }) => JSON.stringify({ device: name }));
    await using queue = await openEvents();
    await queue.set(events);
    await using watch = await watchRedis();
    const before = [await changeCount(), await record(), runFiles()];
    const args = ['state', 'restore', '2', '--limit', '12', '--dry-run'];
    const [short, long] = [await bmtool(args), await bmtool([...args, '--verbose'])];
    expect([short.exitCode, long.exitCode]).toEqual([0, 0]);
    expect([await changeCount(), await record(), runFiles()]).toEqual(before);
    expect(await queue.all()).toEqual(events);
    const commands = await watch.commandsOf('bmtool');
    expect(commands).toContain('lrange');
    const reads = ['hello', 'client', 'lrange', 'llen', 'get', 'ping', 'auth'];
    expect(commands.filter(command => !reads.includes(command))).toEqual([]);

    // One tag; an address, a device, an entry and three steps of two cables for each server.
    expect(changesIn(long.stdout)).toEqual({
      'create tag': 1,
      'create address': 12,
      'update device': 12,
      'create journal': 12,
      'update cable': 36,
    });
    expect(changesIn(short.stdout)).toEqual({
      'create tag': 1,
      'create address': 10,
      'update device': 10,
      'create journal': 10,
      'update cable': 10,
    });
    expect(short.stderr).toContain('32 more; --verbose');
    expect(long.stderr).not.toContain('--verbose');
  });

  /** How many rows of the listing say what. */
  function changesIn(stdout: string): Record<string, number> {
    const rows = stdout
      .split('\n')
      .flatMap(line => /^(create|update|delete)\t(\w+)/.exec(line)?.slice(1).join(' ') ?? []);
    return Object.fromEntries([...Map.groupBy(rows, row => row)].map(([row, all]) => [row, all.length]));
  }

  function runFiles(): string[] {
    const folder = `${labEnv().BMTOOL_STATE_DIR}/runs`;
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names.map(name => `${name} ${statSync(`${folder}/${name}`).size}`);
  }
});

describe('undo', () => {
  let servers: Standing[] = [];
  const runs: string[] = [];

  beforeAll(async () => {
    await resetLab();
    servers = await standing(2);
    expect((await restore(1, 2)).exitCode).toBe(0);
    // What a person adds to an address, and a device whose primary address it is.
    const [{ id = 0 } = {}] = await sql<{ id: number }>(
      "SELECT id::int FROM ipam_ipaddress WHERE address = '10.20.0.2/22'",
    );
    const tag = await post('extras/tags/', { name: 'bmc', slug: 'bmc' });
    const tenant = await post('tenancy/tenants/', { name: 'Ann', slug: 'ann' });
    const added = { dns_name: 'bmc-1.example.net', description: 'leased', comments: 'by hand', status: 'dhcp' };
    await patch(`ipam/ip-addresses/${id}/`, { ...added, role: 'secondary', tenant: tenant.id, tags: [tag.id] });
    await patch(`dcim/devices/${servers[0]?.id}/`, { primary_ip4: id });
  });

  const ways = [
    [1, 2],
    [2, 0],
    [0, 1],
    [1, 0],
    [0, 2],
    [2, 1],
  ] as const;
  // Undone and redone, the first two are of every kind of change.
  for (const [from, to] of isThorough ? ways : ways.slice(0, 1)) {
    test(`of ${from} → ${to}: the record and the queue as before; undo of that is a redo`, async () => {
      await using queue = await openEvents();
      const events = [
        JSON.stringify({ device: servers[1]?.name, n: 1 }),
        JSON.stringify({ serial: servers[0]?.serial }),
        JSON.stringify({ device: servers[1]?.name, n: 2 }),
      ];
      await queue.set(events);
      const before = await record();
      const done = await restore(to, 2);
      expect(done.exitCode).toBe(0);
      expect(await queue.all()).toEqual([]);
      const after = await record();

      const undone = await bmtoolJson<{ runId: string }>(['undo', done.result.runId ?? '']);
      runs.push(done.result.runId ?? '', undone.result.runId);
      expect(undone.exitCode).toBe(0);
      expect.soft(differences(before, await record())).toEqual({});
      expect.soft(await queue.all()).toEqual(events);

      expect((await bmtool(['undo', undone.result.runId])).exitCode).toBe(0);
      expect.soft(differences(after, await record())).toEqual({});
      expect(await queue.all()).toEqual([]);
    });
  }

  test.runIf(isThorough)(
    'of three runs, the newest first: the record as before, whatever was deleted and made again',
    async () => {
      await restore(0, 2);
      const before = await record();
      const ids: string[] = [];
      for (const to of [1, 2, 0] as const) ids.unshift((await restore(to, 2)).result.runId ?? '');
      for (const id of ids) {
        const { exitCode, result } = await bmtoolJson<{ refused: unknown[]; gone: number }>(['undo', id]);
        expect.soft([exitCode, result.refused, result.gone]).toEqual([0, [], 0]);
      }
      expect(differences(before, await record())).toEqual({});
    },
  );

  test('of a record that was put back to before all this: nothing is written, to NetBox or the queue', async () => {
    await resetLab();
    await using queue = await openEvents();
    const before = await changeCount();
    for (const run of runs) {
      const { exitCode, stderr } = await bmtool(['undo', run]);
      expect([exitCode, stderr]).toEqual([0, expect.stringContaining('is not in NetBox any more')]);
    }
    expect([await changeCount(), await queue.all()]).toEqual([before, []]);
  });
});

/** Listens to all that Redis is told, and picks out who calls itself by a name. */
async function watchRedis() {
  const { REDIS_HOST, REDIS_PORT } = labEnv();
  const client = createClient({ socket: { host: REDIS_HOST ?? '', port: Number(REDIS_PORT) } });
  await client.connect();
  const said: { from: string; words: string[] }[] = [];
  await client.monitor(line => {
    const [, from = '', words = ''] = /^[\d.]+ \[\d+ (\S+)\] (.*)$/.exec(String(line)) ?? [];
    said.push({
      from,
      words: [...words.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => (word ?? '').toLowerCase()),
    });
  });
  return {
    async commandsOf(name: string) {
      const own = new Set(
        said.filter(({ words }) => words.includes('setname') && words.includes(name)).map(({ from }) => from),
      );
      return said.filter(({ from }) => own.has(from)).map(({ words }) => words[0] ?? '');
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
    },
  };
}
