import { describe, expect, it } from 'vitest';
import { readIsc } from '../../../src/adapters/lease-files/isc.ts';
import { fixture } from './fixture.ts';

/** A block as dhcpd writes it, with statements of the test's own. */
const block = (...statements: string[]) =>
  `lease 192.0.2.7 {\n  starts 6 2026/11/21 04:45:49;\n  ends 6 2026/11/21 04:46:49;\n  binding state active;\n  hardware ethernet 94:40:c9:00:00:01;\n${statements.map(line => `  ${line}\n`).join('')}}\n`;
const read = (...statements: string[]) => readIsc(block(...statements)).entries[0];

describe('readIsc', () => {
  it('reads what dhcpd wrote, with all that its hook left there', () => {
    const { entries, used } = readIsc(fixture('dhcpd.leases'));
    expect(used).toBe(fixture('dhcpd.leases').length);
    expect(entries.map(({ address, state, mac, endsAt }) => [address, state, mac?.slice(-2), endsAt])).toEqual([
      ['192.0.2.100', 'granted', '01', 1795236409],
      ['192.0.2.100', 'over', '01', 1795236353],
      ['192.0.2.101', 'granted', '02', 1795236415],
      ['198.51.100.100', 'granted', '03', 1795236416],
      ['192.0.2.101', 'over', '02', 1795236415],
      ['198.51.100.100', 'over', '03', 1795236416],
    ]);
    expect(entries[3]).toEqual({
      address: '198.51.100.100',
      state: 'granted',
      mac: '94:40:C9:00:00:03',
      endsAt: 1795236416,
      touchedAt: 1795236356,
      leaseSeconds: 60,
      hostname: 'XCC-7Z23-J101RZ43',
      vendorClass: 'PXEClient',
      clientId: '01:94:40:c9:00:00:03',
      relay: '198.51.100.1',
      circuitId: 'dn0',
    });
  });

  it('reads quotes and braces in names, raw bytes in variables, and a declined lease', () => {
    const { entries } = readIsc(fixture('dhcpd-declined.leases'));
    expect(entries.map(({ state, mac }) => [state, mac])).toEqual([
      ['granted', '94:40:C9:00:00:01'],
      ['declined', undefined],
      ['granted', '94:40:C9:00:00:01'],
    ]);
    expect(entries[0]).toMatchObject({ hostname: 'a"b{c}', remoteId: '00:ff:78', vendorClass: 'CPQRIB3' });
    expect(entries[1]?.endsAt, 'the end of the quarantine is nobody’s lease').toBeUndefined();
  });

  it.each([
    ['ends 6 2026/11/21 04:46:49;', 1795236409],
    ['ends epoch 1795236409; # Sat Nov 21 05:46:49 2026 { "', 1795236409],
    ['ends never;', 0],
    ['ends 6 2026/11/21 4:6:9;', 1795233969],
    ['ends 6 yesterday;', undefined],
    ['ends;', undefined],
    ['ends epoch 99999999999999999999;', undefined],
    ['ends 6 9999/99/99 99:99:99;', undefined],
  ])('%s', (statement, endsAt) => {
    expect(read(statement)?.endsAt).toBe(endsAt);
  });

  it.each([
    ['active', 'granted'],
    ['free', 'over'],
    ['backup', 'over'],
    ['reset', 'over'],
    ['released', 'released'],
    ['expired', 'expired'],
    ['abandoned', 'declined'],
  ])('binding state %s is %s', (state, is) => {
    expect(read(`binding state ${state};`)?.state).toBe(is);
  });

  it.each(['', 'constructor', '__proto__', 'ACTIVE'])('takes no record whose binding state is "%s"', state => {
    expect(read(`binding state ${state};`)).toBeUndefined();
  });

  it.each([
    ['uid "\\001\\224@\\311\\000\\000\\001";', { clientId: '01:94:40:c9:00:00:01' }],
    ['uid 01:94:40:c9:00:00:01;', { clientId: '01:94:40:c9:00:00:01' }],
    ['set ClientCid = "1:94:40:c9:0:0:1";', { clientId: '01:94:40:c9:00:00:01' }],
    ['set ClientCid = "(none)";', { clientId: undefined }],
    ['client-hostname "idrac-F54P1G3";', { hostname: 'idrac-F54P1G3' }],
    ['client-hostname "a\\"b;}\\\\";', { hostname: 'a"b;}\\' }],
    ['client-hostname "\\033[2J\\303\\251";', { hostname: '\ufffd[2Jé' }],
    ['set ClientHost = "(none)";', { hostname: undefined }],
    ['set ClientHost = "ILO1";', { hostname: 'ILO1' }],
    ['client-hostname "said";\n  set ClientHost = "seen";', { hostname: 'said' }],
    ['set vendor-class-identifier = "CPQRIB3";', { vendorClass: 'CPQRIB3' }],
    ['set ClientVci = "iDRAC";', { vendorClass: 'iDRAC' }],
    ['set ClientVci = 69:44:52:41:43;', { vendorClass: 'iDRAC' }],
    ['set RelayIP = "0.0.0.0";', { relay: undefined }],
    ['set RelayIP = "198.51.100.1";', { relay: '198.51.100.1' }],
    ['option agent.circuit-id "dn0";', { circuitId: 'dn0' }],
    ['option agent.circuit-id 0:4:1f:a;', { circuitId: '00:04:1f:0a' }],
    ['set Circuit = "\\000\\004\\037";', { circuitId: '00:04:1f' }],
    ['set Circuit = "64:6e:30";', { circuitId: 'dn0' }],
    ['option agent.remote-id 0:15:5d:1:2:3;', { remoteId: '00:15:5d:01:02:03' }],
    ['set RemoteId = "0:15:5d:1:2:3";', { remoteId: '00:15:5d:01:02:03' }],
    ['set RemoteId = "(none)";', { remoteId: undefined }],
    ['hardware token-ring 94:40:c9:00:00:09;', { mac: '94:40:C9:00:00:01' }],
    ['hardware ethernet 94:40:c9:0:0:9;', { mac: '94:40:C9:00:00:09' }],
    ['on expiry {\n    set ClientHost = "inner";\n    execute ("}", "{");\n  }', { hostname: undefined }],
    ['bootp;\n  reserved;\n  billing class "x{";', { state: 'granted' }],
  ])('%s', (statement, has) => {
    expect(read(statement)).toEqual(expect.objectContaining(present(has)));
    for (const [name, value] of Object.entries(has))
      if (value === undefined) expect(read(statement)).not.toHaveProperty(name);
  });

  it('leaves out IPv6, hosts, groups, and what a client keeps of its own leases', () => {
    const others =
      'host a { hardware ethernet 94:40:c9:00:00:01; }\nia-na "\\001" {\n  iaaddr 2001:db8::1 { binding state active; }\n}\nlease {\n  fixed-address 192.0.2.1;\n}\nlease 300.1.1.1 {\n binding state active;\n}\n';
    expect(readIsc(others + block()).entries.map(({ address }) => address)).toEqual(['192.0.2.7']);
  });

  it('waits for the end of a block, and takes none that was torn before the next', () => {
    const whole = block('client-hostname "one";');
    for (let at = 0; at < whole.length - 1; at++) {
      const torn = readIsc(whole.slice(0, at));
      expect(torn.entries, whole.slice(0, at)).toEqual([]);
      expect(torn.used).toBeLessThanOrEqual('lease 192.0.2.7 {'.length);
      const goneOn = readIsc(`${whole.slice(0, at)}\n${whole.replace('192.0.2.7', '192.0.2.8')}`);
      expect(goneOn.entries.map(({ address }) => address)).toEqual(['192.0.2.8']);
    }
  });

  it('passes over a block that never ends', () => {
    const endless = `lease 192.0.2.9 {\n${'  set a = "b";\n'.repeat(8_000)}`;
    expect(readIsc(endless).used).toBe(endless.length);
    expect(readIsc(endless + block()).entries).toHaveLength(1);
  });
});

function present(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
