import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseReply } from '../../src/adapters/redis/wire.ts';
import { djangoPassword } from '../../src/lab/accounts.ts';
import { childEnv } from '../../src/lab/child-env.ts';
import { followFile, tailOf } from '../../src/lab/log-files.ts';
import { findAccount } from '../../src/lab/places.ts';
import { choosePorts, isFree } from '../../src/lab/ports.ts';
import { isGoodEnough } from '../../src/lab/python.ts';
import { pythonCandidates } from '../../src/lab/python-candidates.ts';

import { readRunningLab } from '../../src/lab/running.ts';
import { adviceFor } from '../../src/lab/service.ts';
import { type LabState, readState, saveState, stateFileOf } from '../../src/lab/state.ts';
import { decideFleet } from '../../src/lab/up.ts';
import { compareVersions } from '../../src/lab/up-database.ts';
import { findLink, indexOf } from '../../src/lab/wheel-index.ts';
import { newStateDir } from './support.ts';

describe('Python', () => {
  test('PATH first, then what version managers have, shims last', () => {
    const folders: Record<string, string[]> = {
      '/home/u/.pyenv/versions': ['3.11.7', '3.13.0', '3.12.1', '3.12.10'],
      '/opt': ['google', 'python3.13'],
    };
    const env = { HOME: '/home/u', PATH: '/home/u/.pyenv/shims:/usr/bin:relative' };
    const found = pythonCandidates(env, path => folders[path] ?? []);
    expect(found[0]).toBe('/usr/bin/python3');
    expect(found).not.toContain('relative/python3');
    const managed = found.filter(path => path.includes('/versions/'));
    expect(managed.map(path => path.split('/')[5])).toEqual(['3.12.10', '3.12.1', '3.13.0', '3.11.7']);
    expect(found).toContain('/opt/python3.13/bin/python3.13');
    expect(found.at(-1)).toMatch(/shims/);
    expect(new Set(found).size).toBe(found.length);
  });

  test('LAB_PYTHON comes before all', () => {
    expect(pythonCandidates({ PATH: '/usr/bin', LAB_PYTHON: '/my/python' }, () => [])[0]).toBe('/my/python');
  });

  test.each([
    ['3.11.9', false],
    ['3.12.0', true],
    ['3.14.2', true],
    ['3.15.0', false],
    ['2.7.18', false],
  ])('%s is good enough: %s', (version, good) => {
    expect(isGoodEnough(version)).toBe(good);
  });
});

describe('package index', () => {
  test('as uv and pip are told, in that order', () => {
    expect(indexOf({})).toBe('https://pypi.org/simple');
    expect(indexOf({ PIP_INDEX_URL: 'https://mirror/pypi/simple/' })).toBe('https://mirror/pypi/simple');
    expect(indexOf({ PIP_INDEX_URL: 'https://a', UV_DEFAULT_INDEX: 'https://b' })).toBe('https://b');
  });

  const page = 'https://mirror/simple/uv/';
  test('links on JSON and HTML pages, absolute and relative', () => {
    const json = JSON.stringify({ files: [{ filename: 'uv-1.whl', url: '../../files/uv-1.whl' }] });
    expect(findLink(json, { json: true, filename: 'uv-1.whl', page })).toBe('https://mirror/files/uv-1.whl');
    const html =
      '<a class="x" href="https://files/a%2Bb/uv-1%2B2.whl?x=1&amp;y=2#sha256=abc" data-y>uv</a><a href="/uv-1.whl">';
    expect(findLink(html, { json: false, filename: 'uv-1+2.whl', page })).toBe(
      'https://files/a%2Bb/uv-1%2B2.whl?x=1&y=2',
    );
    expect(findLink(html, { json: false, filename: 'uv-1.whl', page })).toBe('https://mirror/uv-1.whl');
    expect(findLink(html, { json: false, filename: 'uv-3.whl', page })).toBeUndefined();
  });
});

test.each([
  ['+PONG\r\n', 'PONG'],
  [':3\r\n', 3],
  ['$5\r\nhe\r\no\r\n', 'he\r\no'],
  ['$-1\r\n', null],
  ['$5\r\nhe', undefined],
  ['+PO', undefined],
])('Redis reply %j', (text, value) => {
  expect(parseReply(text)?.reply).toEqual(value);
});

test('Redis errors are errors', () => {
  expect(parseReply('-NOAUTH Authentication required.\r\n')?.reply).toBeInstanceOf(Error);
  expect(parseReply('HTTP/1.1 400 Bad Request\r\n')?.reply).toBeInstanceOf(Error);
});

test('PostgreSQL runs as postgres, or nobody', () => {
  const nobody = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n';
  expect(findAccount(nobody)).toEqual({ name: 'nobody', uid: 65534, gid: 65534 });
  expect(findAccount(`${nobody}postgres:x:101:104::/var:/bin/sh\n`)).toEqual({ name: 'postgres', uid: 101, gid: 104 });
  expect(findAccount('root:x:0:0:root:/root:/bin/sh\n')).toBeUndefined();
});

test('what steers Python and PostgreSQL is kept from the services', () => {
  const env = { PATH: '/bin', PYTHONDONTWRITEBYTECODE: '1', PGHOST: 'db', GUNICORN_CMD_ARGS: '-w 9', HTTPS_PROXY: 'p' };
  expect(childEnv(env, { LAB_PORT: '1' })).toEqual({ PATH: '/bin', HTTPS_PROXY: 'p', LAB_PORT: '1' });
});

