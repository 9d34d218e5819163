import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silent } from '../../src/core/progress.ts';
import { identify } from '../../src/lab/identity.ts';
import { placesOf } from '../../src/lab/places.ts';
import { readState, type ServiceName, saveState } from '../../src/lab/state.ts';
import { cacheDir, eventually, netboxOf, newStateDir, openTestLab } from '../lab/support.ts';

const stateDir = newStateDir();
// The smallest fleet that is generated: this file is about services.
const fleet = { servers: 20, seed: 7 };
const notes: string[] = [];
const progress = { ...silent, note: (text: string) => notes.push(text) };
const lab = openTestLab(stateDir, { progress });

beforeAll(() => lab.up(fleet), 300_000);
afterAll(() => lab.down({ purge: true }));

async function expectWorking(): Promise<void> {
  const netbox = netboxOf(await lab.env());
  expect((await netbox('GET', '/api/status/')).json).toMatchObject({ 'rq-workers-running': 1 });
  expect((await netbox('GET', '/api/dcim/devices/?limit=1')).json).toMatchObject({ count: expect.any(Number) });
  const { status } = await netbox('PATCH', '/api/dcim/sites/?background=true', []);
  expect([200, 202]).toContain(status);
}

const stateOf = async (service: ServiceName) =>
  (await lab.status()).services.find(found => found.service === service)?.state;

test('the generated fleet is there', async () => {
  expect((await lab.status()).fleet).toEqual(fleet);
  await expectWorking();
});

test.each(['redis', 'postgres', 'worker', 'netbox'] as const)('%s crashes, is seen, and comes back', async service => {
  const before = await lab.status();
  const victim = before.services.find(found => found.service === service);
  process.kill(victim?.pid ?? 0, 'SIGKILL');
  await eventually(async () => ((await stateOf(service)) === 'crashed' ? true : undefined));
  expect((await lab.status()).state).toBe('partly');
  notes.length = 0;
  const after = await lab.up();
  expect(notes.join()).toMatch(/ended by itself/);
  expect(after).toMatchObject({ state: 'running', url: before.url });
  await expectWorking();
});

test('interrupted while NetBox starts: nothing runs, and the next up goes on', async () => {
  await lab.down();
  const abort = new AbortController();
  const interrupted = openTestLab(stateDir, {
    signal: abort.signal,
    progress: {
      ...silent,
      step: text => {
        if (text.startsWith('Starting NetBox')) queueMicrotask(() => abort.abort());
        return silent.step(text);
      },
    },
  });
  await expect(interrupted.up()).rejects.toMatchObject({ exit: 130 });
  expect((await lab.status()).services.map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped', 'stopped']);
});

test('killed while it starts, after a reboot, with a stranger on its port: up again', async () => {
  const script = `import { openLab } from ${JSON.stringify(new URL('../../src/lab/lab.ts', import.meta.url).href)};
    import { silent as progress } from ${JSON.stringify(new URL('../../src/core/progress.ts', import.meta.url).href)};
    const { signal } = new AbortController();
    const dirs = ${JSON.stringify({ stateDir, cacheDir })};
    await openLab({ ...dirs, progress, signal, env: { ...process.env, LAB_PORTS: 'auto' } }).up();`;
  const up = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: 'inherit' });
  const netbox = await eventually(() => readState(stateDir)?.services.netbox);
  up.kill('SIGKILL');
  await once(up, 'exit');
  expect(identify(netbox.pid)).toBeDefined();

  const port = netbox.port ?? 0;
  await lab.down();
  const stranger = createServer().listen(port, '127.0.0.1');
  await once(stranger, 'listening');
  const state = readState(stateDir);
  if (state === undefined) throw new Error('no state');
  // What a reboot leaves: the records of an earlier boot, with pids that mean nothing or something else by now.
  saveState(stateDir, { ...state, services: { netbox: { ...netbox, bootId: 'earlier', pid: process.pid } } });
  const status = await lab.up();
  stranger.close();
  expect(status.state).toBe('running');
  expect(new URL(status.url ?? '').port).not.toBe(String(port));
  await expectWorking();
});

test('a database that the machine took down with it is made anew, one that was stopped is not', async () => {
  const { postgresData } = placesOf(stateDir, cacheDir);
  const before = readState(stateDir);
  const postgres = before?.services.postgres;
  await lab.down();
  const control = join(postgresData, 'global', 'pg_control');
  writeFileSync(control, 'torn');
  await expect(lab.up()).rejects.toThrow(/PostgreSQL .*Its last lines/s);
  expect(existsSync(control)).toBe(true);

  const state = readState(stateDir);
  if (state === undefined || postgres === undefined) throw new Error('no state');
  saveState(stateDir, { ...state, services: { postgres: { ...postgres, bootId: 'earlier' } } });
  notes.length = 0;
  expect((await lab.up()).fleet).toEqual(fleet);
  expect(notes.join()).toMatch(/making it anew/);
  await expectWorking();
});
