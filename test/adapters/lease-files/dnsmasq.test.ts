import { describe, expect, it } from 'vitest';
import { readDnsmasq } from '../../../src/adapters/lease-files/dnsmasq.ts';
import { fixture } from './fixture.ts';

const line = '1795236229 94:40:c9:00:00:01 192.0.2.111 ILOMXQ1111111 01:94:40:c9:00:00:01\n';

describe('readDnsmasq', () => {
  it('reads what dnsmasq wrote', () => {
    expect(readDnsmasq(fixture('dnsmasq.leases'))).toEqual({
      used: 140,
      entries: [
        {
          address: '198.51.100.113',
          state: 'granted',
          mac: '94:40:C9:00:00:03',
          endsAt: 1795236235,
          hostname: 'XCC-7Z23-J101RZ43',
          clientId: '01:94:40:c9:00:00:03',
        },
        {
          address: '192.0.2.112',
          state: 'granted',
          mac: '94:40:C9:00:00:02',
          endsAt: 1795236234,
          hostname: 'idrac-F54P1G3',
        },
      ],
    });
  });

  it('passes over IPv6, and takes what newer versions say below it', () => {
    const text = `${line}0 94:40:c9:00:00:02 192.0.2.112 * *\nduid 00:01:00:01:32:93\n1795236229 123456789012 2001:db8::5 * 00:01\n1795236229 T7 2001:db8::6 host 00:01\nvendorclass 192.0.2.111 43:50:51:52:49:42:33\nagent-info 192.0.2.112 01:03:64:6e:30:02:02:00:ff\nvendorclass 2001:db8::5 43\n`;
    expect(readDnsmasq(text).entries).toEqual([
      {
        address: '192.0.2.111',
        state: 'granted',
        mac: '94:40:C9:00:00:01',
        endsAt: 1795236229,
        hostname: 'ILOMXQ1111111',
        clientId: '01:94:40:c9:00:00:01',
        vendorClass: 'CPQRIB3',
      },
      {
        address: '192.0.2.112',
        state: 'granted',
        mac: '94:40:C9:00:00:02',
        endsAt: 0,
        circuitId: 'dn0',
        remoteId: '00:ff',
      },
    ]);
  });

  it.each([
    ['other hardware than Ethernet', '1795236229 06-94:40:c9:00:00:01 192.0.2.111 * *\n'],
    ['a torn line', line.trimEnd()],
    ['a line that is missing a word', '1795236229 94:40:c9:00:00:01 192.0.2.111 *\n'],
    ['a word too many', '1795236229 94:40:c9:00:00:01 192.0.2.111 * * *\n'],
    ['an end that is none', 'soon 94:40:c9:00:00:01 192.0.2.111 * *\n'],
  ])('takes no lease from %s', (_, text) => {
    expect(readDnsmasq(text).entries).toEqual([]);
  });
});