test('Django takes the password', async () => {
  expect(await djangoPassword('admin')).toMatch(/^pbkdf2_sha256\$1000\$[0-9a-f]{32}\$[A-Za-z0-9+/]{43}=$/);
});

test('versions are compared by their numbers', () => {
  expect(compareVersions('4.7.10', '4.7.9')).toBeGreaterThan(0);
  expect(compareVersions('4.7.3', '4.7.3')).toBe(0);
  expect(compareVersions('4.6.11', '4.7.0')).toBeLessThan(0);
});

test('the machine’s troubles have an advice', () => {
  expect(adviceFor(['FATAL: could not write: No space left on device'])).toMatch(/disk space/);
  expect(adviceFor(['bind: Address already in use'])).toMatch(/free one/);
  expect(adviceFor(['something else'])).toBeUndefined();
});

describe('which fleet', () => {
  const base = { servers: 601, seed: 1 };
  test.each([
    [undefined, {}, base],
    [undefined, { servers: 40 }, { servers: 40, seed: 1 }],
    [{ servers: 40, seed: 7 }, {}, { servers: 40, seed: 7 }],
    [
      { servers: 40, seed: 7 },
      { servers: 40, seed: 7 },
      { servers: 40, seed: 7 },
    ],
  ])('lab has %j, wanted %j: %j', (has, wanted, fleet) => {
    expect(decideFleet(has, wanted, base)).toEqual(fleet);
  });

  test('another than the lab has is refused, with what to type', () => {
    const decide = () => decideFleet(base, { servers: 40 }, base);
    expect(decide).toThrow(
      expect.objectContaining({
        exit: 2,
        next: expect.stringContaining('--purge && bmtool lab up --servers 40 --seed 1'),
      }),
    );
  });
});

describe('ports', () => {
  const wanted = { held: new Set<'redis'>(), auto: true, signal: new AbortController().signal };
  const occupy = async (port: number) => {
    const server = createServer();
    await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
    return server;
  };

  test('what is taken is avoided, what was had is kept', async () => {
    const before = await choosePorts({ ...wanted, before: undefined });
    expect(new Set(Object.values(before)).size).toBe(3);
    expect(await choosePorts({ ...wanted, before })).toEqual(before);
    const stranger = await occupy(before.redis);
    const chosen = await choosePorts({ ...wanted, before });
    expect(chosen).toEqual({ ...before, redis: expect.any(Number) });
    expect(chosen.redis).not.toBe(before.redis);
    expect(await choosePorts({ ...wanted, before, held: new Set(['redis'] as const) })).toEqual(before);
    stranger.close();
  });

  test('what a killed service leaves is waited for: whoever talks to the lab knows that port', async () => {
    const before = await choosePorts({ ...wanted, before: undefined });
    const leftover = await occupy(before.netbox);
    const chosen = choosePorts({ ...wanted, before });
    // Asked after `choosePorts` has: it has seen the port taken as well.
    expect(await isFree(before.netbox)).toBe(false);
    leftover.close();
    expect(await chosen).toEqual(before);
  });
});

describe('log files', () => {
  test('the last lines, also of a file whose last line is not complete', () => {
    const file = join(newStateDir(), 'log');
    expect(tailOf(file, 3)).toEqual([]);
    writeFileSync(file, 'a\nb\nc\nd');
    expect(tailOf(file, 3)).toEqual(['b', 'c', 'd']);
    writeFileSync(file, `${'x'.repeat(100_000)}\nend\n`);
    expect(tailOf(file, 5)).toEqual(['end']);
  });

  test('following goes on when the file is emptied', async () => {
    const file = join(newStateDir(), 'log');
    writeFileSync(file, 'a\nb\n');
    const abort = new AbortController();
    const lines = followFile(file, { lines: 1, signal: abort.signal, everyMs: 5 });
    const next = async () => (await lines.next()).value;
    expect(await next()).toBe('b');
    appendFileSync(file, 'c\n');
    expect(await next()).toBe('c');
    writeFileSync(file, 'd\n');
    expect(await next()).toBe('d');
    abort.abort();
    expect((await lines.next()).done).toBe(true);
  });
});

describe('lab.json', () => {
  const state: LabState = {
    format: 1,
    secrets: { secretKey: 's', pepper: 'p', postgresPassword: 'w' },
    ports: { netbox: 1, redis: 2, postgres: 3 },
    services: {},
  };

  test('only its owner reads it', () => {
    const dir = newStateDir();
    saveState(dir, state);
    expect(readState(dir)).toEqual(state);
    expect(readRunningLab(dir)).toBeUndefined();
  });

  test.each(['', '{', '[]', '{"format":2}', 'null'])('what is damaged is no lab: %j', content => {
    const dir = newStateDir();
    mkdirSync(join(dir, 'lab'));
    writeFileSync(stateFileOf(dir), content);
    expect(readState(dir)).toBeUndefined();
    expect(readRunningLab(dir)).toBeUndefined();
  });

  test('a lab whose process lives gives its settings, one of another boot does not', () => {
    const dir = newStateDir();
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const startTicks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const postgres = { bootId, pid: process.pid, startTicks, exe: process.execPath, version: '18', log: '/x' };
    saveState(dir, { ...state, services: { postgres } });
    expect(readRunningLab(dir)).toMatchObject({
      NETBOX_URL: 'http://127.0.0.1:1',
      REDIS_PORT: '2',
      PGPORT: '3',
      PGUSER: 'netbox',
    });
    saveState(dir, { ...state, services: { postgres: { ...postgres, bootId: 'another' } } });
    expect(readRunningLab(dir)).toBeUndefined();
  });
});
