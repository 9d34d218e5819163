import { type Fleet, isServer } from './fleet.ts';
import { type ManifestRow, manifestCsv } from './manifest.ts';

const header = 'server_serial,server_bmc_mac';

/**
 * The files of fixtures/manifests by name: what the supplier of a fleet should have sent, and what suppliers send.
 * `fixtures/manifests/README.md` says what each is for.
 *
 * @param rows the fleet's own manifest, at least 40 rows
 */
export function manifestFiles(fleet: Fleet, rows: readonly ManifestRow[]): Record<string, string | Uint8Array> {
  const at = (index: number): ManifestRow => {
    const row = rows[index];
    if (row === undefined) throw new RangeError(`the fleet is too small for the manifests: it has no row ${index}`);
    return row;
  };
  const line = ({ serial, mac }: ManifestRow) => `${serial},${mac}`;
  const csv = (...lines: string[]) => `${[header, ...lines].join('\n')}\n`;
  const good = (from: number, count: number) => Array.from({ length: count }, (_, i) => line(at(from + i)));
  return {
    [`servers-${rows.length}.csv`]: manifestCsv(rows),
    'dirty.csv': csv(...dirtyLines(fleet, at)),
    'invalid-macs.csv': csv(line(at(0)), ...badMacs.map((mac, i) => `${at(i + 1).serial},${mac}`), line(at(20))),
    'duplicates.csv': csv(...duplicateLines(at)),
    'oui-mismatch.csv': csv(...ouiLines(fleet, rows)),
    'not-found.csv': csv(line(at(0)), ...strangers.map(line), ...notServers(fleet), line(at(1))),
    'mac-notations.csv': csv(...notationLines(rows)),
    ...layouts(at),
    'ragged.csv': csv(
      line(at(0)),
      '',
      at(1).serial,
      `${line(at(2))},surplus,cells`,
      `,${at(3).mac}`,
      '  ,  ',
      line(at(4)),
      '',
    ),
    'wrong-header.csv': `serial_number,mac_address\n${good(0, 3).join('\n')}\n`,
    'no-header.csv': `${good(0, 3).join('\n')}\n`,
    'header-only.csv': `${header}\n`,
    'empty.csv': '',
    'binary.csv': spreadsheetBytes(),
    'utf16.csv': utf16(csv(...good(0, 3))),
  };
}

/** Serials in the makers' shapes that no device of the fleet has, with MACs of their makers. */
const strangers: ManifestRow[] = [
  { serial: 'ZZZZZZ3', mac: 'B0:7B:25:00:00:01' },
  { serial: 'CZJ000ZZZZ', mac: '94:40:C9:00:00:02' },
  { serial: 'J900ZZZZ', mac: '38:68:DD:00:00:03' },
];

const badMacs = [
  '00:00:00:00:00:00',
  'FF:FF:FF:FF:FF:FF',
  '01:00:5E:00:00:FB', // multicast
  '33:33:00:00:00:01', // multicast
  'B0:7B:25:12:34', // five octets
  'B0:7B:25:12:34:56:78:90', // EUI-64
  'B0:7B:25:12:34:5G',
  'B0:7B-25:12.34:56', // mixed separators
  'B07B2512345', // eleven digits
  'pending',
  'N/A',
  '"B0:7B:25:12:34:56 / B0:7B:25:12:34:57"',
  '',
];

/** A demonstration against the loaded fleet: a delivery as it comes when somebody typed in a hurry. */
function dirtyLines(fleet: Fleet, at: (index: number) => ManifestRow): string[] {
  const line = ({ serial, mac }: ManifestRow) => `${serial},${mac}`;
  const [observer = ''] = notServers(fleet);
  return [
    ...[0, 1, 2].map(i => line(at(i))),
    `${at(3).serial},${bumped(at(3).mac)}`, // another board than the manifest of the fleet says
    `${at(4).serial},${bumped(at(4).mac)}`,
    `${at(5).serial},${at(30).mac}`, // belongs to a server that is not in this file
    line(at(6)).toLowerCase(),
    ...strangers.slice(0, 2).map(line),
    `${at(8).serial},`,
    `,${at(9).mac}`,
    ...badMacs.slice(0, 3).map((mac, i) => `${at(10 + i).serial},${mac}`),
    `${at(13).serial},${badMacs[4]}`,
    `${at(14).serial},${badMacs[9]}`,
    line(at(15)),
    line(at(16)),
    `${at(15).serial},${bumped(at(15).mac)}`, // the same serial again
    `${at(17).serial},${at(16).mac}`, // the same MAC again
    observer,
    ` ${at(18).serial} , ${at(18).mac.replaceAll(':', '-')} `,
    `"${at(19).serial}","${ciscoText(at(19).mac)}"`,
    line(at(20)),
    line(at(21)),
  ];
}

function duplicateLines(at: (index: number) => ManifestRow): string[] {
  const line = ({ serial, mac }: ManifestRow) => `${serial},${mac}`;
  return [
    line(at(0)),
    line(at(1)),
    line(at(0)), // the whole row again
    `${at(1).serial},${at(2).mac}`, // the serial again, another MAC
    `${at(3).serial},${at(1).mac}`, // the MAC again, another serial
    line(at(4)),
    `${at(5).serial},${ciscoText(at(4).mac)}`, // the MAC again in another notation
    `${at(6).serial},${at(6).mac}`,
    `${at(6).serial.toLowerCase()},${at(7).mac}`, // the serial again in lower case
    line(at(8)),
    line(at(8)),
    line(at(8)),
    line(at(9)),
  ];
}

