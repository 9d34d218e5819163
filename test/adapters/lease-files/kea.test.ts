import { describe, expect, it } from 'vitest';
import { readKea } from '../../../src/adapters/lease-files/kea.ts';
import { fixture, keaHeader } from './fixture.ts';

const read = (line: string, header = keaHeader) => readKea(`${line}\n`, header).entries[0];

describe('readKea', () => {
  it('reads what Kea wrote', () => {
    const { entries, used } = readKea(fixture('kea-leases4.csv'), '');
    expect(used).toBe(fixture('kea-leases4.csv').length);
    expect(entries.map(({ address, state, mac, endsAt }) => [address, state, mac?.slice(-2), endsAt])).toEqual([
      ['192.0.2.100', 'granted', '01', 1795236558],
      ['192.0.2.100', 'granted', '01', 1795236560],
      ['192.0.2.100', 'released', '01', undefined],
      ['192.0.2.101', 'granted', '02', 1795236564],
      ['198.51.100.100', 'granted', '03', 1795236564],
      ['192.0.2.101', 'expired', '02', 1795236564],
      ['198.51.100.100', 'expired', '03', 1795236564],
    ]);
    expect(entries[1]).toEqual({
      address: '192.0.2.100',
      state: 'granted',
      mac: '94:40:C9:00:00:01',
      endsAt: 1795236560,
      touchedAt: 1795236530,
      leaseSeconds: 30,
      hostname: 'ilomxq1111111',
      clientId: '01:94:40:c9:00:00:01',
    });
  });

  it('reads a declined lease, which has lost its client', () => {
    const [declined] = readKea(fixture('kea-declined.csv'), '').entries;
    expect(declined).toEqual({ address: '192.0.2.100', state: 'declined', touchedAt: 1795296439 });
  });

  it('reads columns by their names, also where Kea 2.6 has more', () => {
    const line = '192.0.2.1,94:40:c9:00:00:01,,60,1795236560,1,0,0,a,0,,7';
    expect(read(line, `${keaHeader},pool_id`)).toMatchObject({ hostname: 'a', state: 'granted' });
    const old = 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname';
    expect(read('192.0.2.1,94:40:c9:00:00:01,,60,1795236560,1,0,0,a', old)).toMatchObject({ state: 'granted' });
  });

  it.each([
    ['a&#x2cb&#x26c', 'a,b&c'],
    ['&#x2', '&#x2'],
    ['&#x1b[2J', '\ufffd[2J'],
    ['&#xc3&#xa9', 'é'],
    ['', undefined],
  ])('hostname %s', (written, hostname) => {
    expect(read(`192.0.2.1,94:40:c9:00:00:01,,60,1795236560,1,0,0,${written},0,`)?.hostname).toBe(hostname);
  });

  it.each([
    ['{ "ISC": { "relay-agent-info": "0x0103646E300206001122334455" } }', 'dn0', '00:11:22:33:44:55'],
    ['{ "ISC": { "relay-agent-info": { "remote-id": "001122", "sub-options": "0x0103646E30" } } }', 'dn0', undefined],
    ['{ "ISC": { "relay-agent-info": { "sub-options": "0x01" } } }', undefined, undefined],
    ['{ "ISC": { "relay-agent-info": "0x01FF64" } }', 'd', undefined],
    ['{ "relay-agent-info": {} }', undefined, undefined],
  ])('user context %s', (context, circuitId, remoteId) => {
    const entry = read(`192.0.2.1,94:40:c9:00:00:01,,60,1795236560,1,0,0,,0,${context.replaceAll(',', '&#x2c')}`);
    expect([entry?.circuitId, entry?.remoteId]).toEqual([circuitId, remoteId]);
  });

  it.each([
    ['a renewal of what never ends', '192.0.2.1,94:40:c9:00:00:01,,4294967295,6090203857,1,0,0,,0,', 'granted'],
    ['a released lease that is kept (Kea 2.7)', '192.0.2.1,94:40:c9:00:00:01,,60,1795236560,1,0,0,,3,', 'released'],
    ['a state that nobody knows', '192.0.2.1,94:40:c9:00:00:01,,60,1795236560,1,0,0,,9,', undefined],
    ['a state that is no number', '192.0.2.1,94:40:c9:00:00:01,,60,1795236560,1,0,0,,constructor,', undefined],
    ['a torn line', '192.0.2.1,94:40:c9:00:00:01,,60,17952', undefined],
    ['IPv6', '2001:db8::1,94:40:c9:00:00:01,,60,1795236560,1,0,0,,0,', undefined],
    ['numbers that are none', '192.0.2.1,94:40:c9:00:00:01,,1e3,-5,1,0,0,,0,', undefined],
    ['an empty line', '', undefined],
  ])('%s', (_, line, state) => {
    expect(read(line)?.state).toBe(state);
  });
});
