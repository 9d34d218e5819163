import { expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import { allRights, permissionOf } from '../../../src/core/rights.ts';
import { failedChecks } from '../../../src/features/doctor/failed.ts';
import { checkDisk, checkLab, checkSpool } from '../../../src/features/doctor/machine.ts';
import { checkRights } from '../../../src/features/doctor/netbox.ts';
import { type Origin, type Setting, type SettingName, settingNames } from '../../../src/settings.ts';

/** Settings of which only these are said. */
function settings(values: Partial<Record<SettingName, string>>, origin: Origin = 'lab') {
  const all = settingNames.map(name => ({
    name,
    value: values[name] ?? 'http://lab',
    origin: name in values ? origin : name === 'NETBOX_URL' ? 'lab' : 'default',
    secret: false,
    says: '',
  }));
  return { all: all as readonly Setting[], netboxUrl: 'http://nbx' };
}

const all = allRights().map(permissionOf);
const only = (...held: string[]) => all.filter(name => !held.includes(name));

test('a token that lacks nothing may do everything, in one line', () => {
  const checks = checkRights([]);
  expect(checks).toHaveLength(1);
  expect(checks[0]).toMatchObject({ state: 'ok', message: expect.stringMatching(/^may: load-macs, .*state restore/) });
});

test('each job that it may not do, with what it lacks for it: a warning, as another job may be what it is for', () => {
  const checks = checkRights(['dcim.change_cable']);
  expect(checks.map(({ state }) => state)).toEqual(['ok', 'warn', 'warn']);
  expect(checks[1]?.message).toBe('may not: state restore (lacks dcim.change_cable)');
  expect(checks[2]?.message).toBe('may not: undo of state restore (lacks dcim.change_cable)');
  expect(checks[1]?.fix).toContain('write enabled');
});

test('a token for reading is told nothing of writing where a look is what it lacks', () => {
  const reads = all.filter(name => name.includes('.view_') && name !== 'ipam.view_iprange');
  const verify = checkRights(only(...reads)).find(({ message }) => message.includes('verify'));
  expect(verify).toMatchObject({ message: 'may not: verify, state show (lacks ipam.view_iprange)' });
  expect(verify?.fix).not.toContain('write enabled');
});

test('a token that may do nothing is a failure', () => {
  const checks = checkRights(only('dcim.view_device'));
  expect(new Set(checks.map(({ state }) => state))).toEqual(new Set(['fail']));
});

const roomy = { exists: true, unwritable: undefined, freeBytes: 5e9 };

test.each([
  [roomy, 'ok', '5.0 GB are free'],
  [{ ...roomy, freeBytes: 50e6 }, 'warn', '50 MB are free'],
  [{ ...roomy, unwritable: 'EROFS: read-only file system' }, 'fail', 'EROFS'],
])('a state folder with %j is %s', (report, state, words) => {
  expect(checkDisk('/state', report)).toMatchObject({ state, message: expect.stringContaining(words) });
});

test.each([
  [roomy, undefined, 'ok', 'no lease event has come'],
  [roomy, { bytes: 4e6, mostBytes: 64e6 }, 'ok', '4 MB of at most 64 MB'],
  [roomy, { bytes: 40e6, mostBytes: 64e6 }, 'warn', '40 MB of at most 64 MB'],
  [{ ...roomy, unwritable: 'EACCES' }, { bytes: 0, mostBytes: 64e6 }, 'warn', 'EACCES'],
])('a spool with %j and %j is %s', (folder, report, state, words) => {
  expect(checkSpool('/spool', folder, report)).toMatchObject({ state, message: expect.stringContaining(words) });
});

test.each([
  [0, 'ok', 'none is running'],
  [4, 'ok', 'http://lab'],
  [3, 'warn', 'only 3 of 4'],
])('a lab of which %i services run is %s', (running, state, words) => {
  const check = checkLab({ running, services: 4, url: 'http://lab' }, settings({}));
  expect(check).toMatchObject({ state, message: expect.stringContaining(words) });
});

const named = { NETBOX_URL: 'http://prod' };
const redis = { REDIS_HOST: 'r' };

test.each([
  [
    'environment',
    named,
    'warn',
    'http://prod (environment), so that its',
    'REDIS_HOST, REDIS_PORT, PGHOST, PGPORT, too',
  ],
  ['.env', { ...named, ...redis }, 'warn', 'http://prod (.env), so that its', 'set PGHOST, PGPORT, too'],
  ['environment', { ...named, ...redis, PGPORT: '2' }, 'ok', 'and not used: NETBOX_URL is http://prod', ''],
  ['environment', { NETBOX_URL: 'http://lab' }, 'ok', 'running at http://lab', ''],
] as const)('a lab beside %s with %j is %s', (origin, values, state, words, fix) => {
  const check = checkLab({ running: 4, services: 4, url: 'http://lab' }, settings(values, origin));
  expect(check).toMatchObject({ state, message: expect.stringContaining(words) });
  expect(check.fix ?? '').toContain(fix);
});

test('a lab is used where its settings count, whatever its NetBox is called', () => {
  const some = settings({ NETBOX_URL: 'http://localhost' }, 'environment').all;
  const all = some.map(one => (one.name === 'PGHOST' ? { ...one, origin: 'lab' as const } : one));
  expect(checkLab({ running: 4, services: 4, url: 'http://127.0.0.1' }, { all }).message).toMatch(/^running at/);
});

test('a lab of which no NetBox is left is not said to be passed over for the default', () => {
  const check = checkLab({ running: 1, services: 4, url: 'http://lab' }, settings({ NETBOX_URL: 'x' }, 'default'));
  expect(check.message).toBe('only 1 of 4 services run');
});

test.each(['token-refused', 'token-may-not-read'] as const)('%s is told on the line of the token', kind => {
  const failure = new Failure(kind, 'NetBox says no', { next: 'bmtool doctor shows more.' });
  const checks = failedChecks('netbox', failure, settings({ NETBOX_TOKEN: 'x' }, '.env'));
  expect(checks).toMatchObject([
    { name: 'netbox', state: 'ok', message: 'NetBox answers at http://nbx' },
    { name: 'token', state: 'fail', message: 'NetBox says no', fix: expect.stringMatching(/NETBOX_TOKEN.* \.env/) },
  ]);
});

test.each(['token-refused', 'token-may-not-read', 'netbox-answer-unknown'] as const)(
  '%s: the doctor does not send one to the doctor',
  kind => {
    const failure = new Failure(kind, 'what', { next: 'Ask bmtool doctor.' });
    const fixes = failedChecks('netbox', failure, settings({})).map(({ fix }) => fix ?? '');
    expect(fixes.join()).not.toContain('doctor');
  },
);

test('what else failed keeps its line and its advice', () => {
  const failure = new Failure('redis-unreachable', 'Cannot reach Redis', { next: 'Check REDIS_HOST.' });
  expect(failedChecks('redis', failure, settings({}))).toEqual([
    { name: 'redis', state: 'fail', message: 'Cannot reach Redis', fix: 'Check REDIS_HOST.' },
  ]);
});