/** A MAC of another server maker, of a network card maker, of nobody, and a locally administered one. */
function ouiLines(fleet: Fleet, rows: readonly ManifestRow[]): string[] {
  const types = new Map(fleet.deviceTypes.map(type => [type.slug, type.manufacturer]));
  const makers = new Map(fleet.devices.map(device => [device.serial, types.get(device.deviceType)]));
  const of = (maker: string, nth: number) => rows.filter(row => makers.get(row.serial) === maker)[nth]?.serial ?? '';
  return [
    ...rows.slice(0, 2).map(({ serial, mac }) => `${serial},${mac}`),
    `${of('hpe', 0)},B0:7B:25:0A:00:01`, // Dell's
    `${of('dell', 2)},94:40:C9:0A:00:02`, // HPE's
    `${of('dell', 3)},7C:C2:55:0A:00:03`, // Supermicro's
    `${of('lenovo', 0)},38:68:DD:0A:00:04`, // Inventec's: makes Lenovo's boards
    `${of('supermicro', 0)},E8:9A:8F:0A:00:05`, // Quanta's
    `${of('hpe', 1)},6C:FE:54:0A:00:06`, // Intel's: a network card's MAC instead of the BMC's
    `${of('supermicro', 1)},02:42:AC:11:00:07`, // locally administered, as containers have
  ];
}

/** The observers and a switch of the fleet: devices with a serial, but no servers. */
function notServers(fleet: Fleet): string[] {
  const others = fleet.devices.filter(device => !isServer(fleet, device)).reverse();
  const observer = others.find(device => device.role === 'observer');
  const tor = others.find(device => device.role !== 'observer');
  return [`${observer?.serial},3C:EC:EF:00:00:0A`, `${tor?.serial},28:99:3A:00:00:0B`];
}

/** The same kind of address in every notation that suppliers use; the unpadded ones need an octet below 0x10. */
function notationLines(rows: readonly ManifestRow[]): string[] {
  const short = rows.filter(({ mac }) => /:0[1-9A-F]/.test(mac));
  const hex = (mac: string) => mac.replaceAll(':', '');
  const unpadded = (mac: string) => mac.replaceAll(/\b0/g, '');
  const write: ((mac: string) => string)[] = [
    mac => mac,
    mac => mac.toLowerCase(),
    mac => mac.replaceAll(':', '-'),
    mac => mac.replaceAll(':', '-').toLowerCase(),
    ciscoText,
    mac => ciscoText(mac).toUpperCase(),
    hex,
    mac => hex(mac).toLowerCase(),
    unpadded,
    mac => unpadded(mac).toLowerCase().replaceAll(':', '-'),
    mac => mac.replaceAll(':', ' '),
    mac => `${hex(mac).slice(0, 6)}-${hex(mac).slice(6)}`,
    mac => `"${mac}"`,
    mac => ` ${mac} `,
  ];
  return write.map((as, i) => `${short[i]?.serial},${as(short[i]?.mac ?? '')}`);
}

/** The same few servers, as different programs save a table. */
function layouts(at: (index: number) => ManifestRow): Record<string, string> {
  const five = [0, 1, 2, 3, 4].map(at);
  const quoted = five.map(
    ({ serial, mac }, i) => `"${i + 1}","${serial}","R1, unit ${i + 1}","${mac}","size 2"" slot"`,
  );
  return {
    'bom-crlf-quoted.csv': `\uFEFF${['"Line","Server_Serial","Place","SERVER_BMC_MAC","Remark"', ...quoted].join('\r\n')}\r\n`,
    'semicolons.csv': `${[header.replace(',', ';'), ...five.map(({ serial, mac }) => `${serial};${mac}`)].join('\n')}\n`,
    'tabs.tsv': `${[header.replace(',', '\t'), ...five.map(({ serial, mac }) => `${serial}\t${mac}`)].join('\n')}\n`,
    'columns-reordered.csv': `${[
      'model,server_bmc_mac,delivery note,server_serial',
      ...five.map(({ serial, mac }, i) => `,${mac},"DN 4711\npage ${i + 1}",${serial}`),
    ].join('\n')}\n`,
  };
}

function ciscoText(mac: string): string {
  return (mac.replaceAll(':', '').toLowerCase().match(/.{4}/g) ?? []).join('.');
}

/** The address after this one; the last octet wraps round. */
function bumped(mac: string): string {
  const last = (Number.parseInt(mac.slice(-2), 16) + 1) % 256;
  return mac.slice(0, -2) + last.toString(16).toUpperCase().padStart(2, '0');
}

/** The first bytes of an .xlsx that somebody renamed: a ZIP archive. */
function spreadsheetBytes(): Uint8Array {
  const name = Buffer.from('[Content_Types].xml');
  const head = [
    0x50, 0x4b, 0x03, 0x04, 0x14, 0, 6, 0, 8, 0, 0, 0, 0x21, 0, 0x62, 0xee, 0x9d, 0x68, 0x5e, 1, 0, 0, 0x90, 4, 0, 0,
  ];
  return Buffer.concat([Buffer.from(head), Buffer.from([name.length, 0, 8, 2]), name, Buffer.alloc(512)]);
}

/** What Excel saves as "Unicode text": UTF-16, little endian, with a byte order mark. */
function utf16(text: string): Uint8Array {
  return Buffer.from(`\uFEFF${text}`, 'utf16le');
}
