import { createClient } from '@redis/client';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ownRedis } from '../adapters/redis/support.ts';
import { eventually } from '../lab/support.ts';
import { openFaultProxy, type Seen } from '../support/fault-proxy.ts';
import { labEnv } from '../support/lab-env.ts';
import { type Bmc, bmcs, holdersOf, openSite, recordOf } from '../support/leases.ts';
import { resetLab } from '../support/netbox.ts';
import { isThorough, someOf } from '../support/tries.ts';

beforeAll(() => resetLab());

const target = () => labEnv().NETBOX_URL ?? '';
const isWrite = ({ method, body }: Seen) => method !== 'GET' && method !== 'OPTIONS' && body !== '[]';

let from = 0;
async function fresh(count: number): Promise<Bmc[]> {
  from += count;
  return bmcs(count, from - count);
}

/** Each discovered once, at its address, which one object has. */
async function expectDiscovered(all: readonly Bmc[], addressOf: (i: number) => string) {
  for (const [i, bmc] of all.entries()) {
    const address = `${addressOf(i)}/22`;
    expect(await recordOf(bmc), bmc.name).toMatchObject({ status: 'planned', oob: address, addresses: [address] });
    expect(await holdersOf(addressOf(i))).toBe(1);
  }
}

const discovered = async (bmc: Bmc) => ((await recordOf(bmc)).oob === null ? undefined : true);

describe('killed at any moment, the next worker finishes', () => {
  // Right before the n-th write reaches NetBox, and right after NetBox did it.
  const moments = [
    ['before', 1],
    ['after', 1],
    ['before', 2],
    ['after', 2],
    ['before', 3],
    ['after', 3],
  ] as const;
  test.for(someOf(moments))('%s write %i', async ([moment, nth]) => {
    const [bmc] = (await fresh(1)) as [Bmc];
    let writes = 0;
    let kill = () => {};
    await using proxy = await openFaultProxy(target(), seen => {
      if (!isWrite(seen) || ++writes !== nth) return { kind: 'pass' };
      if (moment === 'before') kill();
      return moment === 'before' ? { kind: 'drop' } : { kind: 'lose-answer' };
    });
    const site = openSite({ NETBOX_URL: proxy.url });
    // A serial that is not the device's: so that there is a journal entry to write, too.
    const address = `10.20.2.${from % 250}`;
    site.see({ mac: bmc.mac, address, hostname: 'idrac-ZZZZZZZ' });
    const { child, ended } = site.start();
    kill = () => child.kill('SIGKILL');
    // With its answer lost the worker looks whether the write happened: it is killed before that.
    if (moment === 'after') await eventually(() => (writes >= nth ? true : undefined));
    kill();
    await ended;
    const again = openSite({ BMTOOL_STATE_DIR: site.stateDir, BMTOOL_SPOOL_DIR: site.folder });
    await again.work();
    await expectDiscovered([bmc], () => address);
    expect((await recordOf(bmc)).warnings).toHaveLength(1);
    expect((await again.ask<{ waiting: number; dead: number }>('dhcp', 'spool')).result).toMatchObject({
      waiting: 0,
      dead: 0,
    });
  });
});

test('NetBox is away for a while: events wait, and are worked off when it is back', async () => {
  const [a, b] = (await fresh(2)) as [Bmc, Bmc];
  let away = false;
  await using proxy = await openFaultProxy(target(), () => (away ? { kind: 'answer', status: 503 } : { kind: 'pass' }));
  const site = openSite({ NETBOX_URL: proxy.url });
  const { child, ended, stderr } = site.start('--timeout', '1');
  site.see({ mac: a.mac, address: '10.20.1.10' });
  await eventually(() => discovered(a));
  away = true;
  site.see({ mac: b.mac, address: '10.20.1.11' });
  await eventually(() => (/1 event waiting; next try/.test(stderr()) ? true : undefined));
  away = false;
  await eventually(() => discovered(b));
  await expectDiscovered([a, b], i => `10.20.1.${10 + i}`);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0 });
});

test('of two workers at one spool the second waits for its turn, and takes it when the first is gone', async () => {
  const [a, b] = (await fresh(2)) as [Bmc, Bmc];
  const site = openSite();
  const first = site.start();
  site.see({ mac: a.mac, address: '10.20.1.20' });
  await eventually(() => discovered(a));
  const { stderr, exitCode } = await site.say('dhcp', 'worker', '--once');
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('Another worker is at this spool')]);
  const second = site.start();
  await eventually(() => (second.stderr().includes('waiting for its turn') ? true : undefined));
  first.child.kill('SIGKILL');
  await first.ended;
  site.see({ mac: b.mac, address: '10.20.1.21' });
  await eventually(() => discovered(b));
  second.child.kill('SIGINT');
  expect(await second.ended).toMatchObject({ code: 0 });
});

