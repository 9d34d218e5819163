import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entryMark, entryText, type Inversion, parseEntry } from '../../../src/features/phases/entry.ts';

const inversion: Inversion = [
  { nic: { id: 11, name: 'eno1' }, port: { id: 21, name: 'tor-r1-a Ethernet1' } },
  { nic: { id: 12, name: 'eno2' }, port: { id: 22, name: 'tor-r1-b Ethernet1' } },
];

test('names both wrong ports and both right ones, as links', () => {
  expect(entryText(inversion, '/netbox')).toBe(`${entryMark}: the switch ends of two production cables are swapped.

| NIC | is in | belongs in |
|---|---|---|
| [eno1](/netbox/dcim/interfaces/11/) | [tor-r1-b Ethernet1](/netbox/dcim/interfaces/22/) | [tor-r1-a Ethernet1](/netbox/dcim/interfaces/21/) |
| [eno2](/netbox/dcim/interfaces/12/) | [tor-r1-a Ethernet1](/netbox/dcim/interfaces/21/) | [tor-r1-b Ethernet1](/netbox/dcim/interfaces/22/) |`);
});

test('is read back, whatever the names and the path', () => {
  const aPort = fc.record({ id: fc.integer({ min: 1, max: 10 ** 6 }), name: fc.string() });
  fc.assert(
    fc.property(fc.tuple(aPort, aPort, aPort, aPort), fc.constantFrom('', '/netbox', '/a/b'), ([a, b, c, d], path) => {
      fc.pre(a.id !== c.id && ![a, b, c, d].some(({ name }) => /[\r\n\u2028\u2029]/.test(name)));
      const written: Inversion = [
        { nic: a, port: b },
        { nic: c, port: d },
      ];
      const ids = (read: Inversion | undefined) => read?.flatMap(({ nic, port }) => [nic.id, port.id]);
      expect(ids(parseEntry(entryText(written, path)))).toEqual(ids(written));
    }),
  );
});

describe("somebody else's words are not bmtool's", () => {
  const text = entryText(inversion, '');
  test.each([
    ['an entry by a person', 'Cable Inversion on eno1, seen by me'],
    ['one with our first line only', `${entryMark}: hm`],
    ['one of ours that somebody wrote more into', `${text}\n\nMended. Bob`],
    ['one whose ports do not match each other', text.replace('interfaces/22/', 'interfaces/29/')],
    ['one about a single NIC', text.split('\n').slice(0, -1).join('\n')],
    ['nothing', ''],
  ])('%s', (_, other) => expect(parseEntry(other)).toBeUndefined());
});

test('NetBox may end its lines as it likes', () => {
  expect(parseEntry(`${entryText(inversion, '').replaceAll('\n', '\r\n')}\r\n`)).toEqual(inversion);
});
