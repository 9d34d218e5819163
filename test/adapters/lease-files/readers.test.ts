import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialects } from '../../../src/adapters/lease-files/dialects.ts';
import { recognise } from '../../../src/adapters/lease-files/recognise.ts';
import { dhcpServers } from '../../../src/core/lease.ts';
import { tries } from '../../support/tries.ts';
import { fixture, keaHeader } from './fixture.ts';

const recordings = { isc: 'dhcpd.leases', kea: 'kea-leases4.csv', dnsmasq: 'dnsmasq.leases' } as const;

/** A recording with bytes changed, left out and put in. */
const mutated = (text: string) =>
  fc
    .array(fc.tuple(fc.nat(text.length), fc.nat(40), fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 12 })
    .map(changes =>
      changes.reduce((now, [at, out, put]) => now.slice(0, at) + latin1(put) + now.slice(at + out), text),
    );
const latin1 = (text: string) => Buffer.from(text).toString('latin1');

describe.each(dhcpServers)('%s', server => {
  const { read } = dialects[server];
  const text = fixture(recordings[server]);

  it('never throws, whatever a file is like, and says nothing that a terminal would obey', () => {
    fc.assert(
      fc.property(fc.oneof(mutated(text), fc.string({ unit: 'binary' }).map(latin1)), hostile => {
        const { entries, used } = read(hostile, keaHeader);
        expect(used).toBeGreaterThanOrEqual(0);
        expect(used).toBeLessThanOrEqual(hostile.length);
        for (const value of entries.flatMap(entry => Object.values(entry)))
          if (typeof value === 'string') expect(value).toMatch(/^\P{C}{1,255}$/u);
        recognise(hostile, 'a');
      }),
      { numRuns: tries(500) },
    );
  });

  it('reads the same in pieces as whole, wherever they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), cuts => {
        let at = 0;
        const entries = [...cuts.sort((a, b) => a - b), text.length].flatMap(cut => {
          const reading = read(text.slice(at, Math.max(cut, at)), keaHeader);
          at += reading.used;
          return reading.entries;
        });
        expect(at).toBe(text.length);
        expect(entries).toEqual(read(text, keaHeader).entries);
      }),
    );
  });

  it('uses something of every chunk, so that reading comes to an end', () => {
    for (const filler of ['x', '{', '"', ' lease 192.0.2.1 {', ',', '\n', '\\'])
      expect(read(filler.repeat(70_000), keaHeader).used, filler).toBeGreaterThan(0);
  });

  it('is recognised by its content, whatever its name, and by its name while it is empty', () => {
    expect(recognise(text, '/tmp/x')).toEqual({ server });
    expect(recognise('', `/var/lib/${recordings[server]}`)).toEqual({ server });
  });
});

it.each([
  ['a header alone', `${keaHeader}\n`, { server: 'kea' }],
  ['a newer header', `${keaHeader},pool_id\n`, { server: 'kea' }],
  ['dhcpd before its first lease', 'authoring-byte-order little-endian;\n', { server: 'isc' }],
  ['dnsmasq with IPv6 alone', 'duid 00:01:00:01\n', { server: 'dnsmasq' }],
  ['nothing', '', undefined],
  ['a line that is not yet whole', '1795236229 94:40', undefined],
])('recognises %s', (_, head, is) => {
  expect(recognise(head, '/tmp/x')).toEqual(is);
});

it.each([
  ['IPv6 of Kea', 'address,duid,valid_lifetime,expire,subnet_id\n', 'IPv6'],
  ['IPv6 of dhcpd', 'server-duid "x";\nia-na "\\001" {\n', 'IPv6'],
  ['a client’s leases', 'lease {\n  interface "eth0";\n', 'client'],
  ['a log', 'Nov 21 04:41:48 dnsmasq[16991]: started\nNov 21\n', 'no lease file'],
  ['a program', '\x7fELF\x02\x01\n\n', 'no lease file'],
])('refuses %s', (_, head, says) => {
  const found = recognise(head, '/tmp/dhcpd.leases');
  expect(found && 'refusal' in found && found.refusal).toContain(says);
});