describe('via Redis', () => {
  async function openOwnRedis() {
    const redis = await ownRedis();
    const { host, port } = redis.where;
    const client = async () => {
      const plain = createClient({ socket: { host, port, reconnectStrategy: false } });
      plain.on('error', () => {});
      await plain.connect();
      onTestFinished(() => plain.destroy());
      return plain;
    };
    return { ...redis, client, env: { REDIS_HOST: host, REDIS_PORT: String(port) } };
  }

  test('Redis is away for a while: events wait in the spool, none is lost, none comes twice', async () => {
    const all = await fresh(4);
    const redis = await openOwnRedis();
    const site = openSite(redis.env);
    const { child, ended, stderr } = site.start('--via', 'redis', '--json');
    let stdout = '';
    child.stdout.on('data', chunk => {
      stdout += chunk;
    });
    const decided = () =>
      stdout
        .split('\n')
        .slice(0, -1)
        .filter(Boolean)
        .map(line => JSON.parse(line).result.device);
    const see = (i: number) => site.see({ mac: (all[i] as Bmc).mac, address: `10.20.1.${30 + i}` });
    see(0);
    // Settled, not only written to NetBox: this Redis keeps nothing over its restart, and what a worker has in hand there would be gone.
    await eventually(() => (decided().length === 1 ? true : undefined));
    await redis.kill();
    see(1);
    see(2);
    await eventually(() => (stderr().includes('Events wait in') ? true : undefined));
    await redis.start();
    see(3);
    for (const bmc of all) await eventually(() => discovered(bmc));
    await expectDiscovered(all, i => `10.20.1.${30 + i}`);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0 });
    expect(decided()).toEqual(all.map(({ name }) => name));
  });

  test('two workers share the events; every device is told of once, and llen tells what waits', async () => {
    const all = await fresh(isThorough ? 20 : 6);
    const redis = await openOwnRedis();
    const sites = [openSite(redis.env), openSite(redis.env)];
    // Repeated, and seen on two machines: the same facts all the same.
    for (const site of sites)
      site.see(
        ...all.map((bmc, i) => ({ mac: bmc.mac, address: `10.20.1.${40 + i}`, time: '2026-11-21T10:00:00.000Z' })),
      );
    const workers = sites.map(site => site.start('--via', 'redis'));
    const client = await redis.client();
    await eventually(async () => ((await client.lLen('device_discovered')) >= all.length ? true : undefined));
    await eventually(async () => ((await client.lLen('dhcp_lease')) === 0 ? true : undefined));
    for (const { child } of workers) child.kill('SIGINT');
    for (const { ended } of workers) expect(await ended).toMatchObject({ code: 0 });
    await expectDiscovered(all, i => `10.20.1.${40 + i}`);
    for (const list of ['device_discovered', 'netbox:bmc:discovered']) {
      const told = (await client.lRange(list, 0, -1)).map(text => JSON.parse(text).data.device);
      expect(told.toSorted()).toEqual(all.map(({ name }) => name).toSorted());
    }
    expect(await client.keys('dhcp_lease:taken:*')).toEqual([]);
    expect(await client.hGetAll('dhcp_lease:busy')).toEqual({});
  });

  test('a killed worker’s events go to another one', async () => {
    const [bmc] = (await fresh(1)) as [Bmc];
    const redis = await openOwnRedis();
    let kill = () => {};
    await using proxy = await openFaultProxy(target(), seen => {
      if (isWrite(seen)) kill();
      return { kind: isWrite(seen) ? 'drop' : 'pass' };
    });
    const site = openSite({ ...redis.env, NETBOX_URL: proxy.url });
    site.see({ mac: bmc.mac, address: '10.20.1.70' });
    const { child, ended } = site.start('--via', 'redis');
    kill = () => child.kill('SIGKILL');
    await ended;
    const client = await redis.client();
    // What tells that it is alive ends by itself after half a minute; here it is ended at once.
    for (const key of await client.keys('dhcp_lease:alive:*')) await client.del(key);
    const other = openSite(redis.env);
    expect((await other.work('--via', 'redis')).map(({ act }) => act)).toEqual(['discover']);
    await expectDiscovered([bmc], () => '10.20.1.70');
    expect(await client.lLen('device_discovered')).toBe(1);
  });
});
