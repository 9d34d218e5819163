import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { identify } from '../../src/lab/identity.ts';
import { placesOf } from '../../src/lab/places.ts';
import { isFree } from '../../src/lab/ports.ts';
import { readRunningLab } from '../../src/lab/running.ts';
import { readState, saveState, stateFileOf } from '../../src/lab/state.ts';
import type { LabStatus } from '../../src/lab/status.ts';
import { cacheDir, eventually, type Netbox, netboxOf, newStateDir, openTestLab } from './support.ts';

const stateDir = newStateDir();
const lab = openTestLab(stateDir);
let status: LabStatus;
let settings: Record<string, string>;
let netbox: Netbox;

beforeAll(async () => {
  status = await lab.up();
  settings = await lab.env();
  netbox = netboxOf(settings);
}, 300_000);

afterAll(() => lab.down({ purge: true }));

const pids = (of: LabStatus) => of.services.map(({ pid }) => pid);

test('every service runs, with its version, memory and uptime', () => {
  expect(status).toMatchObject({ state: 'running', fleet: { servers: 601 }, url: settings.NETBOX_URL });
  for (const service of status.services) {
    expect(service).toMatchObject({ state: 'running', version: expect.stringMatching(/\d+\.\d+/) });
    expect(service.memoryBytes).toBeGreaterThan(1_000_000);
    expect(service.uptimeMs).toBeGreaterThanOrEqual(0);
  }
});

test('bmtool finds it without configuration, and secrets are for its owner only', () => {
  expect(readRunningLab(stateDir)).toEqual(settings);
  const { netboxRoot } = placesOf(stateDir, cacheDir);
  for (const file of [stateFileOf(stateDir), join(netboxRoot, 'conf', 'configuration.py')]) {
    expect(statSync(file).mode & 0o077).toBe(0);
  }
});

test('it listens on loopback only', () => {
  const wanted = [settings.PGPORT, settings.REDIS_PORT, new URL(settings.NETBOX_URL ?? '').port].map(Number);
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(file => readFileSync(file, 'utf8').split('\n').slice(1));
  const listening = rows.flatMap(row => {
    const [, local = '', , state] = row.trim().split(/\s+/);
    const [address, port = ''] = local.split(':');
    return state === '0A' && wanted.includes(Number.parseInt(port, 16)) ? [address] : [];
  });
  expect(listening).toEqual(['0100007F', '0100007F', '0100007F']);
});

test('a second up changes nothing', async () => {
  expect(pids(await lab.up())).toEqual(pids(status));
});

test('another fleet is refused before anything happens', async () => {
  await expect(lab.up({ servers: 40 })).rejects.toMatchObject({ exit: 2, next: expect.stringContaining('--purge') });
  expect(pids(await lab.status())).toEqual(pids(status));
});

test('NetBox has the fleet, and its worker', async () => {
  const { json } = await netbox('GET', '/api/dcim/devices/?limit=1');
  expect((json as { count: number }).count).toBeGreaterThanOrEqual(601);
  expect((await netbox('GET', '/api/status/')).json).toMatchObject({ 'rq-workers-running': 1 });
});

test('a job in the background is done', async () => {
  const { json } = await netbox('POST', '/api/dcim/sites/', { name: 'background', slug: 'background' });
  const { id } = json as { id: number };
  const asked = await netbox('PATCH', '/api/dcim/sites/?background=true', [{ id, description: 'done' }]);
  expect(asked.status).toBe(202);
  await eventually(async () => {
    const site = await netbox('GET', `/api/dcim/sites/${id}/`);
    return (site.json as { description: string }).description === 'done' ? true : undefined;
  });
});

