import { expect, test } from 'vitest';
import { allRights, jobs, permissionOf, rightsOf } from '../../src/core/rights.ts';

const named = (name: string) => {
  const job = jobs.find(one => one.name === name);
  if (job === undefined) throw new Error(`no job ${name}`);
  return rightsOf(job).map(permissionOf);
};

test("rights have NetBox's names", () => {
  expect(permissionOf({ op: 'read', kind: 'dcim.devicerole' })).toBe('dcim.view_devicerole');
  expect(permissionOf({ op: 'create', kind: 'dcim.macaddress' })).toBe('dcim.add_macaddress');
  expect(permissionOf({ op: 'update', kind: 'dcim.cable' })).toBe('dcim.change_cable');
  expect(permissionOf({ op: 'delete', kind: 'extras.tag' })).toBe('extras.delete_tag');
});

test('to take back what made something takes the right to remove it, to see it, and to see who touched it since', () => {
  const undo = named('undo of load-macs');
  expect(undo).toContain('dcim.delete_macaddress');
  expect(undo).toContain('dcim.view_macaddress');
  expect(undo).toContain('core.view_objectchange');
  expect(undo).not.toContain('dcim.add_macaddress');
  expect(named('undo of state restore')).toContain('extras.add_tag');
});

test('what only looks writes nothing, so nothing of it can be taken back', () => {
  expect(jobs.map(({ name }) => name)).not.toContain('undo of verify, state show');
  expect(named('verify, state show').filter(name => !name.includes('.view_'))).toEqual([]);
});

test('whoever writes a kind may also look at it: a lost answer is looked up', () => {
  for (const job of jobs) {
    const written = new Set(Object.values(job.writes).flat());
    expect(job.reads, job.name).toEqual(expect.arrayContaining([...written]));
  }
});

test('all rights are those of all jobs, each once', () => {
  const all = allRights().map(permissionOf);
  expect(new Set(all).size).toBe(all.length);
  expect(new Set(all)).toEqual(new Set(jobs.flatMap(job => rightsOf(job).map(permissionOf))));
});
