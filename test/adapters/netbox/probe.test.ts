import { expect, test } from 'vitest';
import { serversIn } from '../../../src/adapters/netbox/probe.ts';

const role = (id: number, name: string, device_count: number, parent: number | null = null) => ({
  id,
  name,
  device_count,
  parent: parent === null ? null : { id: parent },
});

test('devices of every role whose name fits', () => {
  expect(serversIn([role(1, 'Compute Server', 4), role(2, 'GPU Server', 3), role(3, 'ToR Switch', 9)], 'Server')).toBe(
    7,
  );
});

test("a role's own count holds its child roles': these count by their own names alone", () => {
  const roles = [role(1, 'Server', 10), role(2, 'Appliance', 4, 1), role(3, 'GPU Server', 3, 1), role(4, 'Old', 1, 2)];
  // Of the ten, three are GPU Servers, four are Appliances (one of them Old), three are of the role itself.
  expect(serversIn(roles, 'Server')).toBe(6);
  expect(serversIn(roles, 'Appliance')).toBe(3);
});

test('a NetBox before nested roles has no parents', () => {
  expect(serversIn([{ id: 1, name: 'Server', device_count: 2 }], 'Server')).toBe(2);
});