test('admin can log in, and the pages come with their styles', async () => {
  const url = settings.NETBOX_URL ?? '';
  const form = await fetch(`${url}/login/`);
  const cookie = form.headers
    .getSetCookie()
    .map(line => line.split(';')[0])
    .join('; ');
  const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await form.text())?.[1] ?? '';
  const answer = await fetch(`${url}/login/`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, referer: `${url}/login/` },
    body: new URLSearchParams({ csrfmiddlewaretoken: token, username: 'admin', password: 'admin', next: '/' }),
  });
  expect(answer.status).toBe(302);
  const session = answer.headers
    .getSetCookie()
    .map(line => line.split(';')[0])
    .join('; ');
  const home = await (await fetch(url, { headers: { cookie: session } })).text();
  expect(home).toContain('/logout/');
  const styles = [...home.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map(([, path]) => path);
  expect(styles.length).toBeGreaterThan(2);
  for (const path of styles) expect((await fetch(`${url}${path}`)).status).toBe(200);
});

test('reset puts the base back while NetBox serves, with a fresh worker and an empty queue', async () => {
  const count = async () => ((await netbox('GET', '/api/dcim/sites/?limit=1')).json as { count: number }).count;
  const before = await count();
  await netbox('POST', '/api/dcim/sites/', { name: 'extra', slug: 'extra' });
  expect(await count()).toBe(before + 1);
  const report = await lab.reset();
  expect(report).toMatchObject({ servers: 601, blockedMs: expect.any(Number) });
  expect(await count()).toBe(1);
  for (let request = 0; request < 16; request++)
    expect((await netbox('GET', '/api/dcim/racks/?limit=1')).status).toBe(200);
  expect((await netbox('GET', '/api/status/')).json).toMatchObject({ 'rq-workers-running': 1 });
  expect(pids(await lab.status())).toEqual(pids(status));
});

test('two resets at once take turns', async () => {
  const notes: string[] = [];
  const progress = {
    note: (text: string) => notes.push(text),
    step: () => ({ at() {}, say() {}, lane() {}, done() {}, fail() {} }),
  };
  await Promise.all([lab.reset(), openTestLab(stateDir, { progress }).reset()]);
  expect(notes).toEqual([expect.stringMatching(/pid \d+.*lab reset/)]);
  expect((await netbox('GET', '/api/dcim/sites/?limit=1')).status).toBe(200);
});

test('logs, of all and of one', async () => {
  const services = new Set<string>();
  for await (const { service } of lab.logs({ lines: 3, follow: false })) services.add(service);
  expect([...services]).toEqual(['postgres', 'redis', 'netbox', 'worker']);
  const none = lab.logs({ service: 'kafka', lines: 3, follow: false })[Symbol.asyncIterator]();
  await expect(none.next()).rejects.toMatchObject({ exit: 2 });
});

test('down stops what was started, and nobody who has the same pid by now', async () => {
  const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
  await once(stranger, 'spawn');
  const state = readState(stateDir);
  const redis = state?.services.redis;
  if (state === undefined || redis === undefined || stranger.pid === undefined) throw new Error('no lab');
  // As if Redis had crashed and its pid had gone to another program.
  process.kill(redis.pid, 'SIGKILL');
  saveState(stateDir, { ...state, services: { ...state.services, redis: { ...redis, pid: stranger.pid } } });
  const report = await lab.down();
  expect(report.stopped.map(({ service }) => service)).toEqual(['postgres', 'netbox', 'worker']);
  expect(identify(stranger.pid)).toBeDefined();
  stranger.kill();
  for (const service of status.services) expect(identify(service.pid ?? 0)).toBeUndefined();
  for (const port of Object.values(state.ports ?? {})) expect(await isFree(port)).toBe(true);
  expect((await lab.status()).state).toBe('stopped');
  expect(readRunningLab(stateDir)).toBeUndefined();
  await expect(lab.env()).rejects.toMatchObject({ exit: 5 });
  await expect(lab.reset()).rejects.toMatchObject({ exit: 5 });
  expect((await lab.down()).stopped).toEqual([]);
});

test('purging leaves nothing', async () => {
  await lab.down({ purge: true });
  expect(existsSync(placesOf(stateDir, cacheDir).dir)).toBe(false);
  expect(existsSync(placesOf(stateDir, cacheDir).postgresData)).toBe(false);
  expect((await lab.status()).state).toBe('absent');
});
