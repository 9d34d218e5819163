import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hexOf,
  type Lease,
  type LeaseEvent,
  leaseEvent,
  leaseKinds,
  parseLeaseEvent,
  textOf,
  textOrHexOf,
} from '../../src/core/lease.ts';
import type { Mac } from '../../src/core/mac.ts';
import { announcementsOf } from '../../src/features/leases/announcement.ts';
import { decideScene, sceneOf } from '../features/leases/scenes.ts';

const ajv = new Ajv2020({ allErrors: true });
const validator = (name: string) => ajv.compile(JSON.parse(readFileSync(`schemas/${name}.json`, 'utf8')));

const lease: Lease = {
  time: '2026-11-21T10:00:00.500Z',
  kind: 'granted',
  mac: '94:40:C9:00:00:01' as Mac,
  address: '10.20.0.5',
  leaseSeconds: 600,
  source: { way: 'hook', server: 'kea', host: 'dhcp 1' },
};

const text = fc.option(fc.string({ minLength: 1, unit: 'binary' }), { nil: undefined });
const leases: fc.Arbitrary<Lease> = fc
  .record({
    hostname: text,
    vendorClass: text,
    circuitId: text,
    kind: fc.constantFrom(...leaseKinds),
    leaseSeconds: fc.nat(),
  })
  .map(fields => ({ ...lease, ...(JSON.parse(JSON.stringify(fields)) as Partial<Lease>) }));

describe('a lease event', () => {
  test('has an id made of what the server said, not of who heard it', () => {
    const end = Math.floor(Date.parse(lease.time) / 1000) + 600;
    expect(leaseEvent(lease).id).toBe(`granted/94:40:C9:00:00:01/10.20.0.5/${end}`);
    const tapped = leaseEvent({ ...lease, source: { way: 'tap', host: 'x' } });
    expect(tapped.id).toBe(leaseEvent(lease).id);
    expect([leaseEvent(lease).source, tapped.source]).toEqual(['/dhcp/dhcp%201/kea', '/dhcp/x/tap']);
    expect(leaseEvent(lease, 1234).id).toMatch(/\/1234$/);
  });

  test('read back is as the published schema has it, whatever its texts were', () => {
    const isValid = validator('dhcp-lease.v1');
    fc.assert(
      fc.property(leases, one => {
        const read = parseLeaseEvent(JSON.stringify(leaseEvent(one)));
        expect(typeof read === 'string' ? read : isValid(read), JSON.stringify(isValid.errors)).toBe(true);
        expect(Object.values((read as LeaseEvent).data).join()).not.toMatch(/\p{Cc}/u);
        return true;
      }),
    );
  });

  test('of anything else is refused with a reason, and never throws', () => {
    const good = leaseEvent(lease);
    const refused = (change: object) => parseLeaseEvent(JSON.stringify({ ...good, ...change }));
    expect(refused({ specversion: '0.3' })).toBe('it is no CloudEvent 1.0');
    expect(refused({ type: 'other' })).toContain('io.bmtool.dhcp.lease.v1');
    expect(refused({ id: 7 })).toContain('no id');
    expect(refused({ data: { ...lease, kind: 'sold' } })).toContain('kind');
    expect(refused({ data: { ...lease, mac: 'FF:FF:FF:FF:FF:FF' } })).toContain('broadcast');
    expect(refused({ data: { ...lease, address: '10.20.0.5/24' } })).toContain('IPv4');
    expect(refused({ data: { ...lease, address: 'fe80::1' } })).toContain('IPv4');
    expect(refused({ data: { ...lease, time: 'yesterday' } })).toContain('time');
    expect(refused({ data: { ...lease, source: {} } })).toContain('source');
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), any => typeof parseLeaseEvent(any) === 'string'));
  });
});

test('what others are told of a discovered device is as its schema has it', () => {
  const situation = {
    order: 'newer',
    lease: 'granted',
    mac: 'bmc',
    looks: 'nothing',
    device: 'offline',
    address: 'none',
    holder: 'nobody',
  } as const;
  const [told] = announcementsOf(sceneOf(situation).event, decideScene(situation));
  const isValid = validator('device-discovered.v1');
  expect(isValid(JSON.parse(told?.text ?? '')), JSON.stringify(isValid.errors)).toBe(true);
  expect(announcementsOf(sceneOf(situation).event, decideScene({ ...situation, device: 'active' }))).toEqual([]);
});

describe('text that clients choose', () => {
  test.each([
    ['ILOMXQ1\0\0', 'ILOMXQ1'],
    ['\0', undefined],
    ['a\u001b[31mred\nb', 'a\ufffd[31mred\ufffdb'],
    ['x'.repeat(300), 'x'.repeat(255)],
  ])('%j → %j', (bytes, expected) => {
    expect(textOf(Buffer.from(bytes))).toBe(expected);
  });

  test('bytes that are no UTF-8 are told as such; ids of circuits as text or hex', () => {
    expect(textOf(Uint8Array.of(0x41, 0xff))).toBe('A\ufffd');
    expect(hexOf(Uint8Array.of(1, 0x94))).toBe('01:94');
    expect([textOrHexOf(Buffer.from('dn0')), textOrHexOf(Uint8Array.of(0, 4)), textOrHexOf(new Uint8Array())]).toEqual([
      'dn0',
      '00:04',
      undefined,
    ]);
  });
});
