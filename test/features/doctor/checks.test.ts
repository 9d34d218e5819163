import { expect, test } from 'vitest';
import { allRights, permissionOf } from '../../../src/core/rights.ts';
import { checkDisk, checkLab, checkSpool } from '../../../src/features/doctor/machine.ts';
import { checkRights } from '../../../src/features/doctor/netbox.ts';

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
  const check = checkLab({ running, services: 4, url: 'http://lab' });
  expect(check).toMatchObject({ state, message: expect.stringContaining(words) });
});
